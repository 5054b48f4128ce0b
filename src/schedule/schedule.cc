#include "schedule/schedule.h"

#include <algorithm>

#include "schedule/describe.h"
#include "schedule/expression.h"

namespace tidemark::schedule {
namespace {

constexpr TimePoint kFirstMoment{};
constexpr TimePoint kEndMoment{kEndDay.time_since_epoch()};

}  // namespace

Result<Schedule> Schedule::parse(std::string_view expression, TimeZone zone) {
  Pattern pattern = TRY(parse_expression(expression));
  return Schedule(std::string(expression), std::move(pattern), std::move(zone));
}

std::optional<TimePoint> Schedule::latest_slot(TimePoint now) const {
  now = std::clamp(now, kFirstMoment, kEndMoment);
  LocalTime reached = zone_.to_local(now);
  // When clocks show this time for the second time, they have been as far ahead as the overlap is
  // long: what lies there has run already.
  const LocalReading reading = zone_.to_utc(reached);
  if (reading.kind == LocalReading::Kind::ambiguous && now >= reading.second)
    reached += reading.second - reading.first;
  while (const auto time = pattern_.at_or_before(reached)) {
    const TimePoint slot = zone_.to_utc(*time).first;
    if (slot < kFirstMoment) return std::nullopt;
    if (slot <= now) return slot;
    reached = *time - Millis(1);
  }
  return std::nullopt;
}

std::optional<TimePoint> Schedule::next_slot(TimePoint after) const {
  after = std::clamp(after, kFirstMoment - Millis(1), kEndMoment);
  LocalTime from = zone_.to_local(after);
  while (const auto time = pattern_.after(from)) {
    const TimePoint slot = zone_.to_utc(*time).first;
    if (slot >= kEndMoment) return std::nullopt;
    if (slot > after) return slot;
    from = *time;  // it ran when clocks showed it for the first time
  }
  return std::nullopt;
}

Seconds Schedule::interval_max() const {
  // From the first year whose clock changes stand in today's rules, to the last that tzdata has.
  constexpr TimePoint kRulesFrom{std::chrono::sys_days(std::chrono::year(2026) / 1 / 1)};
  constexpr TimePoint kRulesTo{std::chrono::sys_days(std::chrono::year(2037) / 12 / 31)};
  const auto gap = pattern_.gap_max();
  CHECK(gap.has_value());  // parsing refuses what never occurs
  return *gap + zone_.overlap_max(kRulesFrom, kRulesTo);
}

std::string Schedule::describe() const { return describe_pattern(pattern_, zone_.name()); }

}  // namespace tidemark::schedule
