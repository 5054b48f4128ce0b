#include "cli/args.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/commands.h"
#include "cli/help.h"

namespace tidemark::cli {
namespace {

using testing::HasSubstr;

struct Given {
  std::optional<std::string> name;
  std::optional<std::string> region;
  std::vector<std::string> rest;
  bool yes = false;
  int count = 10;
  Seconds length{0};
};

Status parse(std::vector<std::string> words, Given& given) {
  Args args(std::move(words));
  args.positional("SOURCE", given.name, "");
  args.option("--region", "REGION", given.region, "");
  args.flag("--yes", given.yes, "");
  args.option("-n", "COUNT", given.count, 1, 100, "");
  args.option("--for", "LENGTH", given.length, "");
  return args.parse();
}

std::string fault_of(std::vector<std::string> words) {
  Given given;
  const Status parsed = parse(std::move(words), given);
  EXPECT_FALSE(parsed);
  return parsed ? "" : parsed.error().message;
}

TEST(Args, AreReadInAnyOrder) {
  Given given;
  ASSERT_TRUE(parse({"--yes", "orders", "--region=eu-west-1", "-n", "3", "--for", "2d"}, given));
  EXPECT_EQ(given.name, "orders");
  EXPECT_EQ(given.region, "eu-west-1");
  EXPECT_TRUE(given.yes);
  EXPECT_EQ(given.count, 3);
  EXPECT_EQ(given.length, std::chrono::hours(48));
}

TEST(Args, KeepTheirDefaults) {
  Given given;
  ASSERT_TRUE(parse({}, given));
  EXPECT_FALSE(given.name.has_value());
  EXPECT_EQ(given.count, 10);
}

TEST(Args, NameTheWordThatIsWrong) {
  EXPECT_THAT(fault_of({"--regoin", "x"}), HasSubstr("did you mean --region?"));
  EXPECT_THAT(fault_of({"--region"}), HasSubstr("--region"));
  EXPECT_THAT(fault_of({"--region", ""}), HasSubstr("--region is empty"));
  EXPECT_THAT(fault_of({"-n", "many"}), HasSubstr("'many'"));
  EXPECT_THAT(fault_of({"-n", "101"}), HasSubstr("1 to 100"));
  EXPECT_THAT(fault_of({"--for", "2 days"}), HasSubstr("--for"));
  EXPECT_THAT(fault_of({"orders", "invoices"}), HasSubstr("unexpected argument 'invoices'"));
}

TEST(Args, AskForWhatIsRequired) {
  std::string id;
  Args args({});
  args.positional("POINT", id, "");
  EXPECT_THAT(args.parse().error().message, HasSubstr("POINT is missing"));
}

TEST(Args, CollectRepeatedWords) {
  std::vector<std::string> all;
  Args args({"a", "b", "c"});
  args.positionals("POINT", all, "");
  ASSERT_TRUE(args.parse());
  EXPECT_THAT(all, testing::ElementsAre("a", "b", "c"));
}

TEST(Help, DescribesEveryCommandAndOption) {
  for (const Command* command : all_commands()) {
    const std::string help = command_help(*command);
    const std::string man = command_man(*command);
    EXPECT_THAT(overview_help(), HasSubstr(std::string(command->name)));
    EXPECT_THAT(help, HasSubstr(std::string(command->example)));
    EXPECT_THAT(man, HasSubstr(".SH DESCRIPTION"));
    for (const Argument& argument : arguments_of(*command).own) {
      EXPECT_THAT(help, HasSubstr(argument.name));
      EXPECT_FALSE(argument.help.empty()) << command->name << " " << argument.name;
    }
    EXPECT_EQ(command->summary.find('\''), std::string_view::npos) << "fish quotes it so";
  }
}

TEST(Args, TakesAShortFormOfAnOption) {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"-j", "7"}, {"-j7"}, {"--jobs", "7"}, {"--jobs=7"}}) {
    Args args(words);
    int jobs = 2;
    args.option("--jobs", "N", jobs, 1, 9, "how many");
    args.also("-j");
    EXPECT_TRUE(args.parse());
    EXPECT_EQ(jobs, 7);
  }
}

TEST(Completion, KnowsEveryCommandInEveryShell) {
  for (const char* shell : {"bash", "zsh", "fish"})
    for (const Command* command : all_commands()) {
      const std::string first(command->name.substr(0, command->name.find(' ')));
      EXPECT_THAT(completion_script(shell), HasSubstr(first)) << shell;
    }
  EXPECT_TRUE(completion_script("tcsh").empty());
}

TEST(ExitCode, IsDecidedForEveryKind) {
  for (int kind = 0; kind <= static_cast<int>(ErrorKind::unsafe); ++kind)
    EXPECT_GT(exit_status({.kind = static_cast<ErrorKind>(kind), .message = {}}, 0), 0);
  EXPECT_EQ(exit_status({.kind = ErrorKind::cancelled, .message = {}}, 15), 143);
  EXPECT_EQ(exit_status({.kind = ErrorKind::invalid_input, .message = {}}, 0), 2);
  EXPECT_EQ(exit_status({.kind = ErrorKind::denied, .message = {}}, 0), 15);
}

}  // namespace
}  // namespace tidemark::cli
