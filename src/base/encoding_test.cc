#include "base/encoding.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "base/edit_distance.h"
#include "base/json_text.h"

namespace tidemark {
namespace {

TEST(Base64, FollowsTheVectorsOfRfc4648) {
  EXPECT_EQ(to_base64(""), "");
  EXPECT_EQ(to_base64("f"), "Zg==");
  EXPECT_EQ(to_base64("fo"), "Zm8=");
  EXPECT_EQ(to_base64("foobar"), "Zm9vYmFy");
}

TEST(Base64, ReadsBackAnyBytes) {
  EXPECT_TRUE(rc::check(
      [](const std::string& bytes) { RC_ASSERT(*from_base64(to_base64(bytes)) == bytes); }));
}

TEST(Base64, RefusesWhatIsNotCanonical) {
  for (const char* text :
       {"Z", "Zg=", "Zg", "Zh==", "Zm9=", "====", "Z===", "Zg==Zg==", "Zm9v Zg=="})
    EXPECT_FALSE(from_base64(text)) << text;
}

TEST(Hex, IsLowerCase) { EXPECT_EQ(to_hex(std::string_view("\x00\xff\x1a", 3)), "00ff1a"); }

TEST(JsonText, EscapesControlBytesAndReplacesInvalidUtf8) {
  EXPECT_EQ(json_text("a\"b\\c\n"), "\"a\\\"b\\\\c\\u000a\"");
  EXPECT_EQ(json_text("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"),
            "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\"");
  EXPECT_EQ(json_text("\xff\xc0\xaf\xed\xa0\x80"),
            "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
}

TEST(NearestWord, SuggestsOnlyASlipOfTheFinger) {
  EXPECT_EQ(nearest_word("shedule", {"schedule", "keep"}), "schedule");
  EXPECT_EQ(nearest_word("dayly", {"daily", "weekly"}), "daily");
  EXPECT_EQ(nearest_word("banana", {"daily", "weekly"}), std::nullopt);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
}

}  // namespace
}  // namespace tidemark
