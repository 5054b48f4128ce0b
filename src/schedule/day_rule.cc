#include "schedule/day_rule.h"

#include <algorithm>

namespace tidemark::schedule {
namespace {

using std::chrono::days;
using std::chrono::months;
using std::chrono::year_month;
using std::chrono::year_month_day;

year_month month_of(LocalDay day) {
  const year_month_day date{day};
  return date.year() / date.month();
}

LocalDay last_day_of(year_month month) { return LocalDay(month / std::chrono::last); }

}  // namespace

DayRule DayRule::every_day() {
  DayRule rule;
  rule.months.set().reset(0);
  rule.days.set().reset(0);
  rule.weekdays.set();
  return rule;
}

bool DayRule::matches(LocalDay day) const {
  const year_month_day date{day};
  if (!months.test(unsigned(date.month()))) return false;
  const unsigned day_of_month = unsigned(date.day());
  bool by_date = days.test(day_of_month);
  if (day_of_month >= 28 && day == last_day_of(month_of(day)))
    by_date = by_date || last_day || (clamped && (days >> (day_of_month + 1)).any());
  const bool by_weekday = weekdays.test(std::chrono::weekday{day}.c_encoding());
  return join == Join::either ? by_date || by_weekday : by_date && by_weekday;
}

std::optional<LocalDay> DayRule::at_or_after(LocalDay day) const {
  day = std::max(day, kFirstDay);
  while (day < kEndDay) {
    const year_month month = month_of(day);
    if (!months.test(unsigned(month.month())))
      day = LocalDay((month + std::chrono::months(1)) / 1);
    else if (matches(day))
      return day;
    else
      ++day;
  }
  return std::nullopt;
}

std::optional<LocalDay> DayRule::at_or_before(LocalDay day) const {
  day = std::min(day, kEndDay - std::chrono::days(1));
  while (day >= kFirstDay) {
    const year_month month = month_of(day);
    if (!months.test(unsigned(month.month())))
      day = LocalDay(month / 1) - std::chrono::days(1);
    else if (matches(day))
      return day;
    else
      --day;
  }
  return std::nullopt;
}

std::optional<std::chrono::days> DayRule::gap_max() const {
  constexpr std::chrono::days kCycle(146'097);
  std::optional<LocalDay> first;
  LocalDay previous;
  std::chrono::days most{0};
  for (LocalDay day = kFirstDay; day < kFirstDay + kCycle; ++day) {
    if (!matches(day)) continue;
    if (first)
      most = std::max(most, day - previous);
    else
      first = day;
    previous = day;
  }
  if (!first) return std::nullopt;
  return std::max(most, *first + kCycle - previous);
}

}  // namespace tidemark::schedule
