#include "repo/seal/key_text.h"

#include <algorithm>
#include <cctype>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "crypto/random.h"
#include "tests/support/soak.h"

namespace tidemark::repo {
namespace {

Secret ascending() {
  std::string bytes;
  for (char c = 0; c < 32; ++c) bytes += c;
  return Secret(bytes);
}

std::string text_of(const Secret& secret) { return std::string(format_key_text(secret).reveal()); }

TEST(KeyText, IsWhatThePageSays) {
  EXPECT_EQ(text_of(ascending()),
            "1  000G-40R4-0M30-E32V\n2  104G-M2RC-1M70-YH1V\n"
            "3  208H-44RM-2MB1-ECF3\n4  30CH-M6RW-3MF1-Y4B2\n");
}

TEST(KeyText, IsReadBack) {
  test::check_property(200, [] {
    const auto raw = *rc::gen::container<std::string>(32, rc::gen::arbitrary<char>());
    const auto parsed = parse_key_text(text_of(Secret(raw)));
    RC_ASSERT(parsed && parsed->reveal() == raw);
  });
}

TEST(KeyText, IsReadAsPeopleTypeIt) {
  std::string typed = text_of(ascending());
  std::transform(typed.begin(), typed.end(), typed.begin(),
                 [](char c) { return static_cast<char>(std::tolower(c)); });
  std::replace(typed.begin(), typed.end(), '0', 'o');
  std::replace(typed.begin(), typed.end(), '-', ' ');
  const auto parsed = parse_key_text("# A comment\r\n\r\nKeep this safe.\n" + typed + "\n");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->reveal(), ascending().reveal());
}

TEST(KeyText, NamesTheLineWithAWrongCharacter) {
  const std::string text = text_of(ascending());
  const std::string digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  int line = 1;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\n') ++line;
    if (text[at] == '\n' || text[at] == '-' || text[at] == ' ') continue;
    if (at == 0 || text[at - 1] == '\n') continue;  // the line's number
    for (const char digit : digits) {
      if (digit == text[at]) continue;
      std::string wrong = text;
      wrong[at] = digit;
      const auto parsed = parse_key_text(wrong);
      ASSERT_FALSE(parsed) << wrong;
      EXPECT_NE(parsed.error().message.find("line " + std::to_string(line)), std::string::npos);
    }
  }
}

TEST(KeyText, NoticesNeighboursThatChangedPlaces) {
  const std::string text = text_of(ascending());
  for (std::size_t at = 3; at + 1 < text.size(); ++at) {
    std::string wrong = text;
    std::swap(wrong[at], wrong[at + 1]);
    const bool blanks_only = !std::isalnum(text[at]) || !std::isalnum(text[at + 1]);
    if (text[at] == text[at + 1] || blanks_only) continue;
    EXPECT_FALSE(parse_key_text(wrong)) << wrong;
  }
}

TEST(KeyText, NoticesSwappedMissingAndRepeatedLines) {
  const std::string text = text_of(ascending());
  const std::size_t line_bytes = text.size() / 4;
  std::string swapped = text;
  swapped.replace(3, line_bytes - 4, text.substr(line_bytes + 3, line_bytes - 4));
  EXPECT_NE(parse_key_text(swapped).error().message.find("line 1"), std::string::npos);
  EXPECT_EQ(parse_key_text(text.substr(line_bytes)).error().message,
            "line 1 of the key is missing");
  EXPECT_EQ(parse_key_text(text + text).error().message, "line 1 of the key is there twice");
  EXPECT_EQ(parse_key_text("").error().message, "line 1 of the key is missing");
}

TEST(KeyText, SaysWhatALineHasTooMuchOrTooLittle) {
  EXPECT_EQ(parse_key_text("1 0000").error().message, "line 1 of the key has 4 characters, not 16");
  EXPECT_EQ(parse_key_text("2. 00u0").error().message,
            "line 2 of the key has a character that no key has");
  EXPECT_EQ(parse_key_text(std::string(100'000, ' ')).error().kind, ErrorKind::invalid_input);
}

}  // namespace
}  // namespace tidemark::repo
