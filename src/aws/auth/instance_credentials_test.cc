#include "aws/auth/instance_credentials.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/scripted_transport.h"

namespace tidemark::aws {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kKeys = R"({"Code":"Success","Type":"AWS-HMAC","AccessKeyId":"ASIAINSTANCE",)"
                              R"("SecretAccessKey":"canary-secret","Token":"canary-session",)"
                              R"("Expiration":"2026-11-22T08:00:00Z"})";

class InstanceCredentials : public ::testing::Test {
 protected:
  Result<LinkAnswer> ask(const Environment& environment = {}) {
    return instance_credentials(environment, transport_);
  }
  void expect_pass(const Environment& environment, const char* why) {
    const auto answer = ask(environment);
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_FALSE(answer->credentials);
    EXPECT_THAT(answer->why_not, HasSubstr(why));
  }
  void expect_error(ErrorKind kind) {
    const auto answer = ask();
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, kind) << answer.error().message;
    EXPECT_THAT(answer.error().message, Not(HasSubstr("canary")));
  }
  test::ScriptedTransport transport_;
};

TEST_F(InstanceCredentials, ComeInThreeStepsWithAToken) {
  transport_.then(200, "canary-imds-token").then(200, "backup+role\n").then(200, kKeys);
  const auto answer = ask();
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->credentials->access_key_id, "ASIAINSTANCE");
  EXPECT_EQ(answer->credentials->expires, *parse_time("2026-11-22T08:00:00Z"));

  const auto& requests = transport_.requests;
  ASSERT_EQ(requests.size(), 3u);
  EXPECT_EQ(requests[0].method, "PUT");
  EXPECT_EQ(requests[0].url, "http://169.254.169.254/latest/api/token");
  EXPECT_EQ(net::find_header(requests[0].headers, "X-aws-ec2-metadata-token-ttl-seconds"), "21600");
  EXPECT_EQ(requests[1].url, "http://169.254.169.254/latest/meta-data/iam/security-credentials/");
  EXPECT_EQ(requests[2].url,
            "http://169.254.169.254/latest/meta-data/iam/security-credentials/backup%2Brole");
  for (const int i : {1, 2}) {
    EXPECT_EQ(net::find_header(requests[i].headers, "X-aws-ec2-metadata-token"),
              "canary-imds-token");
    EXPECT_EQ(requests[i].deadline, Millis{1'000});
  }
}

TEST_F(InstanceCredentials, CostOneShortQuestionWhereThereIsNoInstance) {
  transport_.then(ErrorKind::timed_out, "no answer in 1 s");
  expect_pass({}, "169.254.169.254");
  EXPECT_EQ(transport_.requests.size(), 1u);
  EXPECT_EQ(transport_.requests[0].deadline, Millis{1'000});
  transport_.then(ErrorKind::unavailable, "refused");
  expect_pass({}, "AWS_EC2_METADATA_DISABLED");
}

TEST_F(InstanceCredentials, PassWhenDisabled) {
  for (const char* const word : {"true", "TRUE", "True"}) {
    expect_pass({{"AWS_EC2_METADATA_DISABLED", word}}, "AWS_EC2_METADATA_DISABLED");
  }
  EXPECT_TRUE(transport_.requests.empty());
}

TEST_F(InstanceCredentials, PassWhenTheServiceGivesNoTokenOrHasNoRole) {
  for (const int status : {400, 401, 403, 404, 405, 500}) {
    transport_.then(status, "");
    expect_pass({}, "IMDSv2 token");
  }
  transport_.then(200, "token").then(404, "<html>");
  expect_pass({}, "no role");
  transport_.then(200, "token").then(200, "");
  expect_pass({}, "no role");
}

TEST_F(InstanceCredentials, HeedTheVariables) {
  transport_.then(200, "token").then(404, "");
  expect_pass({{"AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "ipv6"}}, "no role");
  EXPECT_EQ(transport_.requests.back().url.substr(0, 22), "http://[fd00:ec2::254]");
  transport_.then(200, "token").then(404, "");
  expect_pass({{"AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:1338/"},
               {"AWS_METADATA_SERVICE_TIMEOUT", "5"}},
              "no role");
  EXPECT_EQ(transport_.requests.back().url,
            "http://127.0.0.1:1338/latest/meta-data/iam/security-credentials/");
  EXPECT_EQ(transport_.requests.back().deadline, Millis{5'000});
  transport_.requests.clear();
  transport_.then(ErrorKind::timed_out).then(ErrorKind::timed_out).then(ErrorKind::timed_out);
  expect_pass({{"AWS_METADATA_SERVICE_NUM_ATTEMPTS", "3"}}, "169.254.169.254");
  EXPECT_EQ(transport_.requests.size(), 3u);

  for (const Environment& bad :
       {Environment{{"AWS_METADATA_SERVICE_TIMEOUT", "0"}},
        Environment{{"AWS_METADATA_SERVICE_TIMEOUT", "1s"}},
        Environment{{"AWS_METADATA_SERVICE_NUM_ATTEMPTS", "99"}},
        Environment{{"AWS_EC2_METADATA_SERVICE_ENDPOINT", "169.254.169.254"}}}) {
    const auto answer = ask(bad);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, ErrorKind::invalid_input);
    EXPECT_THAT(answer.error().message, HasSubstr(bad.begin()->first));
  }
}

TEST_F(InstanceCredentials, OnceATokenCameAFailureIsAnError) {
  transport_.then(200, "");
  expect_error(ErrorKind::corrupt);
  transport_.then(200, "canary token\r\nX: y");
  expect_error(ErrorKind::corrupt);
  transport_.then(200, "token").then(ErrorKind::timed_out).then(ErrorKind::timed_out);
  expect_error(ErrorKind::timed_out);
  transport_.then(200, "token").then(500, "").then(503, "");
  expect_error(ErrorKind::unavailable);
  transport_.then(200, "token").then(401, "");
  expect_error(ErrorKind::denied);
  transport_.then(200, "token").then(200, "../../../canary");
  expect_error(ErrorKind::corrupt);
  transport_.then(200, "token").then(200, "role").then(404, "canary");
  expect_error(ErrorKind::denied);
  transport_.then(200, "token").then(200, "role").then(200, "");
  expect_error(ErrorKind::corrupt);
  transport_.then(200, "token").then(200, "role").then(200, R"({"Code":"Failed","Message":"m"})");
  expect_error(ErrorKind::denied);
  transport_.then(ErrorKind::cancelled);
  expect_error(ErrorKind::cancelled);
}

TEST_F(InstanceCredentials, OneLostAnswerIsForgiven) {
  transport_.then(200, "token")
      .then(ErrorKind::timed_out)
      .then(200, "role")
      .then(503, "")
      .then(200, kKeys);
  const auto answer = ask();
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_TRUE(answer->credentials);
}

}  // namespace
}  // namespace tidemark::aws
