// Hours, days, weeks, months and years as the clocks of some place count them.
//
// Retention needs local time for one thing only: to say which points share a day. What it has to
// know of a time zone fits in one question, so core needs no time zone database.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "base/time.h"

namespace tidemark::core {

// What the clocks of a place show. Implementations are pure: the same moment, the same answer.
class LocalCalendar {
 public:
  virtual ~LocalCalendar() = default;

  // What is added to UTC to get the local time at that moment.
  virtual Seconds utc_offset(TimePoint moment) const = 0;
};

class UtcCalendar final : public LocalCalendar {
 public:
  Seconds utc_offset(TimePoint) const override { return Seconds::zero(); }
};

using LocalTime = std::chrono::local_time<Millis>;

LocalTime to_local(const LocalCalendar& calendar, TimePoint moment);

enum class Period { hour, day, week, month, year };  // a week is an ISO week: it begins on Monday

// Numbers the periods in order of time: two local times are in one period when their numbers are
// equal. An hour that the clocks repeat is one hour, as its label is.
std::int64_t period_number(Period period, LocalTime time);

// The period as people write it: "2026-11-21 14h", "2026-11-21", "2026-W47", "2026-11", "2026".
std::string period_label(Period period, LocalTime time);

}  // namespace tidemark::core
