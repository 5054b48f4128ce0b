#include "aws/s3/s3_client.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/encoding.h"
#include "crypto/hash.h"
#include "tests/support/fixed_credentials.h"
#include "tests/support/manual_clock.h"
#include "tests/support/scripted_transport.h"

namespace tidemark::aws {
namespace {

using net::HttpRequest;
using net::HttpResponse;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string error_body(std::string_view code) {
  return fmt::format("<Error><Code>{}</Code><Message>as the test says</Message></Error>", code);
}

std::string checksum_of_body(std::string_view body) { return to_base64(crypto::sha256(body)); }

class S3ClientTest : public ::testing::Test {
 protected:
  std::unique_ptr<S3Client> open(BucketLocation location = {.bucket = "backups",
                                                            .region = "eu-west-1"},
                                 S3Limits limits = {.single_put_bytes_max = 10, .part_bytes = 4}) {
    auto client = S3Client::open(std::move(location), {transport_, credentials_, clock_}, limits,
                                 [](const AttemptRecord&) {});
    CHECK(bool(client));
    return *std::move(client);
  }
  // The requests so far, "PUT /key?query" each.
  std::vector<std::string> requests() const {
    std::vector<std::string> lines;
    for (const HttpRequest& request : transport_.requests)
      lines.push_back(request.method + " " + request.url.substr(request.url.find('/', 8)));
    return lines;
  }
  std::string header(std::size_t request, std::string_view name) const {
    return std::string(
        net::find_header(transport_.requests.at(request).headers, name).value_or("(none)"));
  }

