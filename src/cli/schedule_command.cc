// `tidemark schedule preview`: the next slots of a schedule.
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "report/json.h"
#include "report/text.h"
#include "schedule/schedule.h"

namespace tidemark::cli {
namespace {

struct Named {
  std::string name;
  schedule::Schedule schedule;
};

Result<std::vector<Named>> configured(const Context& context,
                                      const std::optional<std::string>& policy) {
  const config::Config config =
      TRY(config::load_config(context.global.config, context.environment));
  std::vector<Named> all;
  for (const auto& [name, one] : config.policies)
    if (!policy || *policy == name) all.push_back({name, one.schedule});
  if (all.empty())
    return Error{ErrorKind::invalid_input, fmt::format("there is no policy {}", *policy),
                 "`tidemark config show` lists them"};
  return all;
}

// "2026-11-22 02:30 +01:00", as the clocks of the zone show it.
std::string local_text(TimePoint slot, const schedule::TimeZone& zone) {
  const Seconds offset = zone.utc_offset(slot);
  const std::string local = format_time(slot + offset);
  return fmt::format("{} {} {}{:%H:%M}", local.substr(0, 10), local.substr(11, 5),
                     offset < Seconds(0) ? '-' : '+', std::chrono::abs(offset));
}

Result<ExitCode> run_preview(Args& args, Context& context) {
  std::optional<std::string> expression;
  std::optional<std::string> zone;
  std::optional<std::string> policy;
  int count = 10;
  args.positional("EXPRESSION", expression,
                  "a schedule such as \"daily 02:30\"; else those of the configuration");
  args.option("--zone", "ZONE", zone, "its time zone, such as Europe/Berlin; UTC unless given");
  args.option("--policy", "NAME", policy, "only this policy of the configuration");
  args.option("-n", "COUNT", count, 1, 10'000, "how many slots");
  TRY(args.parse());

  std::vector<Named> all;
  if (expression) {
    const auto time_zone = TRY(schedule::TimeZone::find(zone.value_or("UTC")));
    all.push_back({*expression, TRY(schedule::Schedule::parse(*expression, time_zone))});
  } else {
    all = TRY(configured(context, policy));
  }

  auto document = report::document("schedule");
  document["schedules"] = nlohmann::json::array();
  std::string text;
  const TimePoint now = context.clock.now();
  for (const Named& one : all) {
    auto slots = nlohmann::json::array();
    text += fmt::format("{}: {}\n", one.name, one.schedule.describe());
    std::optional<TimePoint> slot = now;
    for (int i = 0; i < count; ++i) {
      slot = one.schedule.next_slot(*slot);
      if (!slot) break;
      slots.push_back(format_time(*slot));
      text += fmt::format("  {}  {}\n", local_text(*slot, one.schedule.zone()),
                          report::when_text(*slot, now));
    }
    document["schedules"].push_back({{"name", one.name},
                                     {"description", one.schedule.describe()},
                                     {"slots", std::move(slots)}});
  }
  TRY(context.print(context.global.json ? report::json_line(document) : text));
  return ExitCode::ok;
}

}  // namespace

const Command kSchedulePreviewCommand{
    "schedule preview", "show the next slots of a schedule",
    "Shows when points will be taken. A schedule is a word with details (hourly :15, daily 02:30, "
    "weekly sun 03:00, monthly 1 04:00, monthly last, yearly, every 6h) or five cron fields (30 2 "
    "* "
    "* *), in a time zone.\n\nA slot in the hour that clocks skip runs once, right after it; one "
    "in "
    "the hour that clocks show twice runs once.",
    "tidemark schedule preview \"daily 02:30\" --zone Europe/Berlin -n 5", run_preview};

}  // namespace tidemark::cli
