#include "aws/s3/bucket.h"

#include <gtest/gtest.h>

namespace tidemark::aws {
namespace {

std::string url_of(const BucketLocation& location, std::string_view region = "eu-west-1") {
  const auto url = bucket_url(location, region);
  return url ? *url : "error: " + url.error().message;
}

TEST(Bucket, NameFollowsTheRulesOfAws) {
  for (const char* good : {"abc", "my-bucket", "a.b.c", "1bucket9", "1.2.3.4.5"})
    EXPECT_TRUE(check_bucket_name(good)) << good;
  for (const char* bad : {"", "ab", "-abc", "abc-", ".abc", "a..b", "Abc", "a_b", "192.168.5.4",
                          "a/b", "a b", "b@cket", "x?y=z"})
    EXPECT_EQ(check_bucket_name(bad).error().kind, ErrorKind::invalid_input) << bad;
  EXPECT_TRUE(check_bucket_name(std::string(63, 'a')));
  EXPECT_FALSE(check_bucket_name(std::string(64, 'a')));
}

TEST(Bucket, OfAwsIsInTheHostName) {
  EXPECT_EQ(url_of({.bucket = "backups"}), "https://backups.s3.eu-west-1.amazonaws.com");
  EXPECT_EQ(url_of({.bucket = "backups"}, "cn-north-1"),
            "https://backups.s3.cn-north-1.amazonaws.com.cn");
}

TEST(Bucket, WithADotIsInThePathBecauseNoCertificateCoversIt) {
  EXPECT_EQ(url_of({.bucket = "back.ups"}), "https://s3.eu-west-1.amazonaws.com/back.ups");
}

TEST(Bucket, OfAnEndpointIsInThePathUnlessSaidOtherwise) {
  EXPECT_EQ(url_of({.bucket = "backups", .endpoint_url = "https://s3.example.org:9000/"}),
            "https://s3.example.org:9000/backups");
  EXPECT_EQ(url_of({.bucket = "backups", .endpoint_url = "https://example.org/s3"}),
            "https://example.org/s3/backups");
  EXPECT_EQ(url_of({.bucket = "backups",
                    .endpoint_url = "https://s3.example.org:9000",
                    .path_style = false}),
            "https://backups.s3.example.org:9000");
  EXPECT_EQ(url_of({.bucket = "backups", .path_style = true}),
            "https://s3.eu-west-1.amazonaws.com/backups");
}

TEST(Bucket, AnAddressHasNoNameBeforeIt) {
  EXPECT_TRUE(url_of({.bucket = "backups", .endpoint_url = "http://[::1]:80", .path_style = false})
                  .starts_with("error: "));
}

TEST(Bucket, RegionLeadsToNoOtherHost) {
  for (const char* region : {"", "evil.com/", "eu-west-1.evil.com", "@evil.com"})
    EXPECT_TRUE(url_of({.bucket = "backups"}, region).starts_with("error: ")) << region;
}

}  // namespace
}  // namespace tidemark::aws
