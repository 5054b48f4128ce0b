#include "aws/auth/sts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/manual_clock.h"
#include "tests/support/scripted_transport.h"

namespace tidemark::aws {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

const Credentials kCaller{"AKIACALLER", Secret("canary-caller-secret"), Secret(), std::nullopt,
                          "test"};
const RoleRequest kRole{"arn:aws:iam::123456789012:role/backup", "", "", std::nullopt};

std::string session_answer(std::string_view action) {
  return "<" + std::string(action) +
         "Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><" + std::string(action) +
         "Result><Credentials><AccessKeyId>ASIASESSION</AccessKeyId>"
         "<SecretAccessKey>canary-session-secret</SecretAccessKey>"
         "<SessionToken>canary-session-token==</SessionToken>"
         "<Expiration>2026-11-22T03:00:00Z</Expiration></Credentials></" +
         std::string(action) + "Result></" + std::string(action) + "Response>";
}

std::string error_answer(std::string_view code, std::string_view message) {
  return "<ErrorResponse><Error><Type>Sender</Type><Code>" + std::string(code) +
         "</Code><Message>" + std::string(message) + "</Message></Error></ErrorResponse>";
}

class StsTest : public ::testing::Test {
 protected:
  Sts sts(const Environment& environment = {}, const std::string& region = "eu-central-1") {
    return Sts(environment, region, transport_, clock_);
  }
  test::ScriptedTransport transport_;
  test::ManualClock clock_{"2026-11-22T02:00:00Z"};
};

TEST_F(StsTest, AssumesARole) {
  transport_.then(200, session_answer("AssumeRole"));
  const auto session = sts().assume_role(
      kCaller, {"arn:aws:iam::123456789012:role/backup", "nightly", "id&1", Seconds{900}});
  ASSERT_TRUE(session) << session.error().message;
  EXPECT_EQ(session->access_key_id, "ASIASESSION");
  EXPECT_EQ(session->secret_access_key.reveal(), "canary-session-secret");
  EXPECT_EQ(session->session_token.reveal(), "canary-session-token==");
  EXPECT_EQ(session->expires, *parse_time("2026-11-22T03:00:00Z"));
  EXPECT_EQ(session->provider, "role arn:aws:iam::123456789012:role/backup");

  const net::HttpRequest& request = transport_.requests.at(0);
  EXPECT_EQ(request.url, "https://sts.eu-central-1.amazonaws.com/");
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.body,
            "Action=AssumeRole&Version=2011-06-15&"
            "RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fbackup&RoleSessionName=nightly&"
            "ExternalId=id%261&DurationSeconds=900");
  EXPECT_THAT(std::string(*net::find_header(request.headers, "Authorization")),
              HasSubstr("Credential=AKIACALLER/20261122/eu-central-1/sts/aws4_request"));
}

TEST_F(StsTest, NamesItsOwnSessions) {
  transport_.then(200, session_answer("AssumeRole"));
  ASSERT_TRUE(sts().assume_role(kCaller, kRole));
  EXPECT_THAT(transport_.requests.at(0).body, HasSubstr("RoleSessionName=tidemark-1795312800"));
}

TEST_F(StsTest, WebIdentityIsNotSigned) {
  transport_.then(200, session_answer("AssumeRoleWithWebIdentity"));
  const auto session = sts().assume_role_with_web_identity(Secret("ey.token+"), kRole);
  ASSERT_TRUE(session) << session.error().message;
  const net::HttpRequest& request = transport_.requests.at(0);
  EXPECT_FALSE(net::find_header(request.headers, "Authorization"));
  EXPECT_THAT(request.body, HasSubstr("&WebIdentityToken=ey.token%2B"));
}

TEST_F(StsTest, TellsWhoWeAre) {
  transport_.then(200,
                  "<GetCallerIdentityResponse><GetCallerIdentityResult>"
                  "<Arn>arn:aws:iam::123456789012:user/backup</Arn><UserId>AIDAEXAMPLE</UserId>"
                  "<Account>123456789012</Account></GetCallerIdentityResult>"
                  "</GetCallerIdentityResponse>");
  const auto identity = sts().caller_identity(kCaller);
  ASSERT_TRUE(identity) << identity.error().message;
  EXPECT_EQ(identity->account, "123456789012");
  EXPECT_EQ(identity->arn, "arn:aws:iam::123456789012:user/backup");
  EXPECT_EQ(identity->user_id, "AIDAEXAMPLE");
}