  test::ScriptedTransport transport_;
  test::FixedCredentials credentials_;
  test::ManualClock clock_{"2026-11-22T02:00:00Z"};
};

TEST_F(S3ClientTest, PutSendsSignedAndChecksummedBytes) {
  transport_.then(200, "");
  ASSERT_TRUE(open()->put("a/b", "bytes", PutCondition::if_absent));
  EXPECT_EQ(transport_.requests[0].url, "https://backups.s3.eu-west-1.amazonaws.com/a/b");
  EXPECT_EQ(transport_.requests[0].method, "PUT");
  EXPECT_EQ(transport_.requests[0].body, "bytes");
  EXPECT_EQ(header(0, "If-None-Match"), "*");
  EXPECT_TRUE(transport_.requests[0].send_once);
  EXPECT_EQ(header(0, "x-amz-checksum-sha256"), checksum_of_body("bytes"));
  EXPECT_EQ(header(0, "x-amz-content-sha256"), to_hex(crypto::sha256("bytes")));
  EXPECT_THAT(header(0, "Authorization"), HasSubstr("/eu-west-1/s3/aws4_request"));
  EXPECT_THAT(header(0, "Authorization"), HasSubstr("if-none-match"));
}

TEST_F(S3ClientTest, PutOverwritesOnlyWhenNoConditionIsSet) {
  transport_.then(200, "");
  ASSERT_TRUE(open()->put("a", "x", PutCondition::none));
  EXPECT_EQ(header(0, "If-None-Match"), "(none)");
}

TEST_F(S3ClientTest, RefusalsSayWhatACallerMayDo) {
  const struct {
    int status;
    std::string code;
    ErrorKind kind;
  } refusals[] = {{412, "PreconditionFailed", ErrorKind::already_exists},
                  {409, "ConditionalRequestConflict", ErrorKind::unavailable},
                  {503, "SlowDown", ErrorKind::unavailable},
                  {500, "InternalError", ErrorKind::unavailable},
                  {400, "RequestTimeout", ErrorKind::unavailable},
                  {400, "BadDigest", ErrorKind::unavailable},
                  {400, "XAmzContentSHA256Mismatch", ErrorKind::unavailable},
                  {403, "AccessDenied", ErrorKind::denied},
                  {404, "NoSuchBucket", ErrorKind::rejected},
                  {501, "NotImplemented", ErrorKind::unsupported},
                  {403, "InvalidObjectState", ErrorKind::conflict},
                  {403, "QuotaExceeded", ErrorKind::exhausted}};
  for (const auto& [status, code, kind] : refusals) {
    transport_.then(status, error_body(code));
    const Status done = open()->put("a", "x", PutCondition::if_absent);
    ASSERT_FALSE(done) << code;
    EXPECT_EQ(done.error().kind, kind) << code;
    EXPECT_EQ(done.error().code, code);
    EXPECT_THAT(done.error().message, HasSubstr("PutObject s3://backups/a: "));
  }
  EXPECT_THAT(clock_.sleeps, ElementsAre());  // one attempt each
}

TEST_F(S3ClientTest, PutDistrustsAnAnswerAboutOtherBytes) {
  transport_.then(200, "", {{"x-amz-checksum-sha256", checksum_of_body("other")}});
  EXPECT_EQ(open()->put("a", "x", PutCondition::none).error().kind, ErrorKind::corrupt);
}

TEST_F(S3ClientTest, GetChecksBytesAgainstTheirChecksum) {
  const auto client = open();
  transport_.then(200, "bytes", {{"x-amz-checksum-sha256", checksum_of_body("bytes")}});
  EXPECT_EQ(*client->get("a"), "bytes");
  EXPECT_EQ(header(0, "x-amz-checksum-mode"), "ENABLED");
  transport_.then(200, "bytez", {{"x-amz-checksum-sha256", checksum_of_body("bytes")}});
  EXPECT_EQ(client->get("a").error().kind, ErrorKind::corrupt);
  transport_.then(200, "bytes");  // no checksum is kept: none is checked
  EXPECT_EQ(*client->get("a"), "bytes");
  transport_.then(200, "bytes", {{"x-amz-checksum-sha256", checksum_of_body("parts") + "-2"}});
  EXPECT_EQ(*client->get("a"), "bytes");  // a checksum of checksums
}

TEST_F(S3ClientTest, GetTakesExactlyTheRange) {
  const auto client = open();
  transport_.then(206, "345", {{"Content-Range", "bytes 3-5/10"}});
  EXPECT_EQ(*client->get("a", S3Range{3, 3}), "345");
  EXPECT_EQ(header(0, "Range"), "bytes=3-5");
  const struct {
    int status;
    std::string body;
    std::string range;
  } bad[] = {{206, "34", "bytes 3-4/5"},    // the object ends there
             {206, "34", "bytes 3-5/10"},   // fewer bytes than stated
             {206, "345", "bytes 4-6/10"},  // others than asked for
             {206, "345", ""},              // not said which
             {200, "0123456789", ""},       // all of it
             {416, error_body("InvalidRange"), ""}};
  for (const auto& [status, body, range] : bad) {
    net::Headers headers;
    if (!range.empty()) headers.emplace_back("Content-Range", range);
    transport_.then(status, body, headers);
    const auto bytes = client->get("a", S3Range{3, 3});
    ASSERT_FALSE(bytes) << status << body;
    EXPECT_EQ(bytes.error().kind, ErrorKind::corrupt) << bytes.error().message;
  }
}

TEST_F(S3ClientTest, ARangeOfNothingAsksForTheSizeOnly) {
  const net::Headers headers{{"Content-Length", "10"},
                             {"Last-Modified", "Sun, 22 Nov 2026 01:00:00 GMT"}};
  const auto client = open();
  transport_.then(200, "", headers).then(200, "", headers);
  EXPECT_EQ(*client->get("a", S3Range{10, 0}), "");
  EXPECT_EQ(client->get("a", S3Range{11, 0}).error().kind, ErrorKind::corrupt);
  EXPECT_THAT(requests(), ElementsAre("HEAD /a", "HEAD /a"));
}

TEST_F(S3ClientTest, RangesBeyondEveryLimitAreNotSent) {
  const auto client = open();
  EXPECT_EQ(client->get("a", S3Range{~std::uint64_t{0}, 2}).error().kind, ErrorKind::corrupt);
  EXPECT_EQ(client->get("a", S3Range{0, 5ull << 30}).error().kind, ErrorKind::exhausted);
  EXPECT_TRUE(transport_.requests.empty());
}

TEST_F(S3ClientTest, HeadTellsSizeAndTime) {
  transport_.then(200, "",
                  {{"Content-Length", "5000000000"},
                   {"ETag", "\"e\""},
                   {"Last-Modified", "Sun, 22 Nov 2026 01:00:00 GMT"}});
  const auto object = open()->head("a");
  ASSERT_TRUE(object) << object.error().message;
  EXPECT_EQ(object->size, 5'000'000'000u);
  EXPECT_EQ(object->etag, "\"e\"");
  EXPECT_EQ(object->modified, *parse_time("2026-11-22T01:00:00Z"));
}

TEST_F(S3ClientTest, HeadBelievesNoAnswerWithoutASize) {
  for (const net::Headers& headers :
       {net::Headers{{"Content-Length", "5"}},
        net::Headers{{"Last-Modified", "Sun, 22 Nov 2026 01:00:00 GMT"}},
        net::Headers{{"Content-Length", "-5"}, {"Last-Modified", "Sun, 22 Nov 2026 01:00:00 GMT"}},
        net::Headers{{"Content-Length", "5"}, {"Last-Modified", "yesterday"}}}) {
    transport_.then(200, "", headers);
    EXPECT_EQ(open()->head("a").error().kind, ErrorKind::corrupt);
  }
}

TEST_F(S3ClientTest, HeadAsksWhatIsMissingTheObjectOrTheBucket) {
  const auto client = open();
  transport_.then(404, "").then(404, error_body("NoSuchKey"));
  EXPECT_EQ(client->head("a").error().kind, ErrorKind::not_found);
  transport_.then(404, "").then(404, error_body("NoSuchBucket"));
  EXPECT_EQ(client->head("a").error().kind, ErrorKind::rejected);
  transport_.then(404, "").then(206, "x", {{"Content-Range", "bytes 0-0/5"}});
  EXPECT_EQ(client->head("a").error().kind, ErrorKind::unavailable);
  transport_.then(404, "").then(416, error_body("InvalidRange"));  // it is empty
  EXPECT_EQ(client->head("a").error().kind, ErrorKind::unavailable);
  transport_.then(404, "").then(503, error_body("SlowDown"));
  EXPECT_EQ(client->head("a").error().kind, ErrorKind::unavailable);
}

TEST_F(S3ClientTest, RemovingWhatIsMissingSucceedsUnlessItIsTheBucket) {
  const auto client = open();
  transport_.then(204, "");
  EXPECT_TRUE(client->remove("a"));
  transport_.then(404, error_body("NoSuchKey"));
  EXPECT_TRUE(client->remove("a"));
  transport_.then(404, error_body("NoSuchBucket"));
  EXPECT_EQ(client->remove("a").error().kind, ErrorKind::rejected);
  transport_.then(403, error_body("AccessDenied"));
  EXPECT_EQ(client->remove("a").error().kind, ErrorKind::denied);
}

TEST_F(S3ClientTest, FollowsTheBucketToItsRegionAndStaysThere) {
  const auto client = open({.bucket = "backups"});
  transport_.then(301, error_body("PermanentRedirect"), {{"x-amz-bucket-region", "eu-north-1"}})
      .then(200, "x")
      .then(200, "y");
  EXPECT_EQ(*client->get("a"), "x");
  EXPECT_EQ(*client->get("b"), "y");
  EXPECT_EQ(transport_.requests[0].url, "https://backups.s3.us-east-1.amazonaws.com/a");
  EXPECT_EQ(transport_.requests[1].url, "https://backups.s3.eu-north-1.amazonaws.com/a");
  EXPECT_EQ(transport_.requests[2].url, "https://backups.s3.eu-north-1.amazonaws.com/b");
  EXPECT_THAT(header(1, "Authorization"), HasSubstr("/eu-north-1/s3/"));
}

TEST_F(S3ClientTest, DoesNotFollowABucketForEver) {
  transport_.otherwise = [&](const HttpRequest&) {
    const bool even = transport_.requests.size() % 2 == 0;
    return HttpResponse{301, {{"x-amz-bucket-region", even ? "eu-west-1" : "eu-north-1"}}, ""};
  };
  EXPECT_FALSE(open()->get("a"));
  EXPECT_EQ(transport_.requests.size(), 2u);
}

TEST_F(S3ClientTest, AnEndpointOfItsOwnIsNeverLeft) {
  transport_.then(301, error_body("PermanentRedirect"), {{"x-amz-bucket-region", "eu-north-1"}});
  const auto bytes =
      open({.bucket = "backups", .endpoint_url = "https://s3.example.org"})->get("a");
  ASSERT_FALSE(bytes);
  EXPECT_EQ(bytes.error().hint, "Set the region that the bucket is in.");
  EXPECT_EQ(transport_.requests.size(), 1u);
}

TEST_F(S3ClientTest, ASessionThatIsOverIsRenewed) {
  transport_.then(400, error_body("ExpiredToken")).then(200, "x");
  EXPECT_EQ(*open()->get("a"), "x");
  EXPECT_EQ(header(0, "X-Amz-Security-Token"), "token1");
  EXPECT_EQ(header(1, "X-Amz-Security-Token"), "token2");
}

TEST_F(S3ClientTest, LargeBodiesHaveMoreTime) {
  const auto client =
      open({.bucket = "backups", .region = "eu-west-1"}, {.single_put_bytes_max = 64u << 20});
  transport_.then(200, "").then(200, "");
  ASSERT_TRUE(client->put("a", "x", PutCondition::none));
  ASSERT_TRUE(client->put("a", std::string(60u << 20, 'x'), PutCondition::none));
  EXPECT_EQ(transport_.requests[0].deadline, Millis{60'000});
  EXPECT_EQ(transport_.requests[1].deadline, Millis{60'000 + 480'000});
}

std::string page(const std::vector<std::string>& keys, std::string_view next_token) {
  std::string xml = "<ListBucketResult>";
  for (const std::string& key : keys)
    xml += fmt::format(
        "<Contents><Key>{}</Key><Size>1</Size>"
        "<LastModified>2026-11-22T02:00:00Z</LastModified></Contents>",
        key);
  xml += fmt::format("<IsTruncated>{}</IsTruncated>", next_token.empty() ? "false" : "true");
  if (!next_token.empty())
    xml += fmt::format("<NextContinuationToken>{}</NextContinuationToken>", next_token);
  return xml + "</ListBucketResult>";
}

class S3ListingTest : public S3ClientTest {
 protected:
  Status list(const std::string& prefix) {
    return open()->for_each_object(prefix, [&](const S3Object& object) -> Status {
      seen_.push_back(object.key);
      return Done{};
    });
  }
  std::vector<std::string> seen_;
};

TEST_F(S3ListingTest, GoesThroughAllPages) {
  transport_.then(200, page({"p/a", "p/b"}, "t+1"))
      .then(200, page({}, "t2"))
      .then(200, page({"p/c"}, ""));
  ASSERT_TRUE(list("p/"));
  EXPECT_THAT(seen_, ElementsAre("p/a", "p/b", "p/c"));
  const std::string query = "GET /?list-type=2&prefix=p%2F&encoding-type=url&max-keys=1000";
  EXPECT_THAT(requests(), ElementsAre(query, query + "&continuation-token=t%2B1",
                                      query + "&continuation-token=t2"));
}

TEST_F(S3ListingTest, APageThatFailsEndsInAnError) {
  for (const auto& [status, body] :
       std::vector<std::pair<int, std::string>>{{503, error_body("SlowDown")},
                                                {200, error_body("InternalError")},
                                                {200, page({"p/b"}, "").substr(0, 50)},
                                                {200, ""},
                                                {200, "<html>hotel</html>"}}) {
    transport_.script.clear();
    transport_.then(200, page({"p/a"}, "t1")).then(status, body);
    EXPECT_FALSE(list("p/")) << body;
  }
}

TEST_F(S3ListingTest, PagesThatComeAgainAreAnError) {
  transport_.then(200, page({"p/a"}, "t1")).then(200, page({"p/a"}, "t2"));
  EXPECT_EQ(list("p/").error().kind, ErrorKind::corrupt);
  transport_.then(200, page({"p/a"}, "t1")).then(200, page({"p/b"}, "t1"));
  EXPECT_THAT(list("p/").error().message, HasSubstr("goes in circles"));
}

}  // namespace
}  // namespace tidemark::aws
