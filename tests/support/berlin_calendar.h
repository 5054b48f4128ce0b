// Central European time by its rule, for tests of layers that have no time zone database.
#pragma once

#include "core/calendar.h"

namespace tidemark::test {

// UTC+1, and UTC+2 from the last Sunday of March to the last Sunday of October, at 01:00 UTC.
class BerlinCalendar final : public core::LocalCalendar {
 public:
  Seconds utc_offset(TimePoint moment) const override {
    using std::chrono::last, std::chrono::Sunday;
    const std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(moment)};
    const auto change_in = [&](unsigned month) {
      return std::chrono::sys_days(date.year() / month / Sunday[last]) + std::chrono::hours(1);
    };
    const bool summer = moment >= change_in(3) && moment < change_in(10);
    return std::chrono::hours(summer ? 2 : 1);
  }
};

}  // namespace tidemark::test
