#include "files/s3_bucket.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/fixed_credentials.h"
#include "tests/support/manual_clock.h"
#include "tests/support/scripted_transport.h"

namespace tidemark::files {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class S3BucketTest : public ::testing::Test {
 protected:
  std::unique_ptr<S3Bucket> open(S3BucketOptions options = {}) {
    auto client = aws::S3Client::open({.bucket = "files", .region = "eu-west-1"},
                                      {transport_, credentials_, clock_}, {}, [](const auto&) {});
    CHECK(bool(client));
    return std::make_unique<S3Bucket>(*std::move(client), clock_, 1, options);
  }
  std::vector<std::string> requests() const {
    std::vector<std::string> lines;
    for (const net::HttpRequest& request : transport_.requests)
      lines.push_back(request.method + " " + request.url.substr(request.url.find('/', 8)));
    return lines;
  }
  void then_head(const std::string& size, net::Headers more = {}) {
    more.insert(more.end(),
                {{"Content-Length", size}, {"Last-Modified", "Sun, 22 Nov 2026 01:00:00 GMT"}});
    transport_.then(200, "", more);
  }

  test::ScriptedTransport transport_;
  test::FixedCredentials credentials_;
  test::ManualClock clock_{"2026-11-22T02:00:00Z"};
};

std::string page(const std::string& entries, const std::string& next_key = "",
                 const std::string& next_id = "") {
  std::string text = "<ListVersionsResult>" + entries + "<IsTruncated>";
  text += next_key.empty() ? "false" : "true";
  text += "</IsTruncated><NextKeyMarker>" + next_key + "</NextKeyMarker><NextVersionIdMarker>";
  return text + next_id + "</NextVersionIdMarker></ListVersionsResult>";
}

std::string marker(const std::string& key) {
  return "<DeleteMarker><Key>" + key +
         "</Key><VersionId>1</VersionId><IsLatest>true</IsLatest>"
         "<LastModified>2026-11-22T01:00:00.000Z</LastModified></DeleteMarker>";
}

TEST_F(S3BucketTest, GoesOnPastPagesOfMarkersAndRepeatsOnlyThePageThatFailed) {
  transport_.then(200, page(marker("a"), "a", "1"));
  transport_.then(503, "<Error><Code>SlowDown</Code></Error>");
  transport_.then(200, page("", "a", "2"));
  transport_.then(200, page(marker("b")));
  std::vector<std::string> keys;
  const Status listed = open()->for_each_version("", [&](const FileVersion& version) -> Status {
    keys.push_back(version.key);
    return Done{};
  });
  ASSERT_TRUE(listed) << listed.error().message;
  EXPECT_THAT(keys, ElementsAre("a", "b"));
  EXPECT_EQ(transport_.requests.size(), 4u);
  EXPECT_EQ(transport_.requests[1].url, transport_.requests[2].url);
  EXPECT_THAT(transport_.requests[3].url, HasSubstr("key-marker=a&version-id-marker=2"));
}

TEST_F(S3BucketTest, AListingThatGoesInCirclesEnds) {
  for (int i = 0; i < 2; ++i) transport_.then(200, page(marker("a"), "a", "1"));
  const Status listed =
      open()->for_each_version("", [](const FileVersion&) { return Status(Done{}); });
  EXPECT_EQ(listed.error().kind, ErrorKind::corrupt);
}

std::string version(const std::string& key, const std::string& id, const std::string& etag) {
  return "<Version><Key>" + key + "</Key><VersionId>" + id +
         "</VersionId><IsLatest>true</IsLatest>"
         "<LastModified>2026-11-22T01:00:00.000Z</LastModified><ETag>&quot;" +
         etag + "&quot;</ETag><Size>5</Size></Version>";
}

constexpr const char* kCopied = "<CopyObjectResult><ETag>\"e\"</ETag></CopyObjectResult>";

TEST_F(S3BucketTest, LooksAtTheKeyRightBeforeTheCopy) {
  then_head("5");
  transport_.then(200, page(version("k", "2", "n"), "k", "2"));
  transport_.then(200, kCopied, {{"x-amz-version-id", "3"}});
  const auto copied = open()->copy_to_top({.key = "k", .id = "1", .size = 5, .etag = "e"}, "2");
  ASSERT_TRUE(copied) << copied.error().message;
  EXPECT_EQ(*copied, "3");
  EXPECT_THAT(requests()[1], HasSubstr("prefix=k&"));
  EXPECT_THAT(requests()[1], EndsWith("max-keys=1"));
}

TEST_F(S3BucketTest, LeavesAKeyWhoseNewestIsAnotherByNow) {
  const FileVersion wanted{.key = "k", .id = "1", .size = 5, .etag = "e"};
  then_head("5");
  transport_.then(200, page(version("k", "3", "another")));
  EXPECT_EQ(*open()->copy_to_top(wanted, "2"), std::nullopt);
  transport_.then(200, page(version("k", "3", "another")));
  EXPECT_EQ(*open()->add_marker("k", "2"), std::nullopt);
  transport_.then(200, page(version("k2", "2", "of another key")));
  EXPECT_EQ(*open()->add_marker("k", "2"), std::nullopt);
  transport_.then(200, page("", "k", "9"));
  transport_.then(200, page(""));
  EXPECT_EQ(*open()->add_marker("k", "2"), std::nullopt);
  for (const std::string& request : requests()) EXPECT_FALSE(request.starts_with("DELETE"));
}

TEST_F(S3BucketTest, S3IsHeldToWhatWasSeen) {
  const FileVersion wanted{.key = "k", .id = "1", .size = 5, .etag = "e"};
  const auto header = [&](std::string_view name) {
    return net::find_header(transport_.requests.back().headers, name).value_or("none");
  };
  then_head("5");
  transport_.then(200, page(version("k", "2", "n")));
  transport_.then(200, kCopied, {{"x-amz-version-id", "3"}});
  ASSERT_TRUE(open()->copy_to_top(wanted, "2"));
  EXPECT_EQ(header("If-Match"), "\"n\"");
  then_head("5");
  transport_.then(200, page(marker("k")));
  transport_.then(200, kCopied, {{"x-amz-version-id", "3"}});
  ASSERT_TRUE(open()->copy_to_top(wanted, "1"));
  EXPECT_EQ(header("If-None-Match"), "*");
  transport_.then(200, page(version("k", "2", "n")));
  transport_.then(204, "", {{"x-amz-version-id", "m"}});
  ASSERT_TRUE(open()->add_marker("k", "2"));
  EXPECT_EQ(header("If-Match"), "\"n\"");
}

TEST_F(S3BucketTest, WhatCameBetweenTheLookAndTheActIsLeft) {
  transport_.then(200, page(version("k", "2", "n")));
  transport_.then(412, "<Error><Code>PreconditionFailed</Code></Error>");
  transport_.then(200, page(version("k", "3", "came between")));
  EXPECT_EQ(*open()->add_marker("k", "2"), std::nullopt);
}

TEST_F(S3BucketTest, AStoreThatKnowsNoConditionIsAskedWithoutOne) {
  const std::pair<int, std::string> refusals[] = {{412, "PreconditionFailed"},
                                                  {501, "NotImplemented"}};
  for (const auto& [status, code] : refusals) {
    transport_.then(200, page(version("k", "2", "n")));
    transport_.then(status, "<Error><Code>" + code + "</Code></Error>");
    transport_.then(200, page(version("k", "2", "n")));
    transport_.then(204, "", {{"x-amz-version-id", "m"}});
    EXPECT_EQ(*open()->add_marker("k", "2"), "m") << code;
    EXPECT_FALSE(net::find_header(transport_.requests.back().headers, "If-Match"));
  }
}

TEST_F(S3BucketTest, WhatWasDoneWithoutAnAnswerIsNotDoneTwice) {
  then_head("5");
  transport_.then(200, page(version("k", "2", "n")));
  transport_.then(ErrorKind::unavailable, "the line went dead");
  transport_.then(200, page(version("k", "3", "e")));
  const auto copied = open()->copy_to_top({.key = "k", .id = "1", .size = 5, .etag = "e"}, "2");
  ASSERT_TRUE(copied) << copied.error().message;
  EXPECT_EQ(*copied, "3");
  transport_.then(200, page(version("k", "2", "n")));
  transport_.then(ErrorKind::unavailable, "the line went dead");
  transport_.then(200, page(marker("k")));
  EXPECT_EQ(*open()->add_marker("k", "2"), "1");
}

TEST_F(S3BucketTest, ACopyInPartsOverWhatIsAnotherByNowIsAborted) {
  then_head("25");
  transport_.then(200, "<Tagging/>");
  transport_.then(200, "<R><UploadId>u</UploadId></R>");
  for (int i = 0; i < 3; ++i)
    transport_.then(200, "<CopyPartResult><ETag>\"p\"</ETag></CopyPartResult>");
  transport_.then(200, page(version("k", "3", "another")));
  transport_.then(204, "");
  const auto copied = open({.copy_bytes_max = 20, .part_bytes = 10})
                          ->copy_to_top({.key = "k", .id = "1", .size = 25, .etag = "e"}, "2");
  ASSERT_TRUE(copied) << copied.error().message;
  EXPECT_EQ(*copied, std::nullopt);
  EXPECT_EQ(requests().back(), "DELETE /k?uploadId=u");
}

TEST_F(S3BucketTest, WhatIsLargerThanTheLimitIsCopiedInParts) {
  then_head("25");
  transport_.then(200,
                  "<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>");
  transport_.then(200, "<R><UploadId>u</UploadId></R>");
  for (int i = 0; i < 3; ++i)
    transport_.then(200, "<CopyPartResult><ETag>\"p\"</ETag></CopyPartResult>");
  transport_.then(200, page(version("k", "2", "n")));
  transport_.then(200,
                  "<CompleteMultipartUploadResult><ETag>\"e-3\"</ETag>"
                  "</CompleteMultipartUploadResult>",
                  {{"x-amz-version-id", "new"}});
  const auto copied = open({.copy_bytes_max = 20, .part_bytes = 10})
                          ->copy_to_top({.key = "k", .id = "1", .size = 25, .etag = "e"}, "2");
  ASSERT_TRUE(copied) << copied.error().message;
  EXPECT_EQ(*copied, "new");
  std::vector<std::string> ranges;
  for (int i = 3; i < 6; ++i)
    ranges.emplace_back(
        *net::find_header(transport_.requests[i].headers, "x-amz-copy-source-range"));
  EXPECT_THAT(ranges, ElementsAre("bytes=0-9", "bytes=10-19", "bytes=20-24"));
}

TEST_F(S3BucketTest, ACopyInPartsThatFailsIsAborted) {
  then_head("25");
  transport_.then(200, "<Tagging/>");
  transport_.then(200, "<R><UploadId>u</UploadId></R>");
  transport_.then(403, "<Error><Code>AccessDenied</Code></Error>");
  transport_.then(204, "");
  const auto copied = open({.copy_bytes_max = 20, .part_bytes = 10})
                          ->copy_to_top({.key = "k", .id = "1", .size = 25, .etag = "e"}, "2");
  EXPECT_EQ(copied.error().kind, ErrorKind::denied);
  EXPECT_THAT(copied.error().message, HasSubstr("s3://files/k"));
  EXPECT_EQ(requests().back(), "DELETE /k?uploadId=u");
}

const std::string kMd5(32, 'e');

TEST_F(S3BucketTest, AnETagProvesOnlyWhatItIsMadeOf) {
  const struct {
    std::string etag;
    bool of_bytes;
    bool of_parts;
  } etags[] = {{kMd5, true, false},          {kMd5 + "-3", false, true},
               {kMd5 + "-x", false, false},  {kMd5 + "-99999", false, false},
               {"W/whatever", false, false}, {"0x8D-1", false, false}};
  for (const auto& [etag, of_bytes, of_parts] : etags) {
    then_head("25");
    const auto state = open()->look_at({.key = "k", .id = "1", .size = 25, .etag = etag});
    ASSERT_TRUE(state) << state.error().message;
    EXPECT_EQ(state->etag_is_of_bytes, of_bytes) << etag;
    EXPECT_EQ(state->etag_is_of_parts, of_parts) << etag;
  }
  then_head("25", {{"x-amz-server-side-encryption", "aws:kms"}});
  const auto state = open()->look_at({.key = "k", .id = "1", .size = 25, .etag = kMd5 + "-3"});
  EXPECT_FALSE(state->etag_is_of_parts);
}

TEST_F(S3BucketTest, PartsOfDifferentLengthsAreAskedForOneByOne) {
  const FileVersion version{.key = "k", .id = "1", .size = 25, .etag = kMd5 + "-3"};
  then_head("7", {{"x-amz-mp-parts-count", "3"}});
  then_head("15", {{"x-amz-mp-parts-count", "3"}});
  EXPECT_THAT(*open()->part_sizes(version), ElementsAre(7, 15, 3));
  EXPECT_THAT(requests(),
              ElementsAre("HEAD /k?versionId=1&partNumber=1", "HEAD /k?versionId=1&partNumber=2"));
}

TEST_F(S3BucketTest, PartsThatAreNotToldProveNothing) {
  const FileVersion version{.key = "k", .id = "1", .size = 25, .etag = kMd5 + "-3"};
  then_head("25");
  EXPECT_THAT(*open()->part_sizes(version), IsEmpty());
  then_head("20", {{"x-amz-mp-parts-count", "3"}});
  then_head("20", {{"x-amz-mp-parts-count", "3"}});
  EXPECT_THAT(*open()->part_sizes(version), IsEmpty());
}

TEST_F(S3BucketTest, ACopyHasTheVeryPartsOfTheOriginal) {
  then_head("25");
  then_head("7", {{"x-amz-mp-parts-count", "3"}});
  then_head("15", {{"x-amz-mp-parts-count", "3"}});
  transport_.then(200, "<Tagging/>");
  transport_.then(200, "<R><UploadId>u</UploadId></R>");
  for (int i = 0; i < 3; ++i)
    transport_.then(200, "<CopyPartResult><ETag>\"p\"</ETag></CopyPartResult>");
  transport_.then(200, page(version("k", "2", "n")));
  transport_.then(200,
                  "<CompleteMultipartUploadResult><ETag>\"e-3\"</ETag>"
                  "</CompleteMultipartUploadResult>",
                  {{"x-amz-version-id", "new"}});
  const auto copied =
      open()->copy_to_top({.key = "k", .id = "1", .size = 25, .etag = kMd5 + "-3"}, "2");
  ASSERT_TRUE(copied) << copied.error().message;
  std::vector<std::string> ranges;
  for (int i = 5; i < 8; ++i)
    ranges.emplace_back(
        *net::find_header(transport_.requests[i].headers, "x-amz-copy-source-range"));
  EXPECT_THAT(ranges, ElementsAre("bytes=0-6", "bytes=7-21", "bytes=22-24"));
}

TEST_F(S3BucketTest, AColdVersionIsToldUntilItIsThawed) {
  const FileVersion version{.key = "k", .id = "1", .size = 5, .etag = "e"};
  then_head("5", {{"x-amz-storage-class", "DEEP_ARCHIVE"}});
  EXPECT_TRUE(open()->look_at(version)->is_cold);
  then_head("5",
            {{"x-amz-storage-class", "GLACIER"}, {"x-amz-restore", "ongoing-request=\"true\""}});
  EXPECT_TRUE(open()->look_at(version)->is_thawing);
  then_head("5", {{"x-amz-storage-class", "GLACIER"},
                  {"x-amz-restore", "ongoing-request=\"false\", expiry-date=\"x\""}});
  EXPECT_FALSE(open()->look_at(version)->is_cold);
  then_head("5", {{"x-amz-storage-class", "INTELLIGENT_TIERING"},
                  {"x-amz-archive-status", "ARCHIVE_ACCESS"}});
  EXPECT_TRUE(open()->look_at(version)->is_cold);
}

TEST_F(S3BucketTest, DaysAreOfTheClassesWhoseCopiesEnd) {
  for (const char* storage_class : {"GLACIER", "DEEP_ARCHIVE", "INTELLIGENT_TIERING"}) {
    transport_.then(202, "");
    ASSERT_TRUE(open()->thaw({.key = "k", .id = "1", .storage_class = storage_class},
                             {.days = 5, .tier = "Bulk"}));
  }
  EXPECT_THAT(transport_.requests[0].body, HasSubstr("<Days>5</Days>"));
  EXPECT_THAT(transport_.requests[1].body, HasSubstr("<Days>5</Days>"));
  EXPECT_THAT(transport_.requests[2].body, Not(HasSubstr("Days")));
  EXPECT_THAT(transport_.requests[2].body, HasSubstr("<Tier>Bulk</Tier>"));
}

TEST_F(S3BucketTest, OnlyABucketWithVersioningOnIsVersioned) {
  transport_.then(200, "<V><Status>Enabled</Status></V>");
  EXPECT_TRUE(open()->check_versioned());
  transport_.then(200, "<V><Status>Suspended</Status></V>");
  const Status refused = open()->check_versioned();
  EXPECT_EQ(refused.error().kind, ErrorKind::unsafe);
  EXPECT_THAT(refused.error().message, HasSubstr("suspended"));
}

}  // namespace
}  // namespace tidemark::files
