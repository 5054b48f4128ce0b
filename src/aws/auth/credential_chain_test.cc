#include "aws/auth/credential_chain.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/log.h"
#include "tests/support/manual_clock.h"
#include "tests/support/scripted_transport.h"

namespace tidemark::aws {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// A world with a metadata service, a container agent and an STS, each of which can be switched off.
// STS answers with a session named after the role and the key that asked for it.
class CredentialChainTest : public ::testing::Test {
 protected:
  void SetUp() override {
    home_ = std::filesystem::path(::testing::TempDir()) /
            ::testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::create_directories(home_ / ".aws");
    environment_ = {{"HOME", home_}, {"PATH", "/usr/bin:/bin"}};
    transport_.otherwise = [this](const net::HttpRequest& request) { return answer(request); };
  }
  void TearDown() override { std::filesystem::remove_all(home_); }

  void config(std::string_view text) { std::ofstream(home_ / ".aws/config") << text; }
  void keys(std::string_view text) { std::ofstream(home_ / ".aws/credentials") << text; }

  std::unique_ptr<CredentialChain> chain(const std::string& profile = {}) {
    return std::make_unique<CredentialChain>(
        CredentialChainOptions{environment_, profile, "eu-central-1"}, transport_, clock_, stop_);
  }
  // The access key that the chain finds, or its error.
  std::string found(const std::string& profile = {}) {
    const auto credentials = chain(profile)->get();
    return credentials ? credentials->access_key_id : explain(credentials.error());
  }
  static std::string explain(const Error& error) {
    EXPECT_THAT(error.message + error.hint, Not(HasSubstr("canary")));
    return std::string(kind_name(error.kind)) + ": " + error.message + " | " + error.hint;
  }

  Result<net::HttpResponse> answer(const net::HttpRequest& request) {
    const auto url = net::parse_url(request.url);
    if (url->host == "169.254.169.254" && has_instance_) return metadata(url->path);
    if (url->host == "169.254.170.2") return net::HttpResponse{200, {}, json("ASIACONTAINER")};
    if (url->host.starts_with("sts.")) return session(request);
    return Error{ErrorKind::timed_out, "no answer in 1 s"};
  }
  static Result<net::HttpResponse> metadata(const std::string& path) {
    if (path == "/latest/api/token") return net::HttpResponse{200, {}, "canary-imds-token"};
    if (path.ends_with("/")) return net::HttpResponse{200, {}, "role"};
    return net::HttpResponse{200, {}, json("ASIAINSTANCE")};
  }
  static std::string json(const std::string& key) {
    return R"({"AccessKeyId":")" + key + R"(","SecretAccessKey":"canary-json-secret",)" +
           R"("Token":"canary-json-token","Expiration":"2026-11-22T12:00:00Z"})";
  }
  Result<net::HttpResponse> session(const net::HttpRequest& request) {
    const auto part = [&](const std::string& text, std::string_view after, char end) {
      const std::size_t start = text.find(after);
      if (start == std::string::npos) return std::string("nobody");
      const std::size_t at = start + after.size();
      return text.substr(at, text.find(end, at) - at);
    };
    const std::string authorization(
        net::find_header(request.headers, "Authorization").value_or(""));
    const std::string action = part(request.body, "Action=", '&');
    const std::string role = part(request.body, "role%2F", '&');
    const std::string caller = part(authorization, "Credential=", '/');
    const TimePoint expires = clock_.now() + std::chrono::hours(1);
    const std::string body =
        "<" + action + "Response><" + action + "Result><Credentials><AccessKeyId>" + role + "-by-" +
        caller + "</AccessKeyId><SecretAccessKey>canary-sts-secret</SecretAccessKey>" +
        "<SessionToken>canary-sts-token</SessionToken><Expiration>" + format_time(expires) +
        "</Expiration></Credentials></" + action + "Result></" + action + "Response>";
    return net::HttpResponse{200, {}, body};
  }

