#include "aws/auth/process_credentials.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tidemark::aws {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(SplitCommand, FollowsTheRulesOfAShell) {
  EXPECT_THAT(*split_command(""), IsEmpty());
  EXPECT_THAT(*split_command(" \t\n "), IsEmpty());
  EXPECT_THAT(*split_command("/opt/helper --account  1\n --b"),
              ElementsAre("/opt/helper", "--account", "1", "--b"));
  EXPECT_THAT(*split_command(R"('a b' "c d" e\ f g"h"'i')"),
              ElementsAre("a b", "c d", "e f", "ghi"));
  EXPECT_THAT(*split_command(R"("a\"b" "a\\b" "a\b" 'a\b')"),
              ElementsAre("a\"b", "a\\b", "a\\b", "a\\b"));
  EXPECT_THAT(*split_command(R"('' "" a)"), ElementsAre("", "", "a"));
  EXPECT_THAT(*split_command("a;b|c $HOME `id` > x # y"),
              ElementsAre("a;b|c", "$HOME", "`id`", ">", "x", "#", "y"));
}

TEST(SplitCommand, RefusesWhatIsLeftOpen) {
  for (const char* const command : {"'a", "\"a", "a\\", "\"a\\\"", "a 'b\" c"}) {
    const auto words = split_command(command);
    ASSERT_FALSE(words) << command;
    EXPECT_EQ(words.error().kind, ErrorKind::invalid_input);
  }
}

class ProcessCredentials : public ::testing::Test {
 protected:
  Result<Credentials> run(const std::string& script) {
    return process_credentials("/bin/sh -c '" + script + "' helper --password canary-argument",
                               "prod", {{"PATH", "/usr/bin:/bin"}, {"GREETING", "hello"}}, clock_,
                               stop_);
  }
  StopSignal stop_;
  SystemClock clock_{stop_};
};

TEST_F(ProcessCredentials, AreWhatTheProgramPrints) {
  const auto credentials =
      run(R"(printf "{\"Version\":1,\"AccessKeyId\":\"$GREETING\",\"SecretAccessKey\":\"s\"}")");
  ASSERT_TRUE(credentials) << credentials.error().message;
  EXPECT_EQ(credentials->access_key_id, "hello");
  EXPECT_EQ(credentials->provider, "credential_process of profile prod");
}

TEST_F(ProcessCredentials, AFailureShowsTheExitCodeAndTheErrorOutputAlone) {
  const auto failed = run("echo canary-output; echo please log in again >&2; exit 3");
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, ErrorKind::denied);
  EXPECT_EQ(failed.error().message,
            "credential_process of profile prod: /bin/sh exited with 3: please log in again ");
  EXPECT_THAT(failed.error().hint, Not(HasSubstr("canary")));
}

TEST_F(ProcessCredentials, OtherFailuresNameTheProfileAndNoSecret) {
  const std::pair<std::string, ErrorKind> scripts[] = {
      {"echo canary-output", ErrorKind::corrupt},
      {"exit 0", ErrorKind::corrupt},
      {"head -c 100000 /dev/zero", ErrorKind::exhausted},
  };
  for (const auto& [script, kind] : scripts) {
    const auto failed = run(script);
    ASSERT_FALSE(failed) << script;
    EXPECT_EQ(failed.error().kind, kind) << failed.error().message;
    EXPECT_THAT(failed.error().message, HasSubstr("profile prod"));
    EXPECT_THAT(failed.error().message, Not(HasSubstr("canary")));
  }
  const auto absent = process_credentials("/nonexistent/helper", "prod", {}, clock_, stop_);
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().kind, ErrorKind::not_found);
  EXPECT_FALSE(process_credentials("  ", "prod", {}, clock_, stop_));
}

}  // namespace
}  // namespace tidemark::aws
