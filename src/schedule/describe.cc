#include "schedule/describe.h"

#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace tidemark::schedule {
namespace {

constexpr std::string_view kMonthNames[] = {
    "",     "January", "February",  "March",   "April",    "May",     "June",
    "July", "August",  "September", "October", "November", "December"};
constexpr std::string_view kDayNames[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                          "Thursday", "Friday", "Saturday"};
constexpr int kDaysMax[] = {0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

std::string join_and(const std::vector<std::string>& parts) {
  if (parts.size() == 1) return parts[0];
  return fmt::format("{} and {}", fmt::join(parts.begin(), parts.end() - 1, ", "), parts.back());
}

// Ascending numbers, three or more in a row as a range: "1-5, 9 and 12".
std::string number_list(const std::vector<int>& numbers) {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < numbers.size();) {
    std::size_t end = i + 1;
    while (end < numbers.size() && numbers[end] == numbers[end - 1] + 1) ++end;
    if (end - i >= 3) {
      parts.push_back(fmt::format("{}-{}", numbers[i], numbers[end - 1]));
      i = end;
    } else {
      parts.push_back(fmt::format("{}", numbers[i++]));
    }
  }
  return join_and(parts);
}

template <std::size_t kSize>
std::vector<int> members(const std::bitset<kSize>& set) {
  std::vector<int> numbers;
  for (std::size_t i = 0; i < kSize; ++i)
    if (set[i]) numbers.push_back(static_cast<int>(i));
  return numbers;
}

bool every_date(const DayRule& rule) { return rule.days.count() == 31; }

std::string month_list(const DayRule& rule) {
  const std::vector<int> months = members(rule.months);
  const bool in_a_row = months.back() - months.front() + 1 == static_cast<int>(months.size());
  if (in_a_row && months.size() >= 3)
    return fmt::format("{} to {}", kMonthNames[months.front()], kMonthNames[months.back()]);
  std::vector<std::string> names;
  for (const int month : months) names.emplace_back(kMonthNames[month]);
  return join_and(names);
}

std::string weekday_list(const DayRule& rule) {
  // A week is read from Monday on.
  std::vector<int> from_monday;
  for (int i = 0; i < 7; ++i)
    if (rule.weekdays[static_cast<std::size_t>((i + 1) % 7)]) from_monday.push_back(i);
  const int first = from_monday.front();
  const int last = from_monday.back();
  const bool in_a_row = last - first + 1 == static_cast<int>(from_monday.size());
  if (in_a_row && last - first >= 2)
    return fmt::format("{} to {}", kDayNames[(first + 1) % 7], kDayNames[(last + 1) % 7]);
  std::vector<std::string> names;
  for (const int i : from_monday) names.emplace_back(kDayNames[(i + 1) % 7]);
  return join_and(names);
}

std::string date_list(const DayRule& rule) {
  if (rule.last_day) return "the last day";
  const std::vector<int> dates = members(rule.days);
  return fmt::format("day{} {}", dates.size() == 1 ? "" : "s", number_list(dates));
}

// "on the last day of every month", "every Monday in June", "every day".
std::string day_text(const DayRule& rule) {
  const bool every_month = rule.months.count() == 12;
  const std::string in_months = every_month ? "" : " in " + month_list(rule);
  const std::string of_months =
      " of " + (every_month ? std::string("every month") : month_list(rule));
  if (rule.join == DayRule::Join::either)
    return fmt::format("on {}{} and every {}{}", date_list(rule), of_months, weekday_list(rule),
                       in_months);
  if (every_date(rule))
    return fmt::format("every {}{}", rule.weekdays.all() ? "day" : weekday_list(rule), in_months);
  if (rule.weekdays.all()) return fmt::format("on {}{}", date_list(rule), of_months);
  return fmt::format("every {} that falls on {}{}", weekday_list(rule), date_list(rule), of_months);
}

// What becomes of a date that a month of the rule does not have.
std::string short_month_text(const DayRule& rule) {
  if (every_date(rule)) return "";
  std::set<int> missing;
  for (const int month : members(rule.months))
    for (const int date : members(rule.days))
      if (date > kDaysMax[month] || (date == 29 && month == 2)) missing.insert(date);
  if (missing.empty()) return "";
  if (missing.size() > 1) return " (a day that a month does not have is skipped)";
  const std::string treatment = rule.clamped ? "on its last day" : "skipped";
  return fmt::format(" ({} in a month without day {})", treatment, *missing.begin());
}

std::string clock_text(int minute) { return fmt::format("{:02}:{:02}", minute / 60, minute % 60); }

// The distance when the minutes divide the whole day evenly; 0 when they do not.
int even_step(const std::vector<int>& minutes) {
  const int count = static_cast<int>(minutes.size());
  if (count == 1 || kMinutesOfDay % count != 0) return 0;
  const int step = kMinutesOfDay / count;
  for (int i = 0; i < count; ++i)
    if (minutes[static_cast<std::size_t>(i)] != minutes[0] + i * step) return 0;
  return step;
}

std::string step_text(int step, int first) {
  if (step == 1) return "every minute";
  if (step == 60) return first == 0 ? "every hour" : fmt::format("every hour at :{:02}", first);
  const std::string length =
      step % 60 == 0 ? fmt::format("{} hours", step / 60) : fmt::format("{} minutes", step);
  return fmt::format("every {}{}", length, first == 0 ? "" : " from " + clock_text(first));
}

constexpr std::size_t kListedMax = 6;

// "at 02:30", "at 02:30 and 14:30", "at minutes 0 and 30 of hours 8-17".
std::string times_text(const std::vector<int>& minutes) {
  if (minutes.size() <= kListedMax) {
    std::vector<std::string> times;
    for (const int minute : minutes) times.push_back(clock_text(minute));
    return "at " + join_and(times);
  }
  std::set<int> hours;
  std::set<int> minutes_of_hour;
  for (const int minute : minutes) {
    hours.insert(minute / 60);
    minutes_of_hour.insert(minute % 60);
  }
  const std::string at_minutes =
      minutes_of_hour.size() == 60
          ? std::string("at every minute")
          : fmt::format("at minute{} {}", minutes_of_hour.size() == 1 ? "" : "s",
                        number_list({minutes_of_hour.begin(), minutes_of_hour.end()}));
  if (hours.size() == 24) return at_minutes + " of every hour";
  return fmt::format("{} of hour{} {}", at_minutes, hours.size() == 1 ? "" : "s",
                     number_list({hours.begin(), hours.end()}));
}

}  // namespace

std::string describe_pattern(const Pattern& pattern, std::string_view zone_name) {
  const std::string note = short_month_text(pattern.days);
  const std::string days = day_text(pattern.days);
  const int step = even_step(pattern.minutes);
  if (step == 0 || (days != "every day" && pattern.minutes.size() <= kListedMax))
    return fmt::format("{} {} {}{}", days, times_text(pattern.minutes), zone_name, note);
  const std::string times = step_text(step, pattern.minutes[0]);
  if (days == "every day") return fmt::format("{}, {}", times, zone_name);
  return fmt::format("{}, {}, {}{}", times, days, zone_name, note);
}

}  // namespace tidemark::schedule
