#include "aws/auth/sigv4.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tidemark::aws {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

// The key, time and scope of AWS's "aws-sig-v4-test-suite".
const Credentials kSuiteKey{"AKIDEXAMPLE", Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
                            Secret(), std::nullopt, "test"};
const SigningScope kSuiteScope{"us-east-1", "service"};

TimePoint at(std::string_view text) { return *parse_time(text); }

std::string header(const net::HttpRequest& request, std::string_view name) {
  return std::string(net::find_header(request.headers, name).value_or("(absent)"));
}

net::HttpRequest suite_request(std::string method, std::string_view target,
                               net::Headers headers = {}, std::string body = {}) {
  net::HttpRequest request;
  request.method = std::move(method);
  request.url = "https://example.amazonaws.com" + std::string(target);
  request.headers = std::move(headers);
  request.body = std::move(body);
  return request;
}

struct SuiteVector {
  std::string_view name;
  std::string_view method;
  std::string_view target;
  net::Headers headers;
  std::string_view body;
  std::string_view signed_headers;
  std::string_view signature;
};

constexpr std::string_view kUnreserved =
    "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

// The suite's requests and the signatures that AWS published for them. Those with raw bytes in
// their URL, which no transport of ours sends, are in canonical_request_test.cc.
const std::vector<SuiteVector>& suite_vectors() {
  static const std::string unreserved_path = "/" + std::string(kUnreserved);
  static const std::string unreserved_query =
      "/?" + std::string(kUnreserved) + "=" + std::string(kUnreserved);
  static const std::vector<SuiteVector> vectors = {
      {"get-vanilla",
       "GET",
       "/",
       {},
       "",
       "host;x-amz-date",
       "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
      {"get-vanilla-empty-query-key",
       "GET",
       "/?Param1=value1",
       {},
       "",
       "host;x-amz-date",
       "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb"},
      {"get-vanilla-query-order-key",
       "GET",
       "/?Param1=value2&Param1=Value1",
       {},
       "",
       "host;x-amz-date",
       "eedbc4e291e521cf13422ffca22be7d2eb8146eecf653089df300a15b2382bd1"},
      {"get-vanilla-query-order-key-case",
       "GET",
       "/?Param2=value2&Param1=value1",
       {},
       "",
       "host;x-amz-date",
       "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
      {"get-vanilla-query-order-value",
       "GET",
       "/?Param1=value2&Param1=value1",
       {},
       "",
       "host;x-amz-date",
       "5772eed61e12b33fae39ee5e7012498b51d56abc0abb7c60486157bd471c4694"},
      {"get-vanilla-query-unreserved",
       "GET",
       unreserved_query,
       {},
       "",
       "host;x-amz-date",
       "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197"},
      {"get-unreserved",
       "GET",
       unreserved_path,
       {},
       "",
       "host;x-amz-date",
       "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"},
      {"get-header-key-duplicate",
       "GET",
       "/",
       {{"My-Header1", "value2"}, {"My-Header1", "value2"}, {"My-Header1", "value1"}},
       "",
       "host;my-header1;x-amz-date",
       "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"},
      {"get-header-value-order",
       "GET",
       "/",
       {{"My-Header1", "value4"},
        {"My-Header1", "value1"},
        {"My-Header1", "value3"},
        {"My-Header1", "value2"}},
       "",
       "host;my-header1;x-amz-date",
       "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01"},
      {"get-header-value-trim",
       "GET",
       "/",
       {{"My-Header1", " value1"}, {"My-Header2", " \"a   b   c\""}},
       "",
       "host;my-header1;my-header2;x-amz-date",
       "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"},
      {"normalize-path/get-relative",
       "GET",
       "/example/..",
       {},
       "",
       "host;x-amz-date",
       "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
      {"normalize-path/get-relative-relative",
       "GET",
       "/example1/example2/../..",
       {},
       "",
       "host;x-amz-date",
       "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
      {"normalize-path/get-slash",
       "GET",
       "//",
       {},
       "",
       "host;x-amz-date",
       "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
      {"normalize-path/get-slash-dot-slash",
       "GET",
       "/./",
       {},
       "",
       "host;x-amz-date",
       "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
      {"normalize-path/get-slashes",
       "GET",
       "//example//",
       {},
       "",
       "host;x-amz-date",
       "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84"},
      {"normalize-path/get-slash-pointless-dot",
       "GET",
       "/./example",
       {},
       "",
       "host;x-amz-date",
       "ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5"},
      {"post-vanilla",
       "POST",
       "/",
       {},
       "",
       "host;x-amz-date",
       "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
      {"post-vanilla-query",
       "POST",
       "/?Param1=value1",
       {},
       "",
       "host;x-amz-date",
       "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11"},
      {"post-header-key-sort",
       "POST",
       "/",
       {{"My-Header1", "value1"}},
       "",
       "host;my-header1;x-amz-date",
       "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c"},
      {"post-header-value-case",
       "POST",
       "/",
       {{"My-Header1", "VALUE1"}},
       "",
       "host;my-header1;x-amz-date",
       "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d"},
      {"post-x-www-form-urlencoded",
       "POST",
       "/",
       {{"Content-Type", "application/x-www-form-urlencoded"}},
       "Param1=value1",
       "content-type;host;x-amz-date",
       "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"},
      {"post-x-www-form-urlencoded-parameters",
       "POST",
       "/",
       {{"Content-Type", "application/x-www-form-urlencoded; charset=utf8"}},
       "Param1=value1",
       "content-type;host;x-amz-date",
       "1a72ec8f64bd914b0e42e42607c7fbce7fb2c7465f63e3092b3b0d39fa77a6fe"},
  };
  return vectors;
}

TEST(SigV4, MatchesThePublishedSuite) {
  for (const SuiteVector& vector : suite_vectors()) {
    SCOPED_TRACE(vector.name);
    net::HttpRequest request = suite_request(std::string(vector.method), vector.target,
                                             vector.headers, std::string(vector.body));
    ASSERT_TRUE(sign(request, kSuiteKey, kSuiteScope, at("2015-08-30T12:36:00Z")));
    EXPECT_EQ(header(request, "Authorization"),
              "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
              "SignedHeaders=" +
                  std::string(vector.signed_headers) +
                  ", Signature=" + std::string(vector.signature));
    EXPECT_EQ(header(request, "X-Amz-Date"), "20150830T123600Z");
    EXPECT_EQ(header(request, "Host"), "example.amazonaws.com");
    EXPECT_EQ(header(request, "X-Amz-Content-Sha256"), "(absent)");
  }
}

// The suite's post-sts-token/post-sts-header-before.
TEST(SigV4, CoversTheSessionToken) {
  Credentials session = kSuiteKey;
  session.session_token = Secret(
      "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmx"
      "fpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0K"
      "PkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZb"
      "qBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==");
  net::HttpRequest request = suite_request("POST", "/");
  ASSERT_TRUE(sign(request, session, kSuiteScope, at("2015-08-30T12:36:00Z")));
  EXPECT_THAT(header(request, "Authorization"),
              EndsWith("SignedHeaders=host;x-amz-date;x-amz-security-token, Signature="
                       "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead"));
}

// "Signature calculations: examples" of the Amazon S3 API reference.
const Credentials kS3Key{"AKIAIOSFODNN7EXAMPLE", Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
                         Secret(), std::nullopt, "test"};
const SigningScope kS3Scope{"us-east-1", "s3"};
constexpr std::string_view kS3Time = "2013-05-24T00:00:00Z";
constexpr std::string_view kS3Host = "https://examplebucket.s3.amazonaws.com";

std::string s3_signature(std::string method, std::string_view target, net::Headers headers,
                         std::string body = {}) {
  net::HttpRequest request;
  request.method = std::move(method);
  request.url = std::string(kS3Host) + std::string(target);
  request.headers = std::move(headers);
  request.body = std::move(body);
  const Status signed_ = sign(request, kS3Key, kS3Scope, at(kS3Time));
  if (!signed_) return signed_.error().message;
  const std::string authorization = header(request, "Authorization");
  return authorization.substr(authorization.rfind('=') + 1);
}

TEST(SigV4, MatchesTheS3Examples) {
  EXPECT_EQ(s3_signature("GET", "/test.txt", {{"Range", "bytes=0-9"}}),
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
  EXPECT_EQ(s3_signature("PUT", "/test$file.text",
                         {{"Date", "Fri, 24 May 2013 00:00:00 GMT"},
                          {"x-amz-storage-class", "REDUCED_REDUNDANCY"}},
                         "Welcome to Amazon S3."),
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
  EXPECT_EQ(s3_signature("GET", "/?lifecycle", {}),
            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
  EXPECT_EQ(s3_signature("GET", "/?max-keys=2&prefix=J", {}),
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

TEST(SigV4, PresignsTheS3Example) {
  const auto url = presign_url("GET", std::string(kS3Host) + "/test.txt", kS3Key, kS3Scope,
                               at(kS3Time), Seconds{86400});
  ASSERT_TRUE(url);
  EXPECT_EQ(url->reveal(),
            "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&"
            "X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&"
            "X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&"
            "X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
}

TEST(SigV4, PresignRefusesALifeThatAwsDoes) {
  for (const Seconds life : {Seconds{0}, Seconds{-1}, Seconds{7 * 24 * 3600 + 1}}) {
    const auto url = presign_url("GET", kS3Host, kS3Key, kS3Scope, at(kS3Time), life);
    ASSERT_FALSE(url);
    EXPECT_EQ(url.error().kind, ErrorKind::invalid_input);
  }
}

TEST(SigV4, S3PathsAreSignedInTheSpellingThatTheServiceDerives) {
  // Different bytes on the wire, one key: the service decodes and encodes again.
  EXPECT_EQ(s3_signature("GET", "/a%2bb%7ec", {}), s3_signature("GET", "/a+b~c", {}));
  EXPECT_EQ(s3_signature("GET", "/a%2Bb~c", {}), s3_signature("GET", "/a+b~c", {}));
  // An escaped slash and dot segments are part of the key.
  EXPECT_NE(s3_signature("GET", "/a%2Fb", {}), s3_signature("GET", "/a/b", {}));
  EXPECT_NE(s3_signature("GET", "/a/../b", {}), s3_signature("GET", "/b", {}));
  EXPECT_NE(s3_signature("GET", "/a//b", {}), s3_signature("GET", "/a/b", {}));
}

TEST(SigV4, AFlagInTheQueryHasAnEmptyValue) {
  EXPECT_EQ(s3_signature("GET", "/?versions", {}), s3_signature("GET", "/?versions=", {}));
}

TEST(SigV4, SigningAgainReplacesTheFirstSignature) {
  net::HttpRequest once = suite_request("GET", "/");
  ASSERT_TRUE(sign(once, kSuiteKey, kSuiteScope, at("2015-08-30T12:36:00Z")));
  net::HttpRequest twice = suite_request("GET", "/");
  Credentials session = kSuiteKey;
  session.session_token = Secret("token-of-an-earlier-session");
  ASSERT_TRUE(sign(twice, session, kSuiteScope, at("2015-08-30T12:00:00Z")));
  ASSERT_TRUE(sign(twice, kSuiteKey, kSuiteScope, at("2015-08-30T12:36:00Z")));
  EXPECT_EQ(once.headers, twice.headers);
}

TEST(SigV4, HostHasThePortUnlessItIsTheSchemesOwn) {
  const auto host = [](std::string url) {
    net::HttpRequest request;
    request.url = std::move(url);
    EXPECT_TRUE(sign(request, kSuiteKey, kSuiteScope, at(kS3Time)));
    return header(request, "Host");
  };
  EXPECT_EQ(host("https://RDS.example/"), "rds.example");
  EXPECT_EQ(host("https://rds.example:443/"), "rds.example");
  EXPECT_EQ(host("http://rds.example:443/"), "rds.example:443");
  EXPECT_EQ(host("http://127.0.0.1:5000"), "127.0.0.1:5000");
  EXPECT_EQ(host("http://[::1]:5000/x"), "[::1]:5000");
  EXPECT_EQ(host("http://[::1]/x"), "[::1]");
}

TEST(SigV4, HeadersThatProxiesChangeAreNotSigned) {
  net::HttpRequest request = suite_request(
      "GET", "/", {{"User-Agent", "tidemark"}, {"Expect", "100-continue"}, {"TE", "trailers"}});
  ASSERT_TRUE(sign(request, kSuiteKey, kSuiteScope, at("2015-08-30T12:36:00Z")));
  EXPECT_THAT(header(request, "Authorization"),
              HasSubstr("SignedHeaders=host;x-amz-date, Signature=5fa00fa3"));
}

TEST(SigV4, UnsignedPayloadIsForS3OverTls) {
  const auto attempt = [](std::string url, SigningScope scope) {
    net::HttpRequest request;
    request.method = "PUT";
    request.url = std::move(url);
    request.body = "abc";
    const Status done = sign(request, kS3Key, scope, at(kS3Time), {PayloadSigning::unsigned_});
    return done ? header(request, "X-Amz-Content-Sha256")
                : std::string(kind_name(done.error().kind));
  };
  EXPECT_EQ(attempt("https://b.s3.amazonaws.com/k", kS3Scope), "UNSIGNED-PAYLOAD");
  EXPECT_EQ(attempt("http://b.s3.amazonaws.com/k", kS3Scope), "invalid_input");
  EXPECT_EQ(attempt("https://rds.amazonaws.com/", kSuiteScope), "invalid_input");
}

TEST(SigV4, RefusesWhatCouldBeReadTwoWaysAndLeavesTheRequestAlone) {
  const std::vector<std::pair<std::string, net::Headers>> refused = {
      {"https://h/?a=b+c", {}},
      {"https://h/%", {}},
      {"https://h/%4", {}},
      {"https://h/?a=%zz", {}},
      {"https://h/#fragment", {}},
      {"https://user@h/", {}},
      {"https://h/a\nb", {}},
      {"https://h/a b", {}},
      {"https://h/\u1234", {}},
      {"ftp://h/", {}},
      {"h/", {}},
      {"https:///x", {}},
      {"https://h:port/", {}},
      {"https://[::1/", {}},
      {"https://[::1]x/", {}},
      {"https://h/", {{"X-Evil", "a\r\nHost: b"}}},
      {"https://h/", {{"X Evil", "a"}}},
      {"https://h/", {{"", "a"}}},
  };
  for (const auto& [url, headers] : refused) {
    SCOPED_TRACE(url);
    net::HttpRequest request;
    request.url = url;
    request.headers = headers;
    const Status done = sign(request, kS3Key, kS3Scope, at(kS3Time));
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().kind, ErrorKind::invalid_input);
    EXPECT_EQ(request.headers, headers);
  }
}

TEST(SigV4, RefusesEmptyCredentialsAndAMissingRegion) {
  net::HttpRequest request = suite_request("GET", "/");
  Credentials empty = kSuiteKey;
  empty.secret_access_key = Secret();
  EXPECT_EQ(sign(request, empty, kSuiteScope, at(kS3Time)).error().kind, ErrorKind::denied);
  const Status no_region = sign(request, kSuiteKey, {"", "rds"}, at(kS3Time));
  EXPECT_EQ(no_region.error().kind, ErrorKind::invalid_input);
  EXPECT_THAT(no_region.error().hint, HasSubstr("AWS_REGION"));
}

TEST(SigV4, ErrorsCarryNoSecret) {
  net::HttpRequest request = suite_request("GET", "/?X-Amz-Security-Token=canary-token+x");
  const Status done = sign(request, kSuiteKey, kSuiteScope, at(kS3Time));
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message + done.error().hint, Not(HasSubstr("canary")));
}

}  // namespace
}  // namespace tidemark::aws
