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

unsigned length_of(year_month month) { return unsigned((month / std::chrono::last).day()); }

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
  return names(unsigned(date.month()), unsigned(date.day()), length_of(date.year() / date.month()),
               std::chrono::weekday{day}.c_encoding());
}

bool DayRule::names(unsigned month, unsigned day, unsigned month_length, unsigned weekday) const {
  if (!months[month]) return false;
  bool by_date = days[day];
  if (day == month_length) by_date = by_date || last_day || (clamped && (days >> (day + 1)).any());
  const bool by_weekday = weekdays[weekday];
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
  constexpr int kYearsOfCycle = 400;
  const year_month first_month = month_of(kFirstDay);
  std::optional<std::chrono::days> first;
  std::chrono::days previous{0};
  std::chrono::days most{0};
  std::chrono::days today{0};  // since kFirstDay
  unsigned weekday = std::chrono::weekday{kFirstDay}.c_encoding();
  for (int i = 0; i < kYearsOfCycle * 12; ++i) {
    const year_month month = first_month + std::chrono::months(i);
    const unsigned length = length_of(month);
    for (unsigned day = 1; day <= length; ++day, ++today, weekday = (weekday + 1) % 7) {
      if (!names(unsigned(month.month()), day, length, weekday)) continue;
      most = std::max(most, first ? today - previous : std::chrono::days::zero());
      first = first.value_or(today);
      previous = today;
    }
  }
  if (!first) return std::nullopt;
  return std::max(most, *first + today - previous);
}

}  // namespace tidemark::schedule