TEST_F(StsTest, TheEndpointFollowsTheVariablesAndTheRegion) {
  const auto url = [&](const Environment& environment, const std::string& region) {
    transport_.then(403, "");
    const auto answer = sts(environment, region).caller_identity(kCaller);
    EXPECT_FALSE(answer);
    return transport_.requests.empty() ? answer.error().message : transport_.requests.back().url;
  };
  EXPECT_EQ(url({}, "cn-north-1"), "https://sts.cn-north-1.amazonaws.com.cn/");
  EXPECT_EQ(url({}, ""), "https://sts.amazonaws.com/");
  EXPECT_THAT(std::string(*net::find_header(transport_.requests.back().headers, "Authorization")),
              HasSubstr("/us-east-1/sts/"));
  EXPECT_EQ(url({{"AWS_ENDPOINT_URL", "http://127.0.0.1:5000"}}, ""), "http://127.0.0.1:5000/");
  EXPECT_EQ(url({{"AWS_ENDPOINT_URL", "http://127.0.0.1:5000"},
                 {"AWS_ENDPOINT_URL_STS", "http://127.0.0.1:6000/"}},
                "eu-west-1"),
            "http://127.0.0.1:6000/");
  transport_.requests.clear();
  EXPECT_THAT(url({}, "evil.example/"), HasSubstr("not a region"));
}

TEST_F(StsTest, TriesAgainWhenTheServiceIsAwayAndNotWhenItRefuses) {
  transport_.then(ErrorKind::timed_out).then(503, "").then(200, session_answer("AssumeRole"));
  EXPECT_TRUE(sts().assume_role(kCaller, kRole));
  EXPECT_EQ(transport_.requests.size(), 3u);
  transport_.requests.clear();
  for (int i = 0; i < 3; ++i) transport_.then(400, error_answer("Throttling", "slow down"));
  EXPECT_EQ(sts().assume_role(kCaller, kRole).error().kind, ErrorKind::unavailable);
  EXPECT_EQ(transport_.requests.size(), 3u);
  transport_.requests.clear();
  transport_.then(403, error_answer("AccessDenied", "not authorized"));
  const auto refused = sts().assume_role(kCaller, kRole);
  EXPECT_EQ(refused.error().kind, ErrorKind::denied);
  EXPECT_EQ(refused.error().code, "AccessDenied");
  EXPECT_THAT(refused.error().message,
              StartsWith("assuming arn:aws:iam::123456789012:role/backup: AssumeRole: "));
  EXPECT_THAT(refused.error().hint, HasSubstr("trust"));
  EXPECT_EQ(transport_.requests.size(), 1u);
}

TEST_F(StsTest, MalformedSessionsAreCorrupt) {
  const std::string good = session_answer("AssumeRole");
  for (const char* const part : {"<Expiration>2026-11-22T03:00:00Z</Expiration>",
                                 "<SessionToken>canary-session-token==</SessionToken>",
                                 "<AccessKeyId>ASIASESSION</AccessKeyId>"}) {
    std::string without = good;
    without.erase(without.find(part), std::string_view(part).size());
    transport_.then(200, without);
    const auto session = sts().assume_role(kCaller, kRole);
    ASSERT_FALSE(session) << part;
    EXPECT_THAT(session.error().message, Not(HasSubstr("canary")));
  }
  transport_.then(200, "<AssumeRoleResponse/>");
  EXPECT_EQ(sts().assume_role(kCaller, kRole).error().kind, ErrorKind::corrupt);
}

TEST_F(StsTest, ErrorsDoNotRepeatWhatTheServiceWouldHaveSigned) {
  Credentials session = kCaller;
  session.session_token = Secret("canary-token");
  transport_.then(403, error_answer("SignatureDoesNotMatch",
                                    "The request signature we calculated does not match.\n\n"
                                    "The Canonical String for this request should have been\n"
                                    "'x-amz-security-token:canary-token'"));
  const auto refused = sts().assume_role(session, kRole);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::denied);
  EXPECT_THAT(refused.error().message, Not(HasSubstr("canary")));
}

}  // namespace
}  // namespace tidemark::aws
