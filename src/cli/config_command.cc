// `tidemark config init|check|show`.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "report/json.h"

namespace tidemark::cli {
namespace {

Result<ExitCode> run_init(Args& args, Context& context) {
  TRY(args.parse());
  TRY(context.print(config::sample_config()));
  return ExitCode::ok;
}

Result<ExitCode> run_check(Args& args, Context& context) {
  TRY(args.parse());
  const config::Config config =
      TRY(config::load_config(context.global.config, context.environment));
  auto document = report::document("config_check");
  document["origin"] = config.origin;
  document["sources"] = config.sources.size();
  TRY(context.print(context.global.json
                        ? report::json_line(document)
                        : fmt::format("the configuration in {} is right; sources: {}, policies: "
                                      "{}\n",
                                      config.origin, config.sources.size(),
                                      config.policies.size())));
  return ExitCode::ok;
}

nlohmann::json policy_json(const config::Policy& policy) {
  const core::RetentionPolicy& keep = policy.retention;
  return {{"schedule", policy.schedule.expression()},
          {"meaning", policy.schedule.describe()},
          {"time_zone", policy.schedule.zone().name()},
          {"keep",
           {{"last", keep.last},
            {"hourly", keep.hourly},
            {"daily", keep.daily},
            {"weekly", keep.weekly},
            {"monthly", keep.monthly},
            {"yearly", keep.yearly}}},
          {"keep_min", keep.keep_min},
          {"min_age", format_duration(keep.age_min)},
          {"grace", format_duration(keep.grace)},
          {"overdue_after", format_duration(policy.overdue_after)},
          {"adopt_legacy", keep.adopt_legacy}};
}

nlohmann::json config_json(const config::Config& config) {
  auto document = report::document("config");
  document["origin"] = config.origin;
  document["owner"] = config.owner;
  document["state_dir"] = config.state_dir;
  document["thin"] = config.thin;
  document["interval"] = format_duration(config.interval);
  document["snapshot_deadline"] = format_duration(config.snapshot_deadline);
  document["aws"] = {{"region", config.aws.region},
                     {"profile", config.aws.profile},
                     {"endpoint_url", config.aws.endpoint_url},
                     {"account", config.aws.account},
                     {"kms_keys", config.aws.kms_keys},
                     {"snapshot_quota", config.aws.snapshot_quota}};
  document["doctor"] = {{"daily", config.doctor.daily},
                        {"app_users", config.doctor.app_users},
                        {"files_buckets", config.doctor.files_buckets}};
  for (const config::Source& source : config.sources)
    document["source"][source.name] = {
        {"instance", source.instance}, {"region", source.region}, {"policy", source.policy}};
  for (const auto& [name, policy] : config.policies) document["policy"][name] = policy_json(policy);
  return document;
}

Result<ExitCode> run_show(Args& args, Context& context) {
  TRY(args.parse());
  const config::Config config =
      TRY(config::load_config(context.global.config, context.environment));
  const auto document = config_json(config);
  TRY(context.print(context.global.json ? report::json_line(document) : document.dump(2) + "\n"));
  return ExitCode::ok;
}

}  // namespace

const Command kConfigInitCommand{
    "config init", "print a commented configuration to start from",
    "Prints a configuration with every key explained. Name your instance in it, and check it.",
    "tidemark config init > /etc/tidemark/tidemark.toml", run_init};

const Command kConfigCheckCommand{
    "config check", "check the configuration, asking AWS nothing",
    "Reads the configuration and names every mistake in it, with file and line. An unknown key is "
    "a "
    "mistake: a misspelt one would otherwise silently not protect you.",
    "tidemark config check --config tidemark.toml", run_check};

const Command kConfigShowCommand{"config show",
                                 "print the configuration in force, defaults included",
                                 "Prints every setting in force, whether it was written or is a "
                                 "default, and where it came from.",
                                 "tidemark config show", run_show};

}  // namespace tidemark::cli
