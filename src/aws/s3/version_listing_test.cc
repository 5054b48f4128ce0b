#include "aws/s3/version_listing.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tidemark::aws {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::string_view kLast = "<IsTruncated>false</IsTruncated>";

std::string version(std::string_view key, std::string_view id, bool latest = true,
                    std::string_view time = "02:00:00") {
  return fmt::format(
      "<Version><Key>{}</Key><VersionId>{}</VersionId><IsLatest>{}</IsLatest>"
      "<LastModified>2026-11-22T{}.000Z</LastModified><ETag>&quot;abc&quot;</ETag><Size>5</Size>"
      "<StorageClass>STANDARD_IA</StorageClass></Version>",
      key, id, latest, time);
}

std::string marker(std::string_view key, std::string_view id, bool latest = true,
                   std::string_view time = "02:00:00") {
  return fmt::format(
      "<DeleteMarker><Key>{}</Key><VersionId>{}</VersionId><IsLatest>{}</IsLatest>"
      "<LastModified>2026-11-22T{}.000Z</LastModified></DeleteMarker>",
      key, id, latest, time);
}

Result<VersionPage> read(const std::string& inside, const std::string& prefix = "",
                         const std::string& previous = "") {
  const XmlDocument document =
      TRY(XmlDocument::parse("<ListVersionsResult>" + inside + "</ListVersionsResult>"));
  return read_version_page(document.root(), prefix, previous);
}

std::vector<std::string> ids(const Result<VersionPage>& page) {
  std::vector<std::string> ids;
  if (!page) return {page.error().message};
  for (const S3Version& one : page->versions) ids.push_back(one.key + ":" + one.id);
  return ids;
}

TEST(VersionListing, ReadsVersionsAndMarkers) {
  const auto page = read(version("a", "null") + marker("b", "x") + std::string(kLast));
  ASSERT_TRUE(page) << page.error().message;
  EXPECT_EQ(page->versions[0].id, "null");
  EXPECT_EQ(page->versions[0].size, 5u);
  EXPECT_EQ(page->versions[0].etag, "\"abc\"");
  EXPECT_EQ(page->versions[0].storage_class, "STANDARD_IA");
  EXPECT_EQ(page->versions[0].modified, *parse_time("2026-11-22T02:00:00Z"));
  EXPECT_FALSE(page->versions[0].is_marker);
  EXPECT_TRUE(page->versions[1].is_marker);
  EXPECT_TRUE(page->versions[1].is_latest);
}

TEST(VersionListing, APageOfMarkersAloneIsNotTheEnd) {
  const auto page = read(marker("a", "1") +
                         "<IsTruncated>true</IsTruncated><NextKeyMarker>a</NextKeyMarker>"
                         "<NextVersionIdMarker>1</NextVersionIdMarker>");
  ASSERT_TRUE(page) << page.error().message;
  EXPECT_EQ(page->next_key, "a");
  EXPECT_EQ(page->next_id, "1");
  EXPECT_THAT(read(std::string(kLast))->versions, IsEmpty());
}

TEST(VersionListing, KeepsTheOrderWithinASecond) {
  EXPECT_THAT(ids(read(version("a", "2") + marker("a", "3", false) + version("a", "1", false) +
                       version("b", "1") + std::string(kLast))),
              ElementsAre("a:2", "a:3", "a:1", "b:1"));
}

TEST(VersionListing, PutsMarkersThatStandApartInTheirPlaces) {
  EXPECT_THAT(ids(read(version("a", "1", false, "01:00:00") + version("c", "1") +
                       marker("a", "2", true, "02:00:00") + marker("b", "1") + std::string(kLast))),
              ElementsAre("a:2", "a:1", "b:1", "c:1"));
}

TEST(VersionListing, AMarkerOfTheLastKeyThatStandsApartComesBeforeItsVersion) {
  EXPECT_THAT(ids(read(version("a", "1") + version("b", "1", false, "01:00:00") +
                       marker("b", "2", true, "02:00:00") + std::string(kLast))),
              ElementsAre("a:1", "b:2", "b:1"));
}

// Versions and markers that stand apart are merged by their times; a tie at the top is told by
// IsLatest, and below it the version counts as the newer one.
TEST(VersionListing, OfOneSecondTheLatestComesFirstAndThenTheVersion) {
  const std::string last(kLast);
  EXPECT_THAT(ids(read(version("a", "1", false) + version("b", "1") + marker("a", "2") + last)),
              ElementsAre("a:2", "a:1", "b:1"));
  EXPECT_THAT(ids(read(version("a", "3", true, "03:00:00") + version("a", "1", false) +
                       version("b", "1") + marker("a", "2", false) + last)),
              ElementsAre("a:3", "a:1", "a:2", "b:1"));
}

TEST(VersionListing, DecodesKeysOnlyWhenTheyAreEncoded) {
  const std::string encoded = "<EncodingType>url</EncodingType>" + std::string(kLast);
  EXPECT_EQ(read(version("a%2Fb+c%2B%0A", "1") + encoded)->versions[0].key, "a/b c+\n");
  EXPECT_EQ(read(version("a%2Fb+c", "1") + std::string(kLast))->versions[0].key, "a%2Fb+c");
}

TEST(VersionListing, RefusesAPageThatCouldHideVersions) {
  const std::string last(kLast);
  const struct {
    std::string page;
    std::string says;
  } pages[] = {
      {version("a", "1"), "whether it is the last"},
      {version("a", "1") + "<IsTruncated>true</IsTruncated>", "names no next one"},
      {version("b", "1") + version("a", "1") + last, "out of their order"},
      {marker("b", "1") + marker("a", "1") + last, "out of their order"},
      {version("b", "1") + marker("a", "1") + version("c", "1") + last, "out of their order"},
      {version("a", "") + last, "VersionId"},
      {version("a", "2", false) + version("a", "1", true) + last, "newer than the latest"},
      {version("a", "2") + version("a", "1") + last, "newer than the latest"},
      {version("a", "2") + version("b", "1") + marker("a", "1") + last, "newer than the latest"},
  };
  for (const auto& [page, says] : pages) {
    const auto refused = read(page);
    ASSERT_FALSE(refused) << page;
    EXPECT_EQ(refused.error().kind, ErrorKind::corrupt);
    EXPECT_THAT(refused.error().message, HasSubstr(says));
  }
  EXPECT_THAT(read(version("a", "1") + last, "b").error().message, HasSubstr("not asked for"));
  EXPECT_THAT(read(version("a", "1") + last, "", "b").error().message, HasSubstr("'a' after 'b'"));
  EXPECT_TRUE(read(version("b", "1", false) + last, "", "b"));  // goes on within a key
}

}  // namespace
}  // namespace tidemark::aws