  std::filesystem::path home_;
  Environment environment_;
  bool has_instance_ = false;
  test::ScriptedTransport transport_;
  test::ManualClock clock_{"2026-11-22T02:00:00Z"};
  StopSignal stop_;
};

constexpr const char* kStaticKeys =
    "[default]\naws_access_key_id = AKIADEFAULT\naws_secret_access_key = canary-file-secret\n";

TEST_F(CredentialChainTest, LinksAnswerInBotocoresOrder) {
  // Everything is configured; then what answers is taken away, one by one.
  has_instance_ = true;
  environment_["AWS_ACCESS_KEY_ID"] = "AKIAENVIRONMENT";
  environment_["AWS_SECRET_ACCESS_KEY"] = "canary-environment-secret";
  environment_["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/x";
  std::ofstream(home_ / "token") << "canary-web-token";
  const std::string static_keys =
      "aws_access_key_id = AKIACONFIG\n"
      "aws_secret_access_key = canary-config-secret\n";
  const std::string process =
      "credential_process = /bin/echo "
      "'{\"Version\":1,\"AccessKeyId\":\"AKIAPROCESS\",\"SecretAccessKey\":\"canary-process\"}'\n";
  const std::string web = "web_identity_token_file = " + (home_ / "token").string() + "\n" +
                          "role_arn = arn:aws:iam::1:role/web\n";
  keys(kStaticKeys);
  config("[default]\nrole_arn = arn:aws:iam::1:role/r\ncredential_source = Environment\n" +
         process + static_keys);

  EXPECT_EQ(found(), "AKIAENVIRONMENT");
  EXPECT_EQ(found("default"), "r-by-AKIAENVIRONMENT");
  environment_.erase("AWS_ACCESS_KEY_ID");
  environment_.erase("AWS_SECRET_ACCESS_KEY");
  config("[default]\n" + web + process + static_keys);
  EXPECT_EQ(found(), "web-by-nobody");
  config("[default]\n" + process + static_keys);
  EXPECT_EQ(found(), "AKIADEFAULT");
  keys("");
  EXPECT_EQ(found(), "AKIAPROCESS");
  config("[default]\n" + static_keys);
  EXPECT_EQ(found(), "AKIACONFIG");
  config("");
  EXPECT_EQ(found(), "ASIACONTAINER");
  environment_.erase("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
  EXPECT_EQ(found(), "ASIAINSTANCE");
  has_instance_ = false;
  EXPECT_THAT(found(), HasSubstr("no AWS credentials found"));
}

TEST_F(CredentialChainTest, WithoutAnyTheErrorListsEveryLinkAndWhy) {
  EXPECT_THAT(found(),
              AllOf(HasSubstr("denied: no AWS credentials found: environment: AWS_ACCESS_KEY_ID"),
                    HasSubstr("role of the profile: profile default assumes no role"),
                    HasSubstr("web identity: neither AWS_WEB_IDENTITY_TOKEN_FILE"),
                    HasSubstr("single sign-on: profile default"),
                    HasSubstr("credentials file: no profile default in " + home_.string()),
                    HasSubstr("credential process: profile default has none"),
                    HasSubstr("config file: no profile default"),
                    HasSubstr("container agent: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"),
                    HasSubstr("instance role: no answer from http://169.254.169.254"),
                    HasSubstr("| set AWS_ACCESS_KEY_ID")));
}

TEST_F(CredentialChainTest, OnlyTheOperatorsOwnProfileBeatsKeysInTheEnvironment) {
  environment_["AWS_ACCESS_KEY_ID"] = "AKIAENVIRONMENT";
  environment_["AWS_SECRET_ACCESS_KEY"] = "canary-environment-secret";
  environment_["AWS_PROFILE"] = "default";
  keys(kStaticKeys);
  EXPECT_EQ(found(), "AKIAENVIRONMENT");
  EXPECT_EQ(found("default"), "AKIADEFAULT");
}

TEST_F(CredentialChainTest, HalfAPairInTheEnvironmentEndsTheSearch) {
  environment_["AWS_ACCESS_KEY_ID"] = "";
  keys(kStaticKeys);
  EXPECT_THAT(found(), HasSubstr("denied: AWS_ACCESS_KEY_ID is set but empty"));
}

TEST_F(CredentialChainTest, AProfileThatIsNamedMustExist) {
  keys(kStaticKeys);
  EXPECT_THAT(found("prod"), HasSubstr("denied: profile prod does not exist"));
  environment_["AWS_PROFILE"] = "prod";
  EXPECT_THAT(found(), AllOf(HasSubstr("profile prod does not exist"),
                             HasSubstr("[profile prod] in " + home_.string())));
  config("[profile prod]\nregion = a\naws_access_key_id=AKIAPROD\naws_secret_access_key=s\n");
  EXPECT_EQ(found(), "AKIAPROD");
}

TEST_F(CredentialChainTest, HalfAPairInAFileIsDenied) {
  keys("[default]\naws_access_key_id = AKIA\n");
  EXPECT_THAT(found(), AllOf(HasSubstr("denied: profile default of"),
                             HasSubstr("has no aws_secret_access_key")));
  keys("[default]\naws_access_key_id =\naws_secret_access_key = canary-secret\n");
  EXPECT_THAT(found(), HasSubstr("has no aws_access_key_id"));
}

TEST_F(CredentialChainTest, RolesAreAssumedFromTheSourceThatTheProfileNames) {
  has_instance_ = true;
  environment_["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/x";
  keys(kStaticKeys);
  config(
      "[profile from-keys]\nrole_arn=arn:aws:iam::1:role/a\nsource_profile=default\n"
      "[profile from-role]\nrole_arn=arn:aws:iam::1:role/b\nsource_profile=from-keys\n"
      "[profile from-container]\nrole_arn=arn:aws:iam::1:role/c\ncredential_source=EcsContainer\n"
      "[profile from-instance]\nrole_arn=arn:aws:iam::1:role/d\n"
      "credential_source=Ec2InstanceMetadata\n"
      "[profile itself]\nrole_arn=arn:aws:iam::1:role/e\nsource_profile=itself\n"
      "aws_access_key_id=AKIAITSELF\naws_secret_access_key=s\n"
      "[profile keys-and-role]\nrole_arn=arn:aws:iam::1:role/f\nsource_profile=from-keys\n"
      "aws_access_key_id=AKIABOTH\naws_secret_access_key=s\n"
      "[profile from-both]\nrole_arn=arn:aws:iam::1:role/g\nsource_profile=keys-and-role\n");
  EXPECT_EQ(found("from-keys"), "a-by-AKIADEFAULT");
  EXPECT_EQ(found("from-role"), "b-by-a-by-AKIADEFAULT");
  EXPECT_EQ(found("from-container"), "c-by-ASIACONTAINER");
  EXPECT_EQ(found("from-instance"), "d-by-ASIAINSTANCE");
  EXPECT_EQ(found("itself"), "e-by-AKIAITSELF");
  EXPECT_EQ(found("from-both"), "g-by-AKIABOTH");
}

TEST_F(CredentialChainTest, RoleSettingsReachSts) {
  keys(kStaticKeys);
  config(
      "[profile p]\nrole_arn=arn:aws:iam::1:role/a\nsource_profile=default\n"
      "external_id=ex-1\nrole_session_name=nightly\nduration_seconds=43200\n");
  EXPECT_EQ(found("p"), "a-by-AKIADEFAULT");
  EXPECT_THAT(transport_.requests.back().body,
              AllOf(HasSubstr("RoleSessionName=nightly"), HasSubstr("ExternalId=ex-1"),
                    HasSubstr("DurationSeconds=43200")));
}

TEST_F(CredentialChainTest, RolesThatCannotBeAssumedSayWhy) {
  keys(kStaticKeys);
  const std::string role = "role_arn=arn:aws:iam::1:role/a\n";
  const struct {
    std::string profile;
    const char* error;
  } cases[] = {
      {role, "denied: profile p has neither source_profile nor credential_source"},
      {role + "source_profile=default\ncredential_source=Environment\n",
       "denied: profile p has both source_profile and credential_source"},
      {role + "source_profile=nowhere\n",
       "denied: profile p has the source_profile nowhere, which does not exist"},
      {role + "source_profile=p\n", "leads back to profile p by source_profile: p > p"},
      {role + "source_profile=q\n[profile q]\n" + role + "source_profile=p\n",
       "profile q leads back to profile p by source_profile: p > q > p"},
      {role + "source_profile=q\n[profile q]\nregion=x\n",
       "denied: profile p has the source_profile q, which has no credentials"},
      {role + "credential_source=Magic\n", "unknown credential_source Magic"},
      {role + "credential_source=Environment\n",
       "denied: profile p takes its credentials from Environment, which has none"},
      {role + "source_profile=default\nmfa_serial=arn:aws:iam::1:mfa/me\n",
       "unsupported: profile p asks for an MFA code (mfa_serial)"},
      {role + "source_profile=default\nduration_seconds=1h\n",
       "denied: profile p has a duration_seconds that is not from 900 to 43200"},
      {"role_arn=\nsource_profile=default\n", "denied: profile p has an empty role_arn"},
  };
  for (const auto& [profile, error] : cases) {
    config("[profile p]\n" + profile);
    EXPECT_THAT(found("p"), HasSubstr(error)) << profile;
  }
  std::string tall;
  for (int i = 0; i < 20; ++i) {
    tall += "[profile p" + std::to_string(i) + "]\n" + role + "source_profile=p" +
            std::to_string(i + 1) + "\n";
  }
  config(tall + "[profile p20]\naws_access_key_id=AKIA\naws_secret_access_key=s\n");
  EXPECT_THAT(found("p0"), HasSubstr("denied: profile p"));
}

TEST_F(CredentialChainTest, WebIdentityComesFromTheEnvironmentOrTheProfile) {
  std::ofstream(home_ / "token") << "canary-web-token\n";
  environment_["AWS_WEB_IDENTITY_TOKEN_FILE"] = home_ / "token";
  EXPECT_THAT(found(), HasSubstr("denied: web identity has a token file and no role"));
  environment_["AWS_ROLE_ARN"] = "arn:aws:iam::1:role/pod";
  environment_["AWS_ROLE_SESSION_NAME"] = "pod-7";
  EXPECT_EQ(found(), "pod-by-nobody");
  EXPECT_THAT(
      transport_.requests.back().body,
      AllOf(HasSubstr("RoleSessionName=pod-7"), HasSubstr("WebIdentityToken=canary-web-token")));
  keys(kStaticKeys);
  EXPECT_EQ(found("default"), "AKIADEFAULT");  // the operator's profile, not the environment

  std::ofstream(home_ / "token") << "";
  EXPECT_THAT(found(), HasSubstr("is empty"));
  environment_["AWS_WEB_IDENTITY_TOKEN_FILE"] = "/nonexistent/token";
  EXPECT_THAT(found(), HasSubstr("/nonexistent/token"));
}

TEST_F(CredentialChainTest, SingleSignOnIsRefusedWithWhatToDo) {
  for (const char* const key : {"sso_session = corp", "sso_start_url = https://corp.example",
                                "login_session = arn:aws:iam::1:user/me"}) {
    config("[profile p]\n" + std::string(key) + "\n");
    EXPECT_THAT(found("p"), AllOf(HasSubstr("unsupported: profile p signs in through a browser"),
                                  HasSubstr("credential_process = aws configure")));
  }
}

TEST_F(CredentialChainTest, OnceALinkAnsweredOnlyItIsAskedAgain) {
  has_instance_ = true;
  const auto kept = chain();
  ASSERT_TRUE(kept->get());
  EXPECT_EQ(transport_.requests.size(), 3u);
  ASSERT_TRUE(kept->get());
  EXPECT_EQ(transport_.requests.size(), 3u);
  keys(kStaticKeys);
  kept->forget();
  EXPECT_EQ(kept->get()->access_key_id, "ASIAINSTANCE");
  has_instance_ = false;
  kept->forget();
  const auto gone = kept->get();
  ASSERT_FALSE(gone);
  EXPECT_THAT(explain(gone.error()),
              HasSubstr("denied: instance role has no credentials any more"));
}

TEST_F(CredentialChainTest, SessionsAreRenewedFromTheFilesOfTheMoment) {
  keys(kStaticKeys);
  config("[default]\n[profile p]\nrole_arn=arn:aws:iam::1:role/a\nsource_profile=default\n");
  const auto kept = chain("p");
  EXPECT_EQ(kept->get()->access_key_id, "a-by-AKIADEFAULT");
  keys("[default]\naws_access_key_id = AKIAROTATED\naws_secret_access_key = canary\n");
  EXPECT_EQ(kept->get()->access_key_id, "a-by-AKIADEFAULT");
  clock_.advance(std::chrono::minutes(46));
  EXPECT_EQ(kept->get()->access_key_id, "a-by-AKIAROTATED");
}

TEST_F(CredentialChainTest, EverySecretIsRegisteredWithTheLog) {
  has_instance_ = true;
  environment_["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/x";
  environment_["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "canary-agent-token";
  std::ofstream(home_ / "token") << "canary-web-token";
  keys(kStaticKeys);
  config(
      "[profile r]\nrole_arn=arn:aws:iam::1:role/a\nsource_profile=default\n"
      "[profile i]\nrole_arn=arn:aws:iam::1:role/a\ncredential_source=Ec2InstanceMetadata\n"
      "[profile c]\nrole_arn=arn:aws:iam::1:role/a\ncredential_source=EcsContainer\n"
      "[profile w]\nrole_arn=arn:aws:iam::1:role/a\nweb_identity_token_file=" +
      (home_ / "token").string() + "\n");
  for (const char* const profile : {"r", "i", "c", "w"}) {
    EXPECT_THAT(found(profile), HasSubstr("a-by-")) << profile;
  }
  for (const char* const secret :
       {"canary-file-secret", "canary-json-secret", "canary-json-token", "canary-sts-secret",
        "canary-sts-token", "canary-agent-token", "canary-web-token", "canary-imds-token"}) {
    EXPECT_THAT(log::safe_text("<" + std::string(secret) + ">"), Not(HasSubstr("canary")))
        << secret;
  }
}

TEST_F(CredentialChainTest, AnUnreadableFileEndsTheSearch) {
  config("[default]\ncanary-nonsense\n");
  EXPECT_THAT(found(), AllOf(HasSubstr("invalid_input: " + home_.string()), HasSubstr("line 2")));
}

}  // namespace
}  // namespace tidemark::aws
