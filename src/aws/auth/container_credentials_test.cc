#include "aws/auth/container_credentials.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/manual_clock.h"
#include "tests/support/scripted_transport.h"

namespace tidemark::aws {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kAnswer =
    R"({"RoleArn":"r","AccessKeyId":"ASIACONTAINER","SecretAccessKey":"canary-secret",)"
    R"("Token":"canary-token","Expiration":"2026-11-22T08:00:00Z"})";

class ContainerCredentials : public ::testing::Test {
 protected:
  Result<LinkAnswer> ask(const Environment& environment) {
    return container_credentials(environment, transport_, clock_);
  }
  test::ScriptedTransport transport_;
  test::ManualClock clock_{"2026-11-22T02:00:00Z"};
};

TEST_F(ContainerCredentials, PassWhenNoAgentIsNamed) {
  const auto answer = ask({{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", ""}});
  ASSERT_TRUE(answer);
  EXPECT_FALSE(answer->credentials);
  EXPECT_THAT(answer->why_not, HasSubstr("AWS_CONTAINER_CREDENTIALS_FULL_URI"));
  EXPECT_TRUE(transport_.requests.empty());
}

TEST_F(ContainerCredentials, ComeFromTheEcsAgentByARelativeUri) {
  transport_.then(200, kAnswer);
  const auto answer = ask({{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials/1?a=b"},
                           {"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1/ignored"}});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->credentials->access_key_id, "ASIACONTAINER");
  EXPECT_EQ(answer->credentials->session_token.reveal(), "canary-token");
  EXPECT_EQ(transport_.requests.at(0).url, "http://169.254.170.2/v2/credentials/1?a=b");
  EXPECT_FALSE(net::find_header(transport_.requests.at(0).headers, "Authorization"));
  EXPECT_LE(transport_.requests.at(0).deadline, Millis{2'000});
}

TEST_F(ContainerCredentials, ARelativeUriCannotNameAnotherHost) {
  for (const char* const uri : {"@evil.example/", "evil", ".evil.example/"}) {
    const auto answer = ask({{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", uri}});
    ASSERT_FALSE(answer) << uri;
    EXPECT_EQ(answer.error().kind, ErrorKind::denied);
  }
}

TEST_F(ContainerCredentials, AFullUriLeadsToAnAgentOrOverTls) {
  for (const char* const good :
       {"http://127.0.0.1:1338/x", "http://127.9.8.7/x", "http://localhost/x", "http://[::1]:80/x",
        "http://169.254.170.2/x", "http://169.254.170.23/v1/credentials",
        "http://[fd00:ec2::23]/v1/credentials", "https://agent.example/x"}) {
    transport_.then(200, kAnswer);
    EXPECT_TRUE(ask({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", good}})) << good;
    EXPECT_EQ(transport_.requests.back().url, good);
  }
  transport_.requests.clear();
  for (const char* const bad :
       {"http://agent.example/x", "http://169.254.169.254/x", "http://10.0.0.1/x",
        "http://127.0.0.1@evil.example/x", "http://localhost.evil.example/x", "ftp://127.0.0.1/x",
        "http://[::2]/x", "/x"}) {
    const auto answer = ask({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", bad},
                             {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "canary-token"}});
    ASSERT_FALSE(answer) << bad;
    EXPECT_EQ(answer.error().kind, ErrorKind::denied) << bad;
  }
  EXPECT_TRUE(transport_.requests.empty());
}

TEST_F(ContainerCredentials, ShowTheTokenOfPodIdentity) {
  const auto path = std::filesystem::path(::testing::TempDir()) / "pod-identity-token";
  std::ofstream(path) << "first-token\n";
  Environment environment = {{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://169.254.170.23/v1"},
                             {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", path},
                             {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "not this one"}};
  transport_.then(200, kAnswer).then(200, kAnswer).then(200, kAnswer);
  ASSERT_TRUE(ask(environment));
  EXPECT_EQ(net::find_header(transport_.requests.back().headers, "Authorization"), "first-token");
  std::ofstream(path) << "second-token";
  ASSERT_TRUE(ask(environment));
  EXPECT_EQ(net::find_header(transport_.requests.back().headers, "Authorization"), "second-token");
  environment.erase("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
  ASSERT_TRUE(ask(environment));
  EXPECT_EQ(net::find_header(transport_.requests.back().headers, "Authorization"), "not this one");

  environment["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "canary\r\nX: y";
  const auto forged = ask(environment);
  ASSERT_FALSE(forged);
  EXPECT_THAT(forged.error().message, Not(HasSubstr("canary")));
  environment["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = "/nonexistent/token";
  EXPECT_FALSE(ask(environment));
  std::filesystem::remove(path);
}

TEST_F(ContainerCredentials, AskAgainWhenTheAgentStumbles) {
  transport_.then(ErrorKind::unavailable).then(500, "").then(200, kAnswer);
  EXPECT_TRUE(ask({{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/x"}}));
  EXPECT_EQ(clock_.sleeps.size(), 2u);
}

TEST_F(ContainerCredentials, FailWithWhatTheAgentDid) {
  const Environment environment = {{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/x"}};
  transport_.then(ErrorKind::timed_out).then(ErrorKind::timed_out).then(ErrorKind::timed_out);
  EXPECT_EQ(ask(environment).error().kind, ErrorKind::timed_out);
  transport_.then(403, R"({"code":"AccessDenied","message":"no role"})");
  const auto refused = ask(environment);
  EXPECT_EQ(refused.error().kind, ErrorKind::denied);
  EXPECT_THAT(refused.error().message, HasSubstr("no role"));
  transport_.then(503, "").then(503, "").then(503, "");
  EXPECT_EQ(ask(environment).error().kind, ErrorKind::unavailable);
  transport_.then(200, "<html>");
  EXPECT_EQ(ask(environment).error().kind, ErrorKind::corrupt);
  clock_.stop_after = static_cast<int>(clock_.sleeps.size());
  transport_.then(ErrorKind::unavailable);
  EXPECT_EQ(ask(environment).error().kind, ErrorKind::cancelled);
}

}  // namespace
}  // namespace tidemark::aws
