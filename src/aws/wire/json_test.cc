#include "aws/wire/json.h"

#include <gtest/gtest.h>

#include "aws/wire/limits.h"

namespace tidemark::aws {
namespace {

ErrorKind failure(std::string_view text) {
  const Result<Json> value = parse_json(text);
  EXPECT_FALSE(value) << text.substr(0, 100);
  return value ? ErrorKind::unsafe : value.error().kind;
}

std::string repeated(std::string_view text, std::size_t count) {
  std::string result;
  for (std::size_t i = 0; i < count; ++i) result += text;
  return result;
}

TEST(Json, ReadsMembersWithoutThrowing) {
  const Json value = *parse_json(R"({"a":"x","n":12,"f":1.5,"big":18446744073709551615,"o":{}})");
  EXPECT_EQ(text_member(value, "a"), "x");
  EXPECT_EQ(text_member(value, "n"), "");
  EXPECT_EQ(text_member(value, "none"), "");
  EXPECT_EQ(integer_member(value, "n"), 12);
  EXPECT_EQ(integer_member(value, "f"), std::nullopt);
  EXPECT_EQ(integer_member(value, "big"), std::nullopt);
  EXPECT_TRUE(member(value, "o").is_object());
  EXPECT_TRUE(member(member(value, "a"), "b").is_null());
  EXPECT_EQ(text_member(Json::array(), "a"), "");
}

TEST(Json, KeysStandOnce) {
  EXPECT_EQ(failure(R"({"a":1,"a":2})"), ErrorKind::corrupt);
  EXPECT_EQ(failure(R"([{"x":{"a":1,"b":2,"\u0061":3}}])"), ErrorKind::corrupt);
  EXPECT_TRUE(parse_json(R"([{"a":{"a":1}},{"a":1}])"));
}

TEST(Json, DepthEndsAtTheLimit) {
  EXPECT_TRUE(parse_json(repeated("[", kDepthMax) + repeated("]", kDepthMax)));
  EXPECT_EQ(failure(repeated("[", kDepthMax + 1) + repeated("]", kDepthMax + 1)),
            ErrorKind::exhausted);
  EXPECT_EQ(failure(repeated("{\"a\":", 1'000'000)), ErrorKind::exhausted);
  EXPECT_TRUE(parse_json('"' + repeated("[", 1000) + '"'));
  EXPECT_TRUE(parse_json(R"("\"[[[\\")"));
}

TEST(Json, ValuesAndBytesEndAtTheLimit) {
  EXPECT_EQ(failure("[" + repeated("[],", kPartsMax) + "1]"), ErrorKind::exhausted);
  EXPECT_EQ(failure(std::string(kDocumentBytesMax + 1, ' ')), ErrorKind::exhausted);
}

TEST(Json, WhatIsNotOneValueIsCorrupt) {
  for (const char* text : {"", " ", "{", "}", "[1,]", "{\"a\"}", "1 2", "nul", "\"\xff\"", "1e999",
                           "\"\\ud800\"", "'a'", "// c\n1", "<html>", "NaN", "\"a"})
    EXPECT_EQ(failure(text), ErrorKind::corrupt) << text;
}

TEST(Json, EveryTruncationIsCorrupt) {
  const std::string text =
      R"({"Code":"Success","Expiration":"2026-11-22T02:00:00Z","n":[1,{"a":null}]})";
  for (std::size_t length = 0; length < text.size(); ++length)
    EXPECT_EQ(failure(text.substr(0, length)), ErrorKind::corrupt) << length;
}

}  // namespace
}  // namespace tidemark::aws
