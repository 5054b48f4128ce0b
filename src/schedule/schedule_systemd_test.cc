// Schedules against systemd's calendar, an engine by other people, where the rules agree: away from
// clock changes, and without cron's rule of either day.
#include <cstdio>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "schedule/schedule.h"

namespace tidemark::schedule {
namespace {

struct Pair {
  const char* ours;
  const char* systemd;
};

constexpr Pair kPairs[] = {{"hourly", "hourly"},
                           {"daily", "daily"},
                           {"weekly", "weekly"},
                           {"monthly", "monthly"},
                           {"quarterly", "quarterly"},
                           {"yearly", "yearly"},
                           {"hourly :15", "*-*-* *:15:00"},
                           {"daily 02:30", "*-*-* 02:30:00"},
                           {"weekly sun 03:00", "Sun *-*-* 03:00:00"},
                           {"weekly sat-sun", "Sat..Sun *-*-* 00:00:00"},
                           {"monthly last 04:00", "*-*~1 04:00:00"},
                           {"every 6h", "*-*-* 00/6:00:00"},
                           {"every 15m", "*-*-* *:00/15:00"},
                           {"0,30 8-17 * * mon-fri", "Mon..Fri *-*-* 08..17:00,30:00"},
                           {"0 0 31 * *", "*-*-31 00:00:00"},
                           {"0 12 29 2 *", "*-02-29 12:00:00"},
                           {"5 4 */2 * 1", "Mon *-*-01/2 04:05:00"},
                           {"0 22 * 6-8 *", "*-06..08-* 22:00:00"}};

// What `systemd-analyze calendar` lists; empty when it is missing or older than its options.
std::vector<std::string> ask_systemd(const std::string& calendar, TimePoint after, int count) {
  const std::string command = fmt::format(
      "TZ=UTC LC_ALL=C systemd-analyze calendar --iterations={} --base-time=@{} '{}' 2>/dev/null",
      count, std::chrono::floor<Seconds>(after).time_since_epoch().count(), calendar);
  FILE* output = popen(command.c_str(), "r");
  std::vector<std::string> slots;
  for (char line[256]; std::fgets(line, sizeof line, output) != nullptr;) {
    const std::string text = line;
    const bool is_slot =
        text.find("Next elapse:") != std::string::npos || text.find("Iter. #") != std::string::npos;
    const std::size_t date = text.find("20");
    if (is_slot && date != std::string::npos)
      slots.push_back(text.substr(date, 10) + "T" + text.substr(date + 11, 8) + "Z");
  }
  if (pclose(output) != 0) slots.clear();
  return slots;
}

TEST(ScheduleSystemd, AgreesAwayFromClockChanges) {
  const TimePoint winter = *parse_time("2026-11-22T12:34:56Z");
  if (ask_systemd("daily", winter, 2).empty()) GTEST_SKIP() << "systemd-analyze is not usable here";
  for (const Pair& pair : kPairs) {
    for (const char* name : {"UTC", "Asia/Kathmandu", "America/Phoenix"}) {
      SCOPED_TRACE(fmt::format("{} = {} {}", pair.ours, pair.systemd, name));
      const auto schedule = Schedule::parse(pair.ours, *TimeZone::find(name));
      ASSERT_TRUE(schedule);
      std::vector<std::string> slots;
      auto slot = schedule->next_slot(winter);
      for (int i = 0; i < 8; ++i, slot = schedule->next_slot(*slot))
        slots.push_back(format_time(*slot));
      EXPECT_EQ(ask_systemd(fmt::format("{} {}", pair.systemd, name), winter, 8), slots);
    }
  }
}

}  // namespace
}  // namespace tidemark::schedule
