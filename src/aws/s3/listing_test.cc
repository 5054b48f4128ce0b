#include "aws/s3/listing.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tidemark::aws {
namespace {

using ::testing::HasSubstr;

std::string contents(std::string_view key, std::string_view size = "5") {
  return fmt::format(
      "<Contents><Key>{}</Key><Size>{}</Size><ETag>&quot;abc&quot;</ETag>"
      "<LastModified>2026-11-22T02:00:00.000Z</LastModified></Contents>",
      key, size);
}

Result<ObjectPage> read(const std::string& inside, const std::string& prefix = "",
                        const std::string& previous = "") {
  const XmlDocument document =
      TRY(XmlDocument::parse("<ListBucketResult>" + inside + "</ListBucketResult>"));
  return read_object_page(document.root(), prefix, previous);
}

constexpr std::string_view kLast = "<IsTruncated>false</IsTruncated>";

TEST(Listing, ReadsObjectsAndWhetherThereIsMore) {
  const auto page = read(contents("a") + contents("b", "70") +
                         "<IsTruncated>true</IsTruncated>"
                         "<NextContinuationToken>t/1==</NextContinuationToken>");
  ASSERT_TRUE(page) << page.error().message;
  ASSERT_EQ(page->objects.size(), 2u);
  EXPECT_EQ(page->objects[1].key, "b");
  EXPECT_EQ(page->objects[1].size, 70u);
  EXPECT_EQ(page->objects[1].etag, "\"abc\"");
  EXPECT_EQ(page->objects[1].modified, *parse_time("2026-11-22T02:00:00Z"));
  EXPECT_EQ(page->next_token, "t/1==");
  EXPECT_EQ(read(std::string(kLast))->next_token, "");
}

TEST(Listing, DecodesKeysOnlyWhenTheyAreEncoded) {
  const std::string encoded = "<EncodingType>url</EncodingType>";
  EXPECT_EQ(read(encoded + contents("a%2Fb+c%2B%0A") + std::string(kLast))->objects[0].key,
            "a/b c+\n");
  EXPECT_EQ(read(contents("a%2Fb+c") + std::string(kLast))->objects[0].key, "a%2Fb+c");
  EXPECT_EQ(read(encoded + contents("a%2") + std::string(kLast)).error().kind, ErrorKind::corrupt);
}

TEST(Listing, RefusesAPageThatCouldHideObjects) {
  const std::string last(kLast);
  const struct {
    std::string page;
    std::string says;
  } pages[] = {
      {contents("a"), "whether it is the last"},
      {contents("a") + "<IsTruncated>perhaps</IsTruncated>", ""},
      {contents("a") + "<IsTruncated>true</IsTruncated>", "names no next one"},
      {contents("b") + contents("a") + last, "'a' after 'b'"},
      {contents("a") + contents("a") + last, "'a' after 'a'"},
      {contents("a") + "<KeyCount>2</KeyCount>" + last, "1 objects and states 2"},
      {contents("a", "") + last, "without a size"},
      {contents("a", "-1") + last, "without a size"},
      {contents("a", "many") + last, ""},
      {contents("") + last, ""},
      {"<Contents><Key>a</Key><Size>1</Size></Contents>" + last, "without LastModified"},
  };
  for (const auto& [page, says] : pages) {
    const auto outcome = read(page);
    ASSERT_FALSE(outcome) << page;
    EXPECT_EQ(outcome.error().kind, ErrorKind::corrupt) << page;
    EXPECT_THAT(outcome.error().message, HasSubstr(says));
  }
}

TEST(Listing, RefusesAKeyOfAnEarlierPageOrAnotherPrefix) {
  const std::string page = contents("data/b") + std::string(kLast);
  EXPECT_TRUE(read(page, "data/", "data/a"));
  EXPECT_EQ(read(page, "data/", "data/b").error().kind, ErrorKind::corrupt);
  EXPECT_EQ(read(page, "data/", "data/c").error().kind, ErrorKind::corrupt);
  EXPECT_EQ(read(page, "packs/").error().kind, ErrorKind::corrupt);
}

TEST(Listing, RefusesAnotherDocument) {
  const auto document = XmlDocument::parse("<html><body>Sign in to this network</body></html>");
  EXPECT_EQ(read_object_page(document->root(), "", "").error().kind, ErrorKind::corrupt);
  EXPECT_EQ(read_upload_page(document->root(), "").error().kind, ErrorKind::corrupt);
}

TEST(Listing, ReadsUploads) {
  const auto document = XmlDocument::parse(
      "<ListMultipartUploadsResult><Upload><Key>p/a</Key><UploadId>u1</UploadId>"
      "<Initiated>2026-11-22T02:00:00Z</Initiated></Upload><IsTruncated>true</IsTruncated>"
      "<NextKeyMarker>p/a</NextKeyMarker><NextUploadIdMarker>u1</NextUploadIdMarker>"
      "</ListMultipartUploadsResult>");
  const auto page = read_upload_page(document->root(), "p/");
  ASSERT_TRUE(page) << page.error().message;
  ASSERT_EQ(page->uploads.size(), 1u);
  EXPECT_EQ(page->uploads[0].id, "u1");
  EXPECT_EQ(page->next_key, "p/a");
  EXPECT_EQ(page->next_id, "u1");
  EXPECT_EQ(read_upload_page(document->root(), "q/").error().kind, ErrorKind::corrupt);
}

}  // namespace
}  // namespace tidemark::aws
