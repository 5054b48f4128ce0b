// `tidemark iam`: the policies of the roles, filled in from the configuration.
#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "aws/auth/credential_chain.h"
#include "base/log.h"
#include "cli/commands.h"
#include "iam/facts.h"
#include "iam/render.h"
#include "iam/roles.h"
#include "report/json.h"
#include "report/table.h"

namespace tidemark::cli {
namespace {

struct Wanted {
  std::vector<std::string> roles;
  std::optional<std::string> format, account, files_bucket, break_glass, beside;
  bool explain = false;
};

Result<ExitCode> list_roles(const Context& context) {
  auto document = report::document("iam_roles");
  document["roles"] = nlohmann::json::array();
  report::Table table({"ROLE", "WHO GETS IT", "WHAT A THIEF OF IT CAN DO"});
  for (const iam::Role& role : iam::all_roles()) {
    table.add({std::string(role.name), std::string(role.holder), std::string(role.thief)});
    document["roles"].push_back(
        {{"role", role.name}, {"holder", role.holder}, {"thief", role.thief}});
  }
  TRY(context.print(context.global.json ? report::json_line(document) : table.text()));
  return ExitCode::ok;
}

std::string region_of(const Context& context, const config::Config& config) {
  if (context.global.region) return *context.global.region;
  if (!config.aws.region.empty()) return config.aws.region;
  const auto found = aws::resolve_region(context.environment, config.aws.profile);
  return found ? *found : "";
}

Result<iam::Facts> facts_of(const Context& context, const Wanted& wanted) {
  const config::Config config =
      TRY(config::load_config(context.global.config, context.environment));
  return iam::facts_of(config, {.region = region_of(context, config),
                                .account = wanted.account.value_or(""),
                                .files_bucket = wanted.files_bucket.value_or(""),
                                .break_glass = wanted.break_glass.value_or(""),
                                .beside = wanted.beside.value_or("")});
}

nlohmann::json statements_json(const iam::Policy& policy) {
  auto all = nlohmann::json::array();
  for (const iam::Statement& statement : policy.statements)
    all.push_back({{"sid", statement.id}, {"for", statement.purpose}, {"stops", statement.stops}});
  return all;
}

Result<std::string> policy_text(const Context& context, const Wanted& wanted,
                                const iam::Policy& policy, iam::Format format) {
  const std::string text = iam::render(policy, format);
  const std::vector<iam::Placeholder> unknown = iam::placeholders_in(text);
  for (const iam::Placeholder& one : unknown)
    log::warning(
        fmt::format("{} is not known: {} stands for it; {}", one.meaning, one.text, one.remedy));
  if (!context.global.json) return wanted.explain ? iam::explain(policy) : text;
  auto document = report::document("iam_policy");
  document["policy_name"] = policy.name;
  document["policy"] = text;
  document["statements"] = statements_json(policy);
  document["unknown"] = nlohmann::json::array();
  for (const iam::Placeholder& one : unknown) document["unknown"].push_back(one.text);
  return report::json_line(document);
}

Result<ExitCode> run_iam(Args& args, Context& context) {
  Wanted wanted;
  args.positionals("ROLE", wanted.roles,
                   "the roles of one principal; without any, all roles are listed");
  args.option("--format", "FORMAT", wanted.format, "json (the default), terraform, cloudformation");
  args.flag("--explain", wanted.explain, "say what each statement is for and what it stops");
  args.option("--account", "ID", wanted.account, "12 digits; that of [aws] unless given");
  args.option("--files-bucket", "BUCKET", wanted.files_bucket,
              "bucket of the application's files, with /PREFIX after it where they have one");
  args.option("--break-glass", "ARN", wanted.break_glass,
              "the one role that may change the buckets themselves");
  args.option("--as", "NAMES", wanted.beside,
              "identifiers, with commas, that `restore --as` shall be given and that do not begin "
              "like the instance's");
  TRY(args.parse());
  const iam::Format format = TRY(iam::parse_format(wanted.format.value_or("json")));
  if (wanted.roles.empty()) return list_roles(context);

  std::vector<iam::Role> roles;
  for (const std::string& name : wanted.roles) roles.push_back(TRY(iam::find_role(name)));
  const iam::Facts facts = TRY(facts_of(context, wanted));
  const iam::Policy policy = TRY(iam::combined(roles, facts));
  TRY(iam::check_size(policy));
  const std::string text = TRY(policy_text(context, wanted, policy, format));
  TRY(context.print(text));
  return ExitCode::ok;
}

}  // namespace

const Command kIamCommand{
    "iam", "print the least policy of a role, filled in from the configuration",
    "Without a role, lists them: who gets each, and what a thief of it could do. With one, prints "
    "its policy for attaching, as JSON, Terraform or CloudFormation. With several, prints the "
    "policy of one principal that has all of them. Asks AWS nothing: what the configuration does "
    "not say stands as REPLACE_WITH_... in it, with a warning.\n\nrepo-bucket and files-bucket are "
    "policies of the buckets themselves.",
    "tidemark iam snapshotter --account 111122223333", run_iam};

}  // namespace tidemark::cli
