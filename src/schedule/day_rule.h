// DayRule: which days of the calendar a schedule names. Knows nothing of time zones.
#pragma once

#include <bitset>
#include <chrono>
#include <optional>

namespace tidemark::schedule {

using LocalDay = std::chrono::local_days;

// The years that schedules know. Searches end at the edges.
inline constexpr LocalDay kFirstDay{std::chrono::local_days(std::chrono::year(1970) / 1 / 1)};
inline constexpr LocalDay kEndDay{std::chrono::local_days(std::chrono::year(2200) / 1 / 1)};

struct DayRule {
  // How a day of the month and a day of the week go together.
  enum class Join {
    both,    // a day has to satisfy both
    either,  // one is enough: what cron does when both are restricted
  };

  std::bitset<13> months;   // 1 is January
  std::bitset<32> days;     // of the month, from 1
  std::bitset<7> weekdays;  // 0 is Sunday
  Join join = Join::both;
  bool last_day = false;  // the last day of each month counts too
  bool clamped = false;   // a day that a month does not have is its last one, not skipped

  // Every day of every month.
  static DayRule every_day();

  bool matches(LocalDay day) const;

  // The first matching day at or after day, and the last one at or before it; nullopt at the edge
  // of the known years.
  std::optional<LocalDay> at_or_after(LocalDay day) const;
  std::optional<LocalDay> at_or_before(LocalDay day) const;

  // The most days from one matching day to the next, over the 400 years after which the calendar
  // repeats; nullopt when no day ever matches.
  std::optional<std::chrono::days> gap_max() const;

 private:
  bool names(unsigned month, unsigned day, unsigned month_length, unsigned weekday) const;
};

}  // namespace tidemark::schedule
