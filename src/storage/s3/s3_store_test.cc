#include "storage/s3/s3_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/fixed_credentials.h"
#include "tests/support/manual_clock.h"
#include "tests/support/scripted_transport.h"

namespace tidemark::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class S3StoreTest : public ::testing::Test {
 protected:
  S3Store open(const std::string& prefix = "team/repo") {
    return S3Store(*aws::S3Client::open({.bucket = "backups", .region = "eu-west-1"},
                                        {transport_, credentials_, clock_}),
                   prefix);
  }

  test::ScriptedTransport transport_;
  test::FixedCredentials credentials_;
  test::ManualClock clock_{"2026-11-22T02:00:00Z"};
};

TEST_F(S3StoreTest, ObjectsLieUnderThePrefix) {
  transport_.then(200, "").then(200, "x");
  S3Store store = open();
  ASSERT_TRUE(store.put("packs/1", "x", PutMode::create_only));
  EXPECT_EQ(transport_.requests[0].url,
            "https://backups.s3.eu-west-1.amazonaws.com/team/repo/packs/1");
  EXPECT_EQ(store.describe(), "s3://backups/team/repo");
  S3Store whole_bucket = open("");
  EXPECT_EQ(*whole_bucket.get("packs/1"), "x");
  EXPECT_EQ(transport_.requests[1].url, "https://backups.s3.eu-west-1.amazonaws.com/packs/1");
  EXPECT_EQ(whole_bucket.describe(), "s3://backups");
}

TEST_F(S3StoreTest, ListsItsOwnObjectsUnderTheirKeys) {
  const auto contents = [](const std::string& key) {
    return "<Contents><Key>" + key + "</Key><Size>7</Size>" +
           "<LastModified>2026-11-22T01:00:00Z</LastModified></Contents>";
  };
  transport_.then(200, "<ListBucketResult>" + contents("team/repo/") +  // made by a console
                           contents("team/repo/README.TXT") + contents("team/repo/config") +
                           contents("team/repo/packs/1") +
                           "<IsTruncated>false</IsTruncated></ListBucketResult>");
  std::vector<std::string> keys;
  ASSERT_TRUE(open().list("", [&](const ObjectInfo& object) -> Status {
    keys.push_back(object.key);
    EXPECT_EQ(object.size, 7u);
    EXPECT_EQ(object.modified, *parse_time("2026-11-22T01:00:00Z"));
    return Done{};
  }));
  EXPECT_THAT(keys, ElementsAre("config", "packs/1"));
  EXPECT_THAT(transport_.requests[0].url, HasSubstr("prefix=team%2Frepo%2F&"));
}

TEST_F(S3StoreTest, NamesObjectsAsItsCallerDoes) {
  transport_.then(404, "<Error><Code>NoSuchKey</Code></Error>")
      .then(412, "<Error><Code>PreconditionFailed</Code></Error>")
      .then(404, "<Error><Code>NoSuchBucket</Code></Error>");
  S3Store store = open();
  EXPECT_EQ(store.get("a").error().message, "there is no object a");
  EXPECT_EQ(store.put("a", "x", PutMode::create_only).error().message, "object a exists already");
  EXPECT_THAT(store.get("a").error().message,
              HasSubstr("GetObject s3://backups/team/repo/a: NoSuchBucket"));
}

TEST_F(S3StoreTest, SendsNothingForWhatIsNoKey) {
  S3Store store = open();
  EXPECT_FALSE(store.get("../other"));
  EXPECT_FALSE(store.remove("A"));
  EXPECT_TRUE(transport_.requests.empty());
}

TEST(S3Prefix, IsAFolderThatStaysInItsBucket) {
  for (const char* good : {"", "a", "Team/Repo-1", "x/y/z"}) EXPECT_TRUE(check_s3_prefix(good));
  for (const char* bad : {"/", "a/", "/a", "a//b", "../a", ".a", "a b", "a?b", "a%2fb"})
    EXPECT_EQ(check_s3_prefix(bad).error().kind, ErrorKind::invalid_input) << bad;
}

}  // namespace
}  // namespace tidemark::storage
