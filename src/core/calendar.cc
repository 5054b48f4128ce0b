#include "core/calendar.h"

#include <fmt/format.h>

namespace tidemark::core {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::local_days;
using std::chrono::year_month_day;

// 1970-01-01 was a Thursday, so its week began three days earlier.
constexpr std::int64_t kDaysFromMondayToEpoch = 3;

std::int64_t floor_divide(std::int64_t value, std::int64_t by) {
  return value / by - (value % by < 0 ? 1 : 0);
}

// A week belongs to the year that has its Thursday (ISO 8601), and is numbered from that year's
// first Thursday.
std::string week_label(local_days day) {
  const std::chrono::weekday weekday{day};
  const local_days thursday = day + days(4 - static_cast<int>(weekday.iso_encoding()));
  const std::chrono::year year = year_month_day{thursday}.year();
  const auto day_of_year = (thursday - local_days(year / std::chrono::January / 1)).count();
  return fmt::format("{:04}-W{:02}", int(year), day_of_year / 7 + 1);
}

}  // namespace

LocalTime to_local(const LocalCalendar& calendar, TimePoint moment) {
  return LocalTime(moment.time_since_epoch() + calendar.utc_offset(moment));
}

std::int64_t period_number(Period period, LocalTime time) {
  const local_days day = floor<days>(time);
  const year_month_day date{day};
  switch (period) {
    case Period::hour: return floor<std::chrono::hours>(time).time_since_epoch().count();
    case Period::day: return day.time_since_epoch().count();
    case Period::week:
      return floor_divide(day.time_since_epoch().count() + kDaysFromMondayToEpoch, 7);
    case Period::month: return int(date.year()) * 12 + static_cast<int>(unsigned(date.month())) - 1;
    case Period::year: break;
  }
  return int(date.year());
}

std::string period_label(Period period, LocalTime time) {
  const local_days day = floor<days>(time);
  const year_month_day date{day};
  const std::string month = fmt::format("{:04}-{:02}", int(date.year()), unsigned(date.month()));
  switch (period) {
    case Period::hour:
      return fmt::format("{}-{:02} {:02}h", month, unsigned(date.day()),
                         floor<std::chrono::hours>(time - day).count());
    case Period::day: return fmt::format("{}-{:02}", month, unsigned(date.day()));
    case Period::week: return week_label(day);
    case Period::month: return month;
    case Period::year: break;
  }
  return fmt::format("{:04}", int(date.year()));
}

}  // namespace tidemark::core
