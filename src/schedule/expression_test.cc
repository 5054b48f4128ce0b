#include "schedule/expression.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "schedule/schedule.h"
#include "tests/support/soak.h"

namespace tidemark::schedule {
namespace {

// Each day of the month, in words, over ten years: clamped to the length of the month, never
// skipped.
TEST(Expression, DaysInWordsAreClamped) {
  for (unsigned day = 1; day <= 31; ++day) {
    const auto schedule = Schedule::parse(fmt::format("monthly {}", day), TimeZone::utc());
    ASSERT_TRUE(schedule);
    TimePoint slot = *parse_time("2019-12-31T23:59:59Z");
    for (std::chrono::year_month month = std::chrono::year(2020) / 1; int(month.year()) < 2030;
         month += std::chrono::months(1)) {
      slot = *schedule->next_slot(slot);
      const std::chrono::sys_days last{month / std::chrono::last};
      const std::chrono::sys_days expected =
          std::min(std::chrono::sys_days(month / 1) + std::chrono::days(day - 1), last);
      ASSERT_EQ(slot, TimePoint(expected)) << format_time(slot);
    }
  }
}

// Each day of the month, in cron, is skipped where it is missing: as many slots as such days.
TEST(Expression, DaysInCronAreSkipped) {
  for (unsigned day = 1; day <= 31; ++day) {
    const auto schedule = Schedule::parse(fmt::format("0 0 {} * *", day), TimeZone::utc());
    ASSERT_TRUE(schedule);
    int expected = 0;
    for (std::chrono::year_month month = std::chrono::year(2020) / 1; int(month.year()) < 2030;
         month += std::chrono::months(1))
      if ((month / std::chrono::day(day)).ok()) ++expected;
    int slots = 0;
    const TimePoint end = *parse_time("2030-01-01T00:00:00Z");
    for (auto slot = schedule->next_slot(*parse_time("2019-12-31T23:59:59Z")); *slot < end;
         slot = schedule->next_slot(*slot))
      ++slots;
    EXPECT_EQ(slots, expected) << day;
  }
}

TEST(Expression, BlanksAndCaseDoNotMatter) {
  const auto plain = Schedule::parse("weekly sun 03:00", TimeZone::utc());
  const auto odd = Schedule::parse("  WEEKLY\tSun   03:00 ", TimeZone::utc());
  ASSERT_TRUE(plain);
  ASSERT_TRUE(odd);
  EXPECT_EQ(plain->describe(), odd->describe());
  EXPECT_EQ(odd->expression(), "  WEEKLY\tSun   03:00 ");
  EXPECT_EQ(odd->zone().name(), "UTC");
}

// Whatever is typed ends in a schedule that works or in an error that helps.
TEST(Expression, AnyTextIsAScheduleOrAnErrorWithAHint) {
  test::check_property(3000, [] {
    const std::vector<std::string> tokens = {
        "*",      "0",      "5",         "59",    "60",    "-",     ",",          "/",
        " ",      " ",      "@",         "daily", "every", "6h",    "7m",         "mon",
        "sun",    "feb",    "last",      "31",    ":30",   "02:30", "weekly",     "monthly",
        "yearly", "hourly", "quarterly", "\t",    "\xff",  "\n",    "99999999999"};
    std::string text;
    for (const std::string& token :
         *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(tokens)))
      text += token;
    const auto schedule = Schedule::parse(text, TimeZone::utc());
    if (!schedule) {
      RC_ASSERT(schedule.error().kind == ErrorKind::invalid_input);
      RC_ASSERT(!schedule.error().message.empty());
      RC_ASSERT(!schedule.error().hint.empty());
      return;
    }
    const TimePoint now = *parse_time("2026-11-22T12:00:00Z");
    RC_ASSERT(!schedule->describe().empty());
    RC_ASSERT(schedule->next_slot(now).has_value());
    RC_ASSERT(*schedule->next_slot(now) > now);
    RC_ASSERT(*schedule->latest_slot(now) <= now);
    RC_ASSERT(*schedule->next_slot(now) - *schedule->latest_slot(now) <= schedule->interval_max());
  });
}

TEST(DayRule, ARuleWithoutDaysHasNoGap) {
  const Pattern never{.days = {}, .minutes = {0}};
  EXPECT_EQ(never.gap_max(), std::nullopt);
  EXPECT_EQ(never.after(LocalTime{}), std::nullopt);
  EXPECT_EQ(never.at_or_before(LocalTime{std::chrono::hours(24 * 365)}), std::nullopt);
}

}  // namespace
}  // namespace tidemark::schedule
