#include "aws/s3/bucket_settings.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/fixed_credentials.h"
#include "tests/support/manual_clock.h"
#include "tests/support/scripted_transport.h"

namespace tidemark::aws {
namespace {

std::string error_body(std::string_view code) {
  return fmt::format("<Error><Code>{}</Code><Message>so</Message></Error>", code);
}

class BucketSettingsTest : public ::testing::Test {
 protected:
  core::BucketSettings read() {
    const auto settings = read_bucket_settings({.bucket = "files", .region = "eu-west-1"},
                                               {transport_, credentials_, clock_});
    CHECK(bool(settings));
    return *settings;
  }

  test::ScriptedTransport transport_;
  test::FixedCredentials credentials_;
  test::ManualClock clock_{"2026-11-24T12:00:00Z"};
};

// In the order of the calls: versioning, lock, lifecycle, public access, policy, ACL, replication.
TEST_F(BucketSettingsTest, ReadsEachSettingThatIsThere) {
  transport_
      .then(200,
            "<VersioningConfiguration><Status>Enabled</Status><MfaDelete>Enabled</MfaDelete>"
            "</VersioningConfiguration>")
      .then(200,
            "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled>"
            "</ObjectLockConfiguration>")
      .then(
          200,
          "<LifecycleConfiguration><Rule><ID>a</ID><Status>Enabled</Status><Filter><And><Prefix>x/"
          "</Prefix></And></Filter><NoncurrentVersionExpiration><NoncurrentDays>7"
          "</NoncurrentDays></NoncurrentVersionExpiration></Rule><Rule><ID>b</ID><Status>Disabled"
          "</Status><Prefix/><Expiration><Date>2030-01-01T00:00:00Z</Date></Expiration></Rule>"
          "</LifecycleConfiguration>")
      .then(200,
            "<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls>"
            "<IgnorePublicAcls>true</IgnorePublicAcls><BlockPublicPolicy>false"
            "</BlockPublicPolicy></PublicAccessBlockConfiguration>")
      .then(200, R"({"Statement": []})")
      .then(200,
            "<AccessControlPolicy><Owner><ID>me</ID></Owner><AccessControlList><Grant><Grantee><ID>"
            "me</ID></Grantee><Permission>FULL_CONTROL</Permission></Grant><Grant><Grantee><URI>"
            "all</URI></Grantee><Permission>READ</Permission></Grant></AccessControlList>"
            "</AccessControlPolicy>")
      .then(200,
            "<ReplicationConfiguration><Rule><Status>Enabled</Status></Rule>"
            "</ReplicationConfiguration>");
  const core::BucketSettings found = read();
  EXPECT_TRUE(found.versioning->enabled && found.versioning->mfa_delete);
  EXPECT_TRUE(*found.object_lock);
  ASSERT_EQ(found.lifecycle->size(), 2U);
  EXPECT_EQ((*found.lifecycle)[0].prefix, "x/");
  EXPECT_EQ((*found.lifecycle)[0].noncurrent_days, 7);
  EXPECT_EQ((*found.lifecycle)[1].expiration_days, 0);
  EXPECT_FALSE((*found.lifecycle)[1].enabled);
  EXPECT_TRUE((*found.public_access)->ignores_acls);
  EXPECT_FALSE((*found.public_access)->restricts);
  EXPECT_EQ(*found.policy, R"({"Statement": []})");
  ASSERT_EQ(found.grants->size(), 2U);
  EXPECT_TRUE((*found.grants)[0].to_owner);
  EXPECT_EQ((*found.grants)[1].grantee, "all");
  EXPECT_TRUE(*found.replicated);
  EXPECT_EQ(transport_.requests[0].url, "https://files.s3.eu-west-1.amazonaws.com/?versioning=");
}

TEST_F(BucketSettingsTest, WhatWasNeverSetIsAbsentAndNoError) {
  transport_.then(200, "<VersioningConfiguration/>")
      .then(404, error_body("ObjectLockConfigurationNotFoundError"))
      .then(404, error_body("NoSuchLifecycleConfiguration"))
      .then(404, error_body("NoSuchPublicAccessBlockConfiguration"))
      .then(404, error_body("NoSuchBucketPolicy"))
      .then(200, "<AccessControlPolicy/>")
      .then(404, error_body("ReplicationConfigurationNotFoundError"));
  const core::BucketSettings found = read();
  EXPECT_FALSE(found.versioning->enabled || found.versioning->suspended);
  EXPECT_FALSE(*found.object_lock);
  EXPECT_TRUE(found.lifecycle->empty());
  EXPECT_FALSE(found.public_access->has_value());
  EXPECT_EQ(*found.policy, "");
  EXPECT_TRUE(found.grants->empty());
  EXPECT_FALSE(*found.replicated);
}

TEST_F(BucketSettingsTest, ARefusalIsKeptAndTheRestIsReadAllTheSame) {
  transport_.then(403, error_body("AccessDenied")).then(404, error_body("NoSuchBucket"));
  transport_.otherwise = [](const net::HttpRequest&) {
    return net::HttpResponse{200, {}, "<Broken>"};
  };
  const core::BucketSettings found = read();
  EXPECT_EQ(found.versioning.error().kind, ErrorKind::denied);
  EXPECT_EQ(found.object_lock.error().kind, ErrorKind::rejected);
  EXPECT_EQ(found.lifecycle.error().kind, ErrorKind::corrupt);
  EXPECT_TRUE(found.policy);  // any text: the judgement reads it
}

TEST_F(BucketSettingsTest, FollowsABucketThatIsElsewhere) {
  transport_.then(301, error_body("PermanentRedirect"), {{"x-amz-bucket-region", "us-west-2"}});
  transport_.otherwise = [](const net::HttpRequest&) { return net::HttpResponse{200, {}, "<A/>"}; };
  EXPECT_TRUE(read().versioning);
  EXPECT_THAT(transport_.requests.back().url, ::testing::HasSubstr("s3.us-west-2"));
}

}  // namespace
}  // namespace tidemark::aws
