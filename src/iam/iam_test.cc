// The policies as a person reads them are in tests/golden/iam; here is what holds for all of them.
#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "iam/render.h"
#include "iam/resources.h"
#include "iam/roles.h"
#include "tests/support/golden.h"

namespace tidemark::iam {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::string_view kConfig = R"(
owner = "tidemark"
[aws]
region = "eu-west-1"
account = "111122223333"
kms_keys = ["arn:aws:kms:eu-west-1:111122223333:key/1111"]
[repository]
url = "s3://acme-backup/repo"
key_file = "/etc/tidemark/repository.key"
kms_key = "arn:aws:kms:eu-west-1:111122223333:key/2222"
[source.orders]
instance = "orders-prod"
[source.users]
region = "eu-central-1"
)";

Facts facts_from(std::string_view text, Given given = {}) {
  if (given.region.empty()) given.region = "eu-west-1";
  const auto config = config::parse_config(text, "tidemark.toml", {});
  EXPECT_TRUE(config) << config.error().message;
  const auto facts = facts_of(*config, given);
  EXPECT_TRUE(facts) << facts.error().message;
  return *facts;
}

Facts all_known() {
  return facts_from(kConfig, {.region = "eu-west-1",
                              .account = "",
                              .files_bucket = "acme-files/uploads",
                              .break_glass = "arn:aws:iam::111122223333:role/BreakGlass",
                              .beside = ""});
}

TEST(Iam, TheBucketsOfTheSourcesAreTheApplicationsAndWhoArchivesMayListThem) {
  const Facts facts = facts_from("[source.shop]\nbucket = \"shop-files\"\nprefix = \"live/\"\n");
  ASSERT_EQ(facts.files.size(), 1U);
  EXPECT_EQ(facts.files.front().name, "shop-files");
  EXPECT_EQ(facts.files.front().prefix, "live/");
  const auto listing = [](const Policy& policy) {
    return std::any_of(policy.statements.begin(), policy.statements.end(),
                       [](const Statement& one) { return one.id == "ListTheFiles"; });
  };
  EXPECT_TRUE(listing(repository_writer(facts)));
  EXPECT_FALSE(listing(repository_writer(facts_from("[source.shop]\n"))));
}

