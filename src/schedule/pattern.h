// Pattern: the local times that a schedule names: certain minutes of certain days.
#pragma once

#include <optional>
#include <vector>

#include "core/calendar.h"
#include "schedule/day_rule.h"

namespace tidemark::schedule {

using LocalTime = core::LocalTime;

inline constexpr int kMinutesOfDay = 24 * 60;

struct Pattern {
  DayRule days;
  std::vector<int> minutes;  // of the day, ascending, never empty

  // The first named time strictly after time, and the last one at or before it; nullopt at the edge
  // of the years that schedules know.
  std::optional<LocalTime> after(LocalTime time) const;
  std::optional<LocalTime> at_or_before(LocalTime time) const;

  // The most local time from one named time to the next; nullopt when there is none.
  std::optional<std::chrono::minutes> gap_max() const;
};

}  // namespace tidemark::schedule
