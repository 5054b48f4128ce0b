// Checks tests/golden/schedule: what expressions mean, and which are refused.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "schedule/schedule.h"
#include "tests/support/golden.h"

namespace tidemark::schedule {
namespace {

std::string slot_text(std::optional<TimePoint> slot) { return slot ? format_time(*slot) : "none"; }

std::string after_colon(const std::string& line) {
  const std::size_t colon = line.find(':');
  return line.substr(std::min(colon + 2, line.size()));
}

// Questions:
//   schedule: EXPRESSION
//   zone: NAME                 UTC when absent
//   after: TIME                any number
//   latest: TIME               any number
test::GoldenLines answer(const test::GoldenLines& questions) {
  std::string expression;
  TimeZone zone = TimeZone::utc();
  test::GoldenLines lines;
  for (const std::string& question : questions) {
    const std::string rest = after_colon(question);
    if (question.starts_with("schedule:")) expression = rest;
    if (question.starts_with("zone:")) zone = *TimeZone::find(rest);
  }
  const auto schedule = Schedule::parse(expression, zone);
  if (!schedule) return {"error: " + schedule.error().message, "hint: " + schedule.error().hint};
  lines.push_back("means: " + schedule->describe());
  lines.push_back("longest interval: " + format_duration(schedule->interval_max()));
  for (const std::string& question : questions) {
    const std::string rest = after_colon(question);
    if (question.starts_with("latest:"))
      lines.push_back(fmt::format("latest at {}: {}", rest,
                                  slot_text(schedule->latest_slot(*parse_time(rest)))));
    if (!question.starts_with("after:")) continue;
    std::string slots;
    std::optional<TimePoint> slot = *parse_time(rest);
    for (int i = 0; i < 4 && slot; ++i) {
      slot = schedule->next_slot(*slot);
      slots += " " + slot_text(slot);
    }
    lines.push_back(fmt::format("after {}:{}", rest, slots));
  }
  return lines;
}

TEST(ScheduleGolden, TablesHold) { test::check_golden("schedule", answer); }

}  // namespace
}  // namespace tidemark::schedule
