#include "aws/auth/environment_credentials.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tidemark::aws {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kSecret = "canary/SECRET+0123456789";

TEST(EnvironmentCredentials, AreTheThreeVariables) {
  const auto answer = environment_credentials({{"AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"},
                                               {"AWS_SECRET_ACCESS_KEY", kSecret},
                                               {"AWS_SESSION_TOKEN", "session-token"},
                                               {"AWS_SECURITY_TOKEN", "older-token"}});
  ASSERT_TRUE(answer);
  ASSERT_TRUE(answer->credentials);
  EXPECT_EQ(answer->credentials->access_key_id, "AKIDEXAMPLE");
  EXPECT_EQ(answer->credentials->secret_access_key.reveal(), kSecret);
  EXPECT_EQ(answer->credentials->session_token.reveal(), "session-token");
  EXPECT_EQ(answer->credentials->provider, "environment");
  EXPECT_FALSE(answer->credentials->expires);
}

TEST(EnvironmentCredentials, PassWhenNeitherKeyIsSet) {
  const auto answer = environment_credentials({{"AWS_SESSION_TOKEN", "left over"}});
  ASSERT_TRUE(answer);
  EXPECT_FALSE(answer->credentials);
  EXPECT_THAT(answer->why_not, HasSubstr("AWS_ACCESS_KEY_ID"));
}

TEST(EnvironmentCredentials, HalfAPairIsDeniedAndNamesTheVariable) {
  const struct {
    Environment environment;
    const char* message;
  } cases[] = {
      {{{"AWS_ACCESS_KEY_ID", ""}, {"AWS_SECRET_ACCESS_KEY", kSecret}},
       "AWS_ACCESS_KEY_ID is set but empty, while AWS_SECRET_ACCESS_KEY is set"},
      {{{"AWS_SECRET_ACCESS_KEY", kSecret}},
       "AWS_ACCESS_KEY_ID is not set, while AWS_SECRET_ACCESS_KEY is set"},
      {{{"AWS_ACCESS_KEY_ID", "AKID"}, {"AWS_SECRET_ACCESS_KEY", ""}},
       "AWS_SECRET_ACCESS_KEY is set but empty, while AWS_ACCESS_KEY_ID is set"},
      {{{"AWS_ACCESS_KEY_ID", "AKID"}},
       "AWS_SECRET_ACCESS_KEY is not set, while AWS_ACCESS_KEY_ID is set"},
  };
  for (const auto& [environment, message] : cases) {
    const auto answer = environment_credentials(environment);
    ASSERT_FALSE(answer) << message;
    EXPECT_EQ(answer.error().kind, ErrorKind::denied);
    EXPECT_EQ(answer.error().message, message);
    EXPECT_THAT(answer.error().hint, HasSubstr("unset"));
  }
}

TEST(EnvironmentCredentials, AnEmptyKeyAloneIsDenied) {
  const auto answer = environment_credentials({{"AWS_ACCESS_KEY_ID", ""}});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::denied);
  EXPECT_EQ(answer.error().message, "AWS_ACCESS_KEY_ID is set but empty");
}

TEST(EnvironmentCredentials, CarryTheirExpiry) {
  Environment environment = {{"AWS_ACCESS_KEY_ID", "AKID"},
                             {"AWS_SECRET_ACCESS_KEY", kSecret},
                             {"AWS_CREDENTIAL_EXPIRATION", "2026-11-22T03:00:00+00:00"}};
  EXPECT_EQ(environment_credentials(environment)->credentials->expires,
            *parse_time("2026-11-22T03:00:00Z"));
  environment["AWS_CREDENTIAL_EXPIRATION"] = "tomorrow";
  const auto answer = environment_credentials(environment);
  ASSERT_FALSE(answer);
  EXPECT_THAT(answer.error().message, HasSubstr("AWS_CREDENTIAL_EXPIRATION"));
}

TEST(EnvironmentCredentials, KeysThatCannotStandInAHeaderAreDeniedAndNotShown) {
  for (const std::string secret : {"canary secret", "canary\nsecret", "canary\xc3\xbc"}) {
    const auto answer =
        environment_credentials({{"AWS_ACCESS_KEY_ID", "AKID"}, {"AWS_SECRET_ACCESS_KEY", secret}});
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, ErrorKind::denied);
    EXPECT_THAT(answer.error().message, HasSubstr("secret access key"));
    EXPECT_THAT(answer.error().message + answer.error().hint, Not(HasSubstr("canary")));
  }
}

}  // namespace
}  // namespace tidemark::aws
