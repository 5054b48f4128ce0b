#include "base/remote_text.h"

#include <algorithm>

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace tidemark {
namespace {

TEST(RemoteText, StaysOnOneLineAndCannotMoveTheCursor) {
  EXPECT_EQ(clean_remote_text("a\nb\tc\x1b[2Jd\x7f\0e"), "a b c[2Jd");
  EXPECT_EQ(clean_remote_text(std::string_view("a\0b", 3)), "ab");
  EXPECT_EQ(clean_remote_text("C1: \xc2\x9b"), "C1: ");
}

TEST(RemoteText, CannotHideOrReverseText) {
  EXPECT_EQ(clean_remote_text("a\u202eb\u200bc\ufeff"), "abc");
}

TEST(RemoteText, IsValidUtf8) {
  EXPECT_EQ(clean_remote_text("\xc3\xa4 \u20ac \U0001f600"), "\u00e4 \u20ac \U0001f600");
  EXPECT_EQ(clean_remote_text("\xff\xc3"), "??");
  EXPECT_EQ(clean_remote_text("\xc0\x80 \xe0\x80\x80 \xed\xa0\x80"), "?? ??? ???");
  EXPECT_EQ(clean_remote_text("\xf4\x90\x80\x80"), "????");
}

TEST(RemoteText, IsBounded) {
  EXPECT_EQ(clean_remote_text("abcdef", 6), "abcdef");
  EXPECT_EQ(clean_remote_text("abcdefg", 6), "abcdef...");
  EXPECT_EQ(clean_remote_text("abcde\xc3\xa4", 6), "abcde...");
}

TEST(RemoteText, CleaningTwiceChangesNothing) {
  EXPECT_TRUE(rc::check("clean(clean(x)) == clean(x)", [](const std::string& text) {
    const std::string once = clean_remote_text(text, 10'000);
    RC_ASSERT(clean_remote_text(once, 100'000) == once);
    RC_ASSERT(std::none_of(once.begin(), once.end(), [](char c) { return c >= 0 && c < 0x20; }));
  }));
}

}  // namespace
}  // namespace tidemark
