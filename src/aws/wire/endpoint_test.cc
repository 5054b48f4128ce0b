#include "aws/wire/endpoint.h"

#include <gtest/gtest.h>

namespace tidemark::aws {
namespace {

TEST(Endpoint, FollowsRegionAndPartition) {
  EXPECT_EQ(*endpoint_of("rds", "eu-west-1", ""), "https://rds.eu-west-1.amazonaws.com");
  EXPECT_EQ(*endpoint_of("sts", "us-gov-east-1", ""), "https://sts.us-gov-east-1.amazonaws.com");
  EXPECT_EQ(*endpoint_of("rds", "cn-north-1", ""), "https://rds.cn-north-1.amazonaws.com.cn");
  EXPECT_EQ(*endpoint_of("rds", "us-isob-east-1", ""), "https://rds.us-isob-east-1.sc2s.sgov.gov");
  EXPECT_EQ(*endpoint_of("rds", "eusc-de-east-1", ""), "https://rds.eusc-de-east-1.amazonaws.eu");
}

TEST(Endpoint, RegionCannotSmuggleInAHost) {
  for (const char* region : {"", "eu", "eu-1", "eu-west", "eu-west-", "eu-west-1.evil.com",
                             "eu-west-1/", "EU-west-1", "eu-west-1@evil", "eu--1", "-west-1",
                             "eu-west-123", "e-west-1", "eu-w3st-1", "eu-west-1 ", "eu-west-1\n"}) {
    EXPECT_FALSE(is_region(region)) << region;
    ASSERT_FALSE(endpoint_of("rds", region, "")) << region;
  }
  for (const char* region : {"eu-west-1", "ap-southeast-11", "us-iso-east-1", "me-central-1"})
    EXPECT_TRUE(is_region(region)) << region;
}

TEST(Endpoint, OverrideIsTakenAsItStands) {
  EXPECT_EQ(*endpoint_of("rds", "us-east-1", "http://127.0.0.1:5000/"), "http://127.0.0.1:5000");
  EXPECT_EQ(*endpoint_of("s3", "garage", "https://s3.example.com/prefix"),
            "https://s3.example.com/prefix");
  EXPECT_EQ(endpoint_of("s3", "us-east-1", "s3.example.com").error().kind,
            ErrorKind::invalid_input);
  EXPECT_FALSE(endpoint_of("s3", "us-east-1", "https://s3.example.com/?x"));
  EXPECT_FALSE(endpoint_of("s3", "us/../east", "https://s3.example.com/"));
}

TEST(Endpoint, RegionHintNamesARegionAndNothingElse) {
  const std::string body = "<Error><Code>x</Code><Region>eu-west-3</Region></Error>";
  EXPECT_EQ(region_hint({301, {{"X-Amz-Bucket-Region", "eu-west-2"}}, ""}), "eu-west-2");
  EXPECT_EQ(region_hint({400, {}, body}), "eu-west-3");
  EXPECT_EQ(region_hint({200, {{"x-amz-bucket-region", "eu-west-2"}}, ""}), std::nullopt);
  EXPECT_EQ(region_hint({307, {{"Location", "http://169.254.169.254/"}}, ""}), std::nullopt);
  EXPECT_EQ(region_hint({307, {{"x-amz-bucket-region", "evil.com/"}}, ""}), std::nullopt);
}

}  // namespace
}  // namespace tidemark::aws
