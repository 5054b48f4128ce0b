// Schedule: the moments at which backups are due, its slots.
//
// A schedule is an expression (schedule/expression.h) read in a time zone. Where clocks change:
//   - A slot that clocks skip runs once, at the first moment after the gap; several slots in one
//     gap are one.
//   - A slot that clocks show twice runs once, the first time. This holds for repeating patterns
//     too: a label of the local clock runs once. "hourly" therefore leaves two hours between the
//     slots around the end of summer time, and "every 15m" pauses for the hour that repeats. Who
//     wants even spacing schedules in UTC.
// So the slots are, for each named local time, the first moment at which local clocks reach or pass
// it. Knows the years 1970 to 2199.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "schedule/pattern.h"
#include "schedule/time_zone.h"

namespace tidemark::schedule {

// Immutable. Thread-safe.
class Schedule {
 public:
  // Fails with invalid_input: not an expression, or one that names no day of any year.
  static Result<Schedule> parse(std::string_view expression, TimeZone zone);

  // The latest slot at or before now; nullopt when there was none since 1970.
  std::optional<TimePoint> latest_slot(TimePoint now) const;
  // The first slot strictly after a moment; nullopt when there is none before 2200.
  std::optional<TimePoint> next_slot(TimePoint after) const;

  // The longest time from one slot to the next, the hour that clocks go back included where the
  // zone does that today.
  Seconds interval_max() const;

  // Plain English: "every day at 02:30 Europe/Berlin".
  std::string describe() const;
  // As it was written.
  const std::string& expression() const { return expression_; }
  const TimeZone& zone() const { return zone_; }

 private:
  Schedule(std::string expression, Pattern pattern, TimeZone zone)
      : expression_(std::move(expression)), pattern_(std::move(pattern)), zone_(std::move(zone)) {}

  std::string expression_;
  Pattern pattern_;
  TimeZone zone_;
};

}  // namespace tidemark::schedule
