#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aws/s3/s3_client.h"
#include "tests/support/fixed_credentials.h"
#include "tests/support/manual_clock.h"
#include "tests/support/scripted_transport.h"

namespace tidemark::aws {
namespace {

using ::testing::HasSubstr;

class ObjectVersionsTest : public ::testing::Test {
 protected:
  std::unique_ptr<S3Client> open() {
    auto client =
        S3Client::open({.bucket = "files", .region = "eu-west-1"},
                       {transport_, credentials_, clock_}, {}, [](const AttemptRecord&) {});
    CHECK(bool(client));
    return *std::move(client);
  }
  std::string request(std::size_t number) const {
    const net::HttpRequest& one = transport_.requests.at(number);
    return one.method + " " + one.url.substr(one.url.find('/', 8));
  }
  std::string header(std::size_t number, std::string_view name) const {
    return std::string(
        net::find_header(transport_.requests.at(number).headers, name).value_or("(none)"));
  }

  test::ScriptedTransport transport_;
  test::FixedCredentials credentials_;
  test::ManualClock clock_{"2026-11-22T02:00:00Z"};
};

TEST_F(ObjectVersionsTest, ACopyKeepsWhatS3WouldNotKeepByItself) {
  transport_.then(200, "",
                  {{"Content-Length", "5"},
                   {"Last-Modified", "Sun, 22 Nov 2026 01:00:00 GMT"},
                   {"x-amz-storage-class", "STANDARD_IA"},
                   {"x-amz-server-side-encryption", "aws:kms"},
                   {"x-amz-server-side-encryption-aws-kms-key-id", "arn:key"},
                   {"x-amz-server-side-encryption-bucket-key-enabled", "true"},
                   {"x-amz-meta-owner", "anna"}});
  transport_.then(200, "<CopyObjectResult><ETag>\"e\"</ETag></CopyObjectResult>",
                  {{"x-amz-version-id", "new"}});
  const auto client = open();
  const auto facts = client->head_version("a b/\xc3\xbc+", "old/1");
  ASSERT_TRUE(facts) << facts.error().message;
  EXPECT_TRUE(facts->encrypted_by_key());
  const auto copied = client->copy_version("a b/\xc3\xbc+", *facts);
  ASSERT_TRUE(copied) << copied.error().message;
  EXPECT_EQ(copied->id, "new");
  EXPECT_EQ(request(0), "HEAD /a%20b/%C3%BC%2B?versionId=old%2F1");
  EXPECT_EQ(request(1), "PUT /a%20b/%C3%BC%2B");
  EXPECT_EQ(header(1, "x-amz-copy-source"), "/files/a%20b/%C3%BC%2B?versionId=old%2F1");
  EXPECT_EQ(header(1, "x-amz-storage-class"), "STANDARD_IA");
  EXPECT_EQ(header(1, "x-amz-server-side-encryption-aws-kms-key-id"), "arn:key");
  EXPECT_EQ(header(1, "x-amz-server-side-encryption-bucket-key-enabled"), "true");
  EXPECT_EQ(header(1, "x-amz-meta-owner"), "(none)");  // S3 copies it
}

TEST_F(ObjectVersionsTest, AnErrorBehindStatus200IsAnError) {
  transport_.then(200, "<Error><Code>InternalError</Code><Message>m</Message></Error>");
  const auto copied = open()->copy_version("a", {.id = "1"});
  EXPECT_EQ(copied.error().kind, ErrorKind::unavailable);
}

TEST_F(ObjectVersionsTest, ACopyInPartsIsGivenMetadataAndTags) {
  transport_.then(200, "<R><UploadId>u</UploadId></R>");
  transport_.then(200, "<CopyPartResult><ETag>\"p\"</ETag></CopyPartResult>");
  transport_.then(200,
                  "<CompleteMultipartUploadResult><ETag>\"e-1\"</ETag>"
                  "</CompleteMultipartUploadResult>",
                  {{"x-amz-version-id", "new"}});
  const auto client = open();
  const VersionFacts from{.id = "1", .kept = {{"Content-Type", "text/x"}, {"x-amz-meta-a", "b"}}};
  const auto upload = client->begin_copy("k", from, {{"kind", "a&b"}});
  ASSERT_TRUE(upload) << upload.error().message;
  EXPECT_EQ(header(0, "Content-Type"), "text/x");
  EXPECT_EQ(header(0, "x-amz-meta-a"), "b");
  EXPECT_EQ(header(0, "x-amz-tagging"), "kind=a%26b");
  EXPECT_EQ(*client->copy_part("k", *upload, 1, "1", {10, 5}), "\"p\"");
  EXPECT_EQ(header(1, "x-amz-copy-source-range"), "bytes=10-14");
  EXPECT_EQ(client->complete_copy("k", *upload, {"\"p\""})->id, "new");
  EXPECT_THAT(transport_.requests[2].body, HasSubstr("<ETag>&quot;p&quot;</ETag>"));
}

TEST_F(ObjectVersionsTest, AMarkerIsOnlyBelievedWithItsVersion) {
  transport_.then(204, "", {{"x-amz-delete-marker", "true"}, {"x-amz-version-id", "m"}});
  transport_.then(204, "");
  const auto client = open();
  EXPECT_EQ(*client->add_delete_marker("a"), "m");
  EXPECT_FALSE(client->add_delete_marker("a"));
  EXPECT_EQ(request(0), "DELETE /a");
}

TEST_F(ObjectVersionsTest, VersioningIsOnOffOrSuspended) {
  transport_.then(200, "<VersioningConfiguration/>");
  transport_.then(200, "<V><Status>Enabled</Status></V>");
  transport_.then(200, "<V><Status>Suspended</Status></V>");
  const auto client = open();
  EXPECT_EQ(*client->versioning(), Versioning::off);
  EXPECT_EQ(*client->versioning(), Versioning::enabled);
  EXPECT_EQ(*client->versioning(), Versioning::suspended);
}

TEST_F(ObjectVersionsTest, ACopyOutOfAnArchiveClassCanBeRead) {
  for (const char* cold : {"GLACIER", "DEEP_ARCHIVE"}) {
    transport_.then(200, "",
                    {{"Content-Length", "5"},
                     {"Last-Modified", "Sun, 22 Nov 2026 01:00:00 GMT"},
                     {"x-amz-storage-class", cold}});
    const auto facts = open()->head_version("a", "1");
    ASSERT_TRUE(facts) << facts.error().message;
    EXPECT_EQ(facts->storage_class, cold);
    for (const auto& [name, value] : facts->kept) EXPECT_NE(name, "x-amz-storage-class") << value;
  }
}

TEST_F(ObjectVersionsTest, ThawingTellsWhetherItIsUnderWay) {
  const auto head = [&](const std::string& restore) {
    transport_.then(200, "",
                    {{"Content-Length", "5"},
                     {"Last-Modified", "Sun, 22 Nov 2026 01:00:00 GMT"},
                     {"x-amz-storage-class", "GLACIER"},
                     {"x-amz-restore", restore}});
    return open()->head_version("a", "1")->thawing;
  };
  EXPECT_EQ(head(""), Thawing::none);
  EXPECT_EQ(head("ongoing-request=\"true\""), Thawing::under_way);
  EXPECT_EQ(head("ongoing-request=\"false\", expiry-date=\"Fri, 21 Dec 2026\""), Thawing::done);
}

TEST_F(ObjectVersionsTest, WhatWasAskedForBeforeIsThawing) {
  transport_.then(409, "<Error><Code>RestoreAlreadyInProgress</Code></Error>");
  EXPECT_TRUE(open()->thaw("a", "1", 7, "Bulk"));
  EXPECT_EQ(request(0), "POST /a?restore=&versionId=1");
  EXPECT_THAT(transport_.requests[0].body, HasSubstr("<Days>7</Days>"));
  EXPECT_THAT(transport_.requests[0].body, HasSubstr("<Tier>Bulk</Tier>"));
}

}  // namespace
}  // namespace tidemark::aws
