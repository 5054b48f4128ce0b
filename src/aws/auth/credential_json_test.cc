#include "aws/auth/credential_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tidemark::aws {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view kProcess =
    R"({"Version":1,"AccessKeyId":"ASIAEXAMPLE","SecretAccessKey":"canary-secret-1",)"
    R"("SessionToken":"canary-token-1","Expiration":"2026-11-22T03:00:00Z"})";
constexpr std::string_view kMetadata =
    R"({"Code":"Success","AccessKeyId":"ASIAEXAMPLE","SecretAccessKey":"canary-secret-2",)"
    R"("Token":"canary-token-2","Expiration":"2026-11-22T03:00:00Z"})";

std::string fault(std::string_view text, CredentialJson dialect = CredentialJson::process) {
  const auto credentials = decode_credentials(text, dialect, "test");
  return credentials ? "(none)" : credentials.error().message;
}

TEST(CredentialJson, ReadsBothDialects) {
  const auto process = decode_credentials(kProcess, CredentialJson::process, "a process");
  ASSERT_TRUE(process);
  EXPECT_EQ(process->access_key_id, "ASIAEXAMPLE");
  EXPECT_EQ(process->secret_access_key.reveal(), "canary-secret-1");
  EXPECT_EQ(process->session_token.reveal(), "canary-token-1");
  EXPECT_EQ(process->expires, *parse_time("2026-11-22T03:00:00Z"));
  EXPECT_EQ(process->provider, "a process");
  const auto metadata = decode_credentials(kMetadata, CredentialJson::metadata, "a service");
  ASSERT_TRUE(metadata);
  EXPECT_EQ(metadata->session_token.reveal(), "canary-token-2");
}

TEST(CredentialJson, LongTermKeysOfAProcessHaveNoExpiry) {
  const auto credentials =
      decode_credentials(R"({"Version":1,"AccessKeyId":"AKIA","SecretAccessKey":"s"})",
                         CredentialJson::process, "test");
  ASSERT_TRUE(credentials);
  EXPECT_FALSE(credentials->expires);
  EXPECT_TRUE(credentials->session_token.empty());
}

TEST(CredentialJson, FaultsNameTheMember) {
  EXPECT_EQ(fault(""), "test: the credentials are not valid JSON");
  EXPECT_EQ(fault("[]"), "test: the credentials are not a JSON object");
  EXPECT_EQ(fault("{}"), "test: the credentials are not of Version 1");
  EXPECT_EQ(fault(R"({"Version":2})"), "test: the credentials are not of Version 1");
  EXPECT_EQ(fault(R"({"Version":"1"})"), "test: the credentials are not of Version 1");
  EXPECT_EQ(fault(R"({"Version":1,"SecretAccessKey":"s"})"),
            "test: the credentials have no AccessKeyId");
  EXPECT_EQ(fault(R"({"Version":1,"AccessKeyId":"a","SecretAccessKey":7})"),
            "test: the credentials have no SecretAccessKey");
  EXPECT_EQ(fault(R"({"Version":1,"AccessKeyId":"a","SecretAccessKey":"s","Expiration":"soon"})"),
            "test: the credentials have no valid Expiration");
  EXPECT_EQ(fault(R"({"AccessKeyId":"a","SecretAccessKey":"s"})", CredentialJson::metadata),
            "test: the credentials have no valid Expiration");
  EXPECT_EQ(fault(std::string(kCredentialJsonBytesMax + 1, ' ')),
            "test: the credentials are too long");
}

TEST(CredentialJson, ARefusalOfTheServiceIsDenied) {
  const auto refused = decode_credentials(
      R"({"Code":"AssumeRoleUnauthorizedAccess","Message":"EC2 cannot assume the role"})",
      CredentialJson::metadata, "instance role");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::denied);
  EXPECT_EQ(refused.error().message,
            "instance role: AssumeRoleUnauthorizedAccess: EC2 cannot assume the role");
}

TEST(CredentialJson, DamagedTextIsAnErrorWithoutSecrets) {
  for (std::size_t length = 0; length < kProcess.size(); ++length) {
    const std::string message = fault(kProcess.substr(0, length));
    EXPECT_NE(message, "(none)") << length;
    EXPECT_THAT(message, Not(HasSubstr("canary")));
  }
  for (std::size_t at = 0; at < kProcess.size(); ++at) {
    for (const char byte : {'\0', '"', '}', '\x80'}) {
      std::string damaged(kProcess);
      damaged[at] = byte;
      EXPECT_THAT(fault(damaged), Not(HasSubstr("canary"))) << at;
    }
  }
}

}  // namespace
}  // namespace tidemark::aws
