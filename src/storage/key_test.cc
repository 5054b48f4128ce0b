#include "storage/key.h"

#include <gtest/gtest.h>

namespace tidemark::storage {
namespace {

TEST(Key, IsAPathThatCannotLeaveItsFolder) {
  for (const char* good : {"a", "config", "packs/0f/0fab.pack", "a-b_c.d", "0", "a/b/c/d/e", "x."})
    EXPECT_TRUE(is_key(good)) << good;
  for (const char* bad :
       {"",     "/", "/a",  "a/",   "a//b", ".",    "..",       "../a", "a/../b", ".a",
        "a/.b", "A", "a b", "a\\b", "a:b",  "a%2f", "\xc3\xa9", "a\n",  "a+b",    "~a"})
    EXPECT_FALSE(is_key(bad)) << bad;
  EXPECT_FALSE(is_key(std::string_view("a\0b", 3)));
}

TEST(Key, HasLimits) {
  EXPECT_TRUE(is_key(std::string(kKeyPartBytesMax, 'a')));
  EXPECT_FALSE(is_key(std::string(kKeyPartBytesMax + 1, 'a')));
  std::string longest = std::string(255, 'a') + "/" + std::string(255, 'b') + "/";
  EXPECT_TRUE(is_key(longest.substr(0, 511)));
  EXPECT_FALSE(is_key(longest + "c"));
  EXPECT_EQ(check_key(longest + "c").error().kind, ErrorKind::invalid_input);
}

TEST(Key, PrefixIsEmptyOrHowAKeyBegins) {
  for (const char* good : {"", "a", "a/", "packs/0", "packs/0f/"})
    EXPECT_TRUE(check_prefix(good)) << good;
  for (const char* bad : {"/", "a//", "../", ".", "a/.", "A", "a/../"})
    EXPECT_FALSE(check_prefix(bad)) << bad;
}

TEST(Key, AMessageQuotesNoControlBytes) {
  EXPECT_EQ(check_key("a\x1b[2J").error().message, "'a\\x1b[2J' is not the key of an object");
}

TEST(Key, ObjectsHaveALimit) {
  const std::string body(100, 'x');
  EXPECT_TRUE(check_put("k", body));
  // Only the size of the view is looked at.
  const ByteView too_large(body.data(), kObjectBytesMax + 1);
  EXPECT_EQ(check_put("k", too_large).error().kind, ErrorKind::exhausted);
  EXPECT_EQ(check_put("K", body).error().kind, ErrorKind::invalid_input);
}

TEST(Key, RangeMustLieInsideWithoutOverflow) {
  EXPECT_TRUE(check_range("k", {0, 10}, 10));
  EXPECT_TRUE(check_range("k", {10, 0}, 10));
  EXPECT_EQ(check_range("k", {0, 11}, 10).error().kind, ErrorKind::corrupt);
  EXPECT_EQ(check_range("k", {11, 0}, 10).error().kind, ErrorKind::corrupt);
  EXPECT_EQ(check_range("k", {~std::uint64_t{0}, 2}, 10).error().kind, ErrorKind::corrupt);
  EXPECT_EQ(check_range("k", {0, kObjectBytesMax + 1}, 10).error().kind, ErrorKind::exhausted);
}

}  // namespace
}  // namespace tidemark::storage
