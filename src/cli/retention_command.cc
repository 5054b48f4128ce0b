// `tidemark retention simulate`: what a policy keeps over the years, before it is trusted.
#include <charconv>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/points_view.h"
#include "core/simulate.h"
#include "report/json.h"
#include "report/table.h"
#include "report/text.h"

namespace tidemark::cli {
namespace {

struct Policy {
  std::string name;
  schedule::Schedule schedule;
  core::RetentionPolicy retention;
};

// "daily=7,weekly=8" as rules.
Result<core::RetentionPolicy> parse_keep(std::string_view text) {
  core::RetentionPolicy retention;
  const std::pair<std::string_view, int*> rules[] = {
      {"last", &retention.last},       {"hourly", &retention.hourly},
      {"daily", &retention.daily},     {"weekly", &retention.weekly},
      {"monthly", &retention.monthly}, {"yearly", &retention.yearly}};
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::string_view rule = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(rest.size(), rule.size() + 1));
    const std::size_t equals = rule.find('=');
    bool known = false;
    for (const auto& [name, target] : rules) {
      if (equals == std::string_view::npos || rule.substr(0, equals) != name) continue;
      const std::string_view number = rule.substr(equals + 1);
      const auto [end, error] =
          std::from_chars(number.data(), number.data() + number.size(), *target);
      known = error == std::errc{} && end == number.data() + number.size() && *target >= 0;
    }
    if (!known)
      return Error{ErrorKind::invalid_input, fmt::format("'{}' is not a rule of retention", rule),
                   "write rules as daily=7,weekly=8,monthly=24,yearly=10 (also last, hourly)"};
  }
  if (retention.points_max() == 0)
    return Error{ErrorKind::invalid_input, "these rules keep nothing",
                 "give at least one, such as daily=7"};
  return retention;
}

struct Wanted {
  std::optional<std::string> policy, keep, schedule, zone;
};

Result<std::vector<Policy>> policies(const Context& context, const Wanted& wanted, int& quota) {
  std::vector<Policy> all;
  if (wanted.keep) {
    auto zone = TRY(schedule::TimeZone::find(wanted.zone.value_or("UTC")));
    all.push_back({*wanted.keep,
                   TRY(schedule::Schedule::parse(wanted.schedule.value_or("daily"), zone)),
                   TRY(parse_keep(*wanted.keep))});
    return all;
  }
  const config::Config config =
      TRY(config::load_config(context.global.config, context.environment));
  if (quota == 0) quota = config.aws.snapshot_quota;
  for (const auto& [name, policy] : config.policies)
    if (!wanted.policy || *wanted.policy == name)
      all.push_back({name, policy.schedule, policy.retention});
  if (all.empty())
    return Error{ErrorKind::invalid_input, fmt::format("there is no policy {}", *wanted.policy),
                 "`tidemark config show` lists them"};
  return all;
}

std::string simulation_text(const Policy& policy, const core::Simulation& simulation,
                            const core::SimulationOptions& options) {
  std::string text = fmt::format("{}: a point {}\n", policy.name, policy.schedule.describe());
  text += fmt::format(
      "  at most {} snapshots exist at once: {} kept, the rest condemned and in "
      "their {} of grace\n",
      simulation.existing_max, simulation.kept_max, format_duration(policy.retention.grace));
  if (simulation.steady_from)
    text += fmt::format("  that number is reached by {}\n", format_time(*simulation.steady_from));
  text += simulation.quota_met
              ? fmt::format(
                    "  THE QUOTA of {} ({} used by others) IS FULL on {}: from then on no "
                    "point can be taken\n",
                    options.quota, options.others, format_time(*simulation.quota_met))
              : fmt::format("  the quota of {} ({} used by others) is never met\n", options.quota,
                            options.others);
  report::Table table({"  KEPT AT THE END", "BECAUSE"});
  for (const core::Survivor& survivor : simulation.at_end)
    table.add({"  " + format_time(survivor.point.moment()), reasons_text(survivor.verdict)});
  return text + table.text();
}

nlohmann::json simulation_json(const Policy& policy, const core::Simulation& simulation) {
  auto survivors = nlohmann::json::array();
  for (const core::Survivor& survivor : simulation.at_end)
    survivors.push_back({{"taken", format_time(survivor.point.moment())},
                         {"outcome", core::outcome_name(survivor.verdict.outcome)},
                         {"reasons", survivor.verdict.reasons}});
  return {{"policy", policy.name},
          {"schedule", policy.schedule.describe()},
          {"existing_max", simulation.existing_max},
          {"kept_max", simulation.kept_max},
          {"steady_from", report::json_time(simulation.steady_from)},
          {"quota_met", report::json_time(simulation.quota_met)},
          {"at_end", std::move(survivors)}};
}

Result<ExitCode> run_simulate(Args& args, Context& context) {
  Wanted wanted;
  Seconds length = std::chrono::hours(24 * 365 * 10);
  int quota = 0;
  int others = 0;
  args.option("--policy", "NAME", wanted.policy, "only this policy of the configuration");
  args.option("--keep", "RULES", wanted.keep,
              "these rules instead, such as daily=7,weekly=8,monthly=24,yearly=10");
  args.option("--schedule", "EXPRESSION", wanted.schedule, "with --keep: daily unless given");
  args.option("--zone", "ZONE", wanted.zone, "with --keep: UTC unless given");
  args.option("--for", "LENGTH", length, "how long to play forward; 10y unless given");
  args.option("--quota", "COUNT", quota, 1, 1'000'000,
              "manual snapshots that the account may have in the region");
  args.option("--others", "COUNT", others, 0, 1'000'000,
              "how many of these are used by other things");
  TRY(args.parse());

  const std::vector<Policy> all = TRY(policies(context, wanted, quota));
  auto document = report::document("simulation");
  document["policies"] = nlohmann::json::array();
  std::string text;
  bool full = false;
  for (const Policy& policy : all) {
    const core::SimulationOptions options{.policy = policy.retention,
                                          .start = context.clock.now(),
                                          .length = length,
                                          .quota = quota == 0 ? 100 : quota,
                                          .others = others};
    const core::Simulation simulation = TRY(core::simulate(
        options, [&](TimePoint after) { return policy.schedule.next_slot(after); },
        policy.schedule.zone()));
    full = full || simulation.quota_met.has_value();
    text += simulation_text(policy, simulation, options);
    document["policies"].push_back(simulation_json(policy, simulation));
  }
  TRY(context.print(context.global.json ? report::json_line(document) : text));
  return full ? ExitCode::violated : ExitCode::ok;
}

}  // namespace

const Command kRetentionSimulateCommand{
    "retention simulate", "play a policy forward and show what it keeps",
    "Plays a policy forward over years of points taken on time: how many snapshots exist at most, "
    "which are still there at the end and why, and when the account's quota of manual snapshots "
    "would be full. Asks AWS nothing.\n\nThe exit code is 14 when the quota would be met.",
    "tidemark retention simulate --keep daily=7,weekly=8,monthly=24,yearly=10 --for 10y",
    run_simulate};

}  // namespace tidemark::cli
