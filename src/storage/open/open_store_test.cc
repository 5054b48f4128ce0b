#include "storage/open/open_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/fixed_credentials.h"
#include "tests/support/manual_clock.h"
#include "tests/support/scripted_transport.h"
#include "tests/support/temporary_folder.h"

namespace tidemark::storage {
namespace {

using ::testing::HasSubstr;

std::string path_in(std::string_view text) {
  const auto location = parse_store_location(text);
  if (!location) return "error: " + location.error().message;
  const auto* local = std::get_if<LocalLocation>(&*location);
  return local == nullptr ? "s3" : local->path;
}

std::string bucket_and_prefix_in(std::string_view text) {
  const auto location = parse_store_location(text);
  if (!location) return "error: " + location.error().message;
  const auto* s3 = std::get_if<S3Location>(&*location);
  return s3 == nullptr ? "local" : s3->bucket.bucket + " " + s3->prefix;
}

TEST(StoreLocation, IsAFolder) {
  EXPECT_EQ(path_in("/srv/backup"), "/srv/backup");
  EXPECT_EQ(path_in("backup"), "backup");
  EXPECT_EQ(path_in("./s3/backup"), "./s3/backup");
  EXPECT_EQ(path_in("/srv/what://ever"), "/srv/what://ever");
  EXPECT_EQ(path_in("file:///srv/my%20backup"), "/srv/my backup");
}

TEST(StoreLocation, IsABucketAndAPrefix) {
  EXPECT_EQ(bucket_and_prefix_in("s3://backups"), "backups ");
  EXPECT_EQ(bucket_and_prefix_in("s3://backups/"), "backups ");
  EXPECT_EQ(bucket_and_prefix_in("s3://backups/team/repo"), "backups team/repo");
  EXPECT_EQ(bucket_and_prefix_in("s3://backups/team/repo/"), "backups team/repo");
}

TEST(StoreLocation, TakesItsOptions) {
  const auto location = parse_store_location(
      "s3://backups/x",
      {.region = "garage", .endpoint_url = "http://127.0.0.1:9000", .path_style = false});
  ASSERT_TRUE(location) << location.error().message;
  const auto& bucket = std::get<S3Location>(*location).bucket;
  EXPECT_EQ(bucket.region, "garage");
  EXPECT_EQ(bucket.endpoint_url, "http://127.0.0.1:9000");
  EXPECT_EQ(bucket.path_style, false);
}

TEST(StoreLocation, SaysWhatIsWrongWithIt) {
  const struct {
    std::string text;
    std::string says;
  } bad[] = {{"", "it is empty"},
             {"s3:backups", "S3 is written s3://bucket/prefix"},
             {"s3://", "not the name of a bucket"},
             {"s3:///prefix", "not the name of a bucket"},
             {"s3://Backups", "not the name of a bucket"},
             {"s3://backups/../other", "not a prefix"},
             {"s3://backups//x", "not a prefix"},
             {"s3://backups/x?region=eu-west-1", "options and credentials"},
             {"s3://key:secret@backups/x", "options and credentials"},
             {"ftp://host/x", "'ftp' is not known"},
             {"https://backups.s3.amazonaws.com/x", "'https' is not known"},
             {"file://host/x", "three slashes"},
             {"file:///x%2", "broken % escape"},
             {"file:///x%00y", "zero byte"},
             {"\x1b[2J://x", "'\\x1b[2J' is not known"}};
  for (const auto& [text, says] : bad) {
    const auto location = parse_store_location(text);
    ASSERT_FALSE(location) << text;
    EXPECT_EQ(location.error().kind, ErrorKind::invalid_input) << text;
    EXPECT_THAT(location.error().message, HasSubstr(says)) << text;
    EXPECT_FALSE(location.error().hint.empty()) << text;
  }
}

TEST(StoreLocation, RepeatsNoSecretThatWasWrittenIntoIt) {
  const auto location = parse_store_location("s3://key:hunter2@backups/x");
  EXPECT_EQ(location.error().message.find("hunter2"), std::string::npos);
}

TEST(StoreLocation, RefusesOptionsThatItCannotUse) {
  EXPECT_THAT(parse_store_location("/srv/backup", {.region = "eu-west-1"}).error().message,
              HasSubstr("go with s3:// only"));
  EXPECT_EQ(parse_store_location("s3://backups", {.region = "Europe"}).error().kind,
            ErrorKind::invalid_input);
  EXPECT_EQ(parse_store_location("s3://backups", {.endpoint_url = "127.0.0.1:9000"}).error().kind,
            ErrorKind::invalid_input);
}

TEST(OpenStore, OpensAFolderAndMakesItOnlyWhenAsked) {
  test::TemporaryFolder folder;
  const StoreLocation location = LocalLocation{folder.path("repo")};
  EXPECT_EQ(open_store(location, OpenMode::existing, {}).error().kind, ErrorKind::not_found);
  ASSERT_TRUE(open_store(location, OpenMode::create, {}));
  const auto store = open_store(location, OpenMode::existing, {});
  ASSERT_TRUE(store);
  EXPECT_EQ((*store)->describe(), folder.path("repo"));
}

TEST(OpenStore, OpensABucketWithWhatItIsGiven) {
  test::ScriptedTransport transport;
  test::FixedCredentials credentials;
  test::ManualClock clock{"2026-11-22T02:00:00Z"};
  const auto location = *parse_store_location("s3://backups/repo", {.region = "eu-west-1"});
  const auto store =
      open_store(location, OpenMode::existing, {aws::SenderParts{transport, credentials, clock}});
  ASSERT_TRUE(store) << store.error().message;
  EXPECT_EQ((*store)->describe(), "s3://backups/repo");
  EXPECT_TRUE(transport.requests.empty());
  transport.then(503, "").then(200, "x");
  EXPECT_EQ((*store)->get("a").error().kind, ErrorKind::unavailable);  // one attempt
  EXPECT_EQ(*(*store)->get("a"), "x");
  EXPECT_EQ(open_store(location, OpenMode::existing, {}).error().kind, ErrorKind::unsupported);
}

}  // namespace
}  // namespace tidemark::storage
