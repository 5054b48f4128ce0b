#include "core/calendar.h"

#include <gtest/gtest.h>

#include "tests/support/berlin_calendar.h"

namespace tidemark::core {
namespace {

TimePoint at(std::string_view text) { return *parse_time(text); }

std::string label(Period period, std::string_view text) {
  return period_label(period, to_local(UtcCalendar(), at(text)));
}

std::int64_t number(Period period, std::string_view text) {
  return period_number(period, to_local(UtcCalendar(), at(text)));
}

TEST(Calendar, LabelsAreWhatPeopleWrite) {
  EXPECT_EQ(label(Period::hour, "2026-11-21T14:59:59Z"), "2026-11-21 14h");
  EXPECT_EQ(label(Period::day, "2026-11-21T14:59:59Z"), "2026-11-21");
  EXPECT_EQ(label(Period::week, "2026-11-21T14:59:59Z"), "2026-W47");
  EXPECT_EQ(label(Period::month, "2026-11-21T14:59:59Z"), "2026-11");
  EXPECT_EQ(label(Period::year, "2026-11-21T14:59:59Z"), "2026");
}

// The list of cases in which the year of the week is not that of the day, from ISO 8601 itself.
TEST(Calendar, WeeksBelongToTheYearOfTheirThursday) {
  EXPECT_EQ(label(Period::week, "2005-01-01T00:00:00Z"), "2004-W53");
  EXPECT_EQ(label(Period::week, "2007-01-01T00:00:00Z"), "2007-W01");
  EXPECT_EQ(label(Period::week, "2008-12-29T00:00:00Z"), "2009-W01");
  EXPECT_EQ(label(Period::week, "2010-01-03T00:00:00Z"), "2009-W53");
  EXPECT_EQ(label(Period::week, "2020-12-31T00:00:00Z"), "2020-W53");
  EXPECT_EQ(label(Period::week, "2021-01-03T23:59:59Z"), "2020-W53");
  EXPECT_EQ(label(Period::week, "2021-01-04T00:00:00Z"), "2021-W01");
  EXPECT_EQ(label(Period::week, "2026-12-31T00:00:00Z"), "2026-W53");
}

TEST(Calendar, PeriodsBeginWhereTheirLabelsChange) {
  for (const Period period :
       {Period::hour, Period::day, Period::week, Period::month, Period::year}) {
    TimePoint moment = at("2019-12-20T00:30:00Z");
    const TimePoint end = at("2021-01-20T00:00:00Z");
    LocalTime previous = to_local(UtcCalendar(), moment);
    for (; moment < end; moment += std::chrono::minutes(30)) {
      const LocalTime local = to_local(UtcCalendar(), moment);
      const bool same = period_label(period, local) == period_label(period, previous);
      ASSERT_EQ(period_number(period, local), period_number(period, previous) + (same ? 0 : 1))
          << period_label(period, local);
      previous = local;
    }
  }
}

TEST(Calendar, NumbersRunOnBelowTheEpoch) {
  const TimePoint epoch{};
  const LocalTime before = to_local(UtcCalendar(), epoch - std::chrono::days(4));  // a Sunday
  const LocalTime after = to_local(UtcCalendar(), epoch - std::chrono::days(3));
  EXPECT_EQ(period_number(Period::week, before) + 1, period_number(Period::week, after));
  EXPECT_EQ(period_label(Period::week, after), "1970-W01");
  EXPECT_EQ(number(Period::year, "1970-01-01T00:00:00Z"), 1970);
}

TEST(Calendar, DaysAreThoseOfThePlace) {
  const LocalTime summer = to_local(test::BerlinCalendar(), at("2026-07-31T22:00:00Z"));
  const LocalTime winter = to_local(test::BerlinCalendar(), at("2026-12-31T22:59:59Z"));
  EXPECT_EQ(period_label(Period::day, summer), "2026-08-01");
  EXPECT_EQ(period_label(Period::day, winter), "2026-12-31");
}

TEST(Calendar, AnHourThatClocksRepeatIsOneHour) {
  const LocalTime first = to_local(test::BerlinCalendar(), at("2026-10-25T00:30:00Z"));
  const LocalTime second = to_local(test::BerlinCalendar(), at("2026-10-25T01:30:00Z"));
  EXPECT_EQ(period_number(Period::hour, first), period_number(Period::hour, second));
}

}  // namespace
}  // namespace tidemark::core