test::GoldenLines lines_of(const std::string& text) {
  test::GoldenLines lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

// "snapshotter json", "condemner pruner explain".
std::string printed(const std::string& question) {
  std::istringstream words(question);
  std::vector<Role> roles;
  std::string format;
  for (std::string word; words >> word; format = word)
    if (const auto role = find_role(word)) roles.push_back(*role);
  const auto policy = combined(roles, all_known());
  if (!policy) return policy.error().message;
  if (format == "explain") return explain(*policy);
  return render(*policy, *parse_format(format));
}

TEST(Iam, WhoArchivesMayReadTheReportsOfS3InventoryAndNothingElseThere) {
  const Facts facts = facts_from(
      "[source.shop]\nbucket = \"shop-files\"\n"
      "[source.shop.files]\ninventory_report = \"s3://reports/inventory/shop-files/daily\"\n");
  std::vector<std::string> read;
  for (const Statement& one : repository_writer(facts).statements)
    if (one.id == "ReadTheReports") read = one.resources;
  EXPECT_THAT(read, testing::ElementsAre("arn:aws:s3:::reports/inventory/shop-files/daily/*"));
  for (const Statement& one : repository_reader(facts).statements)
    EXPECT_NE(one.id, "ReadTheReports");
}

TEST(Iam, PrintsThesePolicies) {
  test::check_golden(
      "iam", [](const test::GoldenLines& questions) { return lines_of(printed(questions[0])); });
}

TEST(Iam, EveryStatementSaysWhatItIsForAndWhatItStops) {
  for (const Role& role : all_roles()) {
    const Policy policy = role.policy(all_known());
    EXPECT_EQ(policy.name, role.name);
    std::set<std::string> ids;
    for (const Statement& statement : policy.statements) {
      EXPECT_THAT(statement.purpose, Not(IsEmpty())) << statement.id;
      EXPECT_THAT(statement.stops, Not(IsEmpty())) << statement.id;
      EXPECT_THAT(statement.actions, Not(IsEmpty())) << statement.id;
      EXPECT_THAT(statement.resources, Not(IsEmpty())) << statement.id;
      EXPECT_TRUE(std::all_of(statement.id.begin(), statement.id.end(), [](unsigned char c) {
        return std::isalnum(c) != 0;
      })) << statement.id;
      EXPECT_TRUE(ids.insert(statement.id).second) << statement.id << " twice";
    }
  }
}

TEST(Iam, NoRoleMayEndHistoryForGood) {
  const std::set<std::string> never = {"s3:DeleteObjectVersion",
                                       "s3:BypassGovernanceRetention",
                                       "s3:PutBucketVersioning",
                                       "s3:PutLifecycleConfiguration",
                                       "s3:PutBucketPolicy",
                                       "s3:DeleteBucket",
                                       "rds:ModifyDBSnapshotAttribute",
                                       "rds:DeleteDBInstanceAutomatedBackup"};
  for (const Role& role : all_roles())
    for (const Statement& statement : role.policy(all_known()).statements)
      for (const std::string& action : statement.actions)
        if (statement.effect == Effect::allow) {
          EXPECT_FALSE(never.contains(action)) << role.name << " " << statement.id;
          EXPECT_THAT(action, Not(HasSubstr("*"))) << role.name << " " << statement.id;
        }
}

TEST(Iam, OnlyThePrunerMayDeleteSnapshotsAndOnlyCondemnedOnes) {
  for (const Role& role : all_roles())
    for (const Statement& statement : role.policy(all_known()).statements) {
      const bool deletes = statement.effect == Effect::allow &&
                           std::count(statement.actions.begin(), statement.actions.end(),
                                      "rds:DeleteDBSnapshot") > 0;
      EXPECT_EQ(deletes, statement.id == "DeleteWhatIsCondemnedAndNotHeld") << role.name;
      if (deletes) {
        EXPECT_THAT(
            statement.conditions,
            Contains(Condition{"StringLike", "aws:ResourceTag/tidemark:condemned", {"20*"}}));
      }
    }
}

TEST(Iam, SnapshotsOfTheEarlierScriptAreInOnlyWhenAPolicyAdoptsThem) {
  const auto text_of = [](const Facts& facts) {
    return render(condemner(facts), Format::json) + render(pruner(facts), Format::json);
  };
  EXPECT_THAT(text_of(all_known()), Not(HasSubstr("weeklybackup")));
  const Facts adopting = facts_from(
      std::string(kConfig) + "[policy.default]\nschedule = \"daily\"\nadopt_legacy = true\n");
  EXPECT_THAT(text_of(adopting), HasSubstr("snapshot:weeklybackup-*"));
}

TEST(Iam, WhatIsNotKnownStandsThereByName) {
  const Facts unknown = facts_from("[source.orders]\n");
  std::set<std::string_view> names;
  for (const Role& role : all_roles())
    for (const Placeholder& one : placeholders_in(render(role.policy(unknown), Format::json)))
      names.insert(one.text);
  EXPECT_THAT(names,
              testing::ElementsAre("REPLACE_WITH_ACCOUNT_ID", "REPLACE_WITH_BREAK_GLASS_ROLE",
                                   "REPLACE_WITH_FILES_BUCKET", "REPLACE_WITH_REPOSITORY_BUCKET"));
  for (const Role& role : all_roles())
    EXPECT_THAT(placeholders_in(render(role.policy(all_known()), Format::json)), IsEmpty())
        << role.name;
}

TEST(Iam, RefusesAnAccountThatIsNone) {
  const auto config = config::parse_config("[source.orders]\n", "f", {});
  ASSERT_TRUE(config);
  const auto facts = facts_of(*config, {.region = "eu-west-1",
                                        .account = "1111-2222-3333",
                                        .files_bucket = "",
                                        .break_glass = "",
                                        .beside = ""});
  ASSERT_FALSE(facts);
  EXPECT_EQ(facts.error().kind, ErrorKind::invalid_input);
}

TEST(Iam, KnowsThePartitionsOfChinaAndOfTheGovernment) {
  EXPECT_EQ(facts_from("[source.orders]\nregion = \"cn-north-1\"\n").partition(), "aws-cn");
  EXPECT_EQ(facts_from("[source.orders]\nregion = \"us-gov-west-1\"\n").partition(), "aws-us-gov");
  EXPECT_EQ(all_known().partition(), "aws");
}

// A principal with several roles may what each of them may, and no Deny of one forbids it.
TEST(Iam, RolesOfOnePrincipalDoNotForbidEachOther) {
  const std::vector<Role> roles = {*find_role("snapshotter"), *find_role("condemner"),
                                   *find_role("pruner"), *find_role("repo-writer"),
                                   *find_role("repo-pruner")};
  const auto all = combined(roles, all_known());
  ASSERT_TRUE(all);
  std::set<std::string> allowed;
  for (const Role& role : roles)
    for (const Statement& statement : role.policy(all_known()).statements)
      if (statement.effect == Effect::allow)
        allowed.insert(statement.actions.begin(), statement.actions.end());
  for (const Statement& statement : all->statements) {
    if (statement.effect == Effect::allow || statement.id == "NeverKeysOrConfig") continue;
    for (const std::string& action : allowed) {
      if (statement.scope == Scope::all_other_actions && action.starts_with("s3:")) {
        EXPECT_THAT(statement.actions, Contains(action)) << statement.id;
      } else if (statement.scope == Scope::listed) {
        EXPECT_THAT(statement.actions, Not(Contains(action))) << statement.id;
      }
    }
  }
  // What none of them does stays denied.
  EXPECT_THAT(explain(*all), HasSubstr("denies  rds:ModifyDBSnapshotAttribute"));
}

TEST(Iam, ABucketsPolicyIsPrintedAlone) {
  const std::vector<Role> roles = {*find_role("snapshotter"), *find_role("repo-bucket")};
  EXPECT_EQ(combined(roles, all_known()).error().kind, ErrorKind::invalid_input);
}

TEST(Iam, AllFormatsHoldTheSamePolicy) {
  for (const Role& role : all_roles()) {
    const Policy policy = role.policy(all_known());
    const auto json = nlohmann::json::parse(render(policy, Format::json));
    const auto stack = nlohmann::json::parse(render(policy, Format::cloudformation));
    EXPECT_EQ(stack["Resources"].begin().value()["Properties"]["PolicyDocument"], json);
    const std::string terraform = render(policy, Format::terraform);
    const std::size_t begin = terraform.find("<<POLICY\n") + 9;
    const std::size_t end = terraform.find("\nPOLICY\n}");
    EXPECT_EQ(nlohmann::json::parse(terraform.substr(begin, end - begin)), json) << role.name;
  }
}

TEST(Iam, TerraformDoesNotTakeVariablesOfPoliciesForItsOwn) {
  const Policy policy{.name = "x",
                      .bucket = "",
                      .statements = {{.id = "Own",
                                      .purpose = "",
                                      .stops = "",
                                      .actions = {"s3:GetObject"},
                                      .resources = {"arn:aws:s3:::b/${aws:username}/%{x}"}}}};
  EXPECT_THAT(render(policy, Format::terraform), HasSubstr("b/$${aws:username}/%%{x}"));
}

TEST(Iam, TheRestorerAloneGetsTheNamesThatStandBesideOnes) {
  const Facts facts = facts_from("[source.orders]\n", {.region = "",
                                                       .account = "",
                                                       .files_bucket = "",
                                                       .break_glass = "",
                                                       .beside = "look,,last-day"});
  for (const Role& role : all_roles()) {
    const std::string text = render(role.policy(facts), Format::json);
    EXPECT_EQ(text.find(":db:look\"") != text.npos, role.name == "restorer") << role.name;
    EXPECT_EQ(text.find(":db:last-day\"") != text.npos, role.name == "restorer") << role.name;
  }
}

TEST(Iam, TextOfTheConfigurationIsNoPattern) {
  EXPECT_EQ(literal("a*b?c${d}$e"), "a${*}b${?}c${$}{d}$e");
  const Facts facts = facts_from(
      "owner = \"o${aws:username}\"\n[repository]\nurl = \"s3://b/*\"\nkey_file = \"k\"\n"
      "[source.shop]\nbucket = \"shop\"\nprefix = \"*/live?/\"\n");
  EXPECT_THAT(render(application_user(facts), Format::json), HasSubstr("shop/${*}/live${?}/*\""));
  EXPECT_THAT(render(repository_reader(facts), Format::json), HasSubstr(":::b/${*}/leases/*\""));
  EXPECT_THAT(render(snapshotter(facts), Format::json), HasSubstr("\"o${$}{aws:username}\""));
}

TEST(Iam, APolicyTooLargeForAwsIsRefused) {
  std::string many = "[aws]\naccount = \"111122223333\"\n";
  for (int n = 0; n < 60; ++n)
    many +=
        fmt::format("[source.orders-{}]\ninstance = \"an-instance-with-a-long-name-{}\"\n", n, n);
  const Facts facts = facts_from(many);
  const Status refused = check_size(restorer(facts));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::exhausted);
  for (const Role& role : all_roles()) EXPECT_TRUE(check_size(role.policy(all_known())));
}

TEST(Iam, AMisspeltRoleIsAnsweredWithTheNearest) {
  EXPECT_THAT(find_role("snapshoter").error().hint, HasSubstr("snapshotter"));
  EXPECT_FALSE(parse_format("yaml"));
}

}  // namespace
}  // namespace tidemark::iam
