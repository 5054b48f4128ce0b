// Schedules against an oracle that knows nothing of them: it walks minute by minute, reads clocks
// from the C library, and asks of every minute whether the sets that were drawn name it.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <ctime>
#include <random>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "schedule/schedule.h"
#include "tests/support/soak.h"

namespace tidemark::schedule {
namespace {

using std::chrono::minutes;
using Random = std::mt19937;

// Every rule that anyone follows today, and some that are odd: half and three-quarter hours, both
// sides of the date line, changes at midnight, Ramadan, no changes at all.
const std::vector<std::string> kZones = {"UTC",
                                         "Europe/Berlin",
                                         "Europe/London",
                                         "Europe/Dublin",
                                         "Europe/Lisbon",
                                         "Europe/Moscow",
                                         "Europe/Istanbul",
                                         "Europe/Chisinau",
                                         "Atlantic/Azores",
                                         "Atlantic/Reykjavik",
                                         "Atlantic/Stanley",
                                         "America/New_York",
                                         "America/Chicago",
                                         "America/Denver",
                                         "America/Los_Angeles",
                                         "America/Phoenix",
                                         "America/Anchorage",
                                         "America/St_Johns",
                                         "America/Halifax",
                                         "America/Havana",
                                         "America/Sao_Paulo",
                                         "America/Asuncion",
                                         "America/Santiago",
                                         "America/Nuuk",
                                         "America/Mexico_City",
                                         "America/Argentina/Buenos_Aires",
                                         "Antarctica/Troll",
                                         "Antarctica/Casey",
                                         "Africa/Cairo",
                                         "Africa/Casablanca",
                                         "Africa/Juba",
                                         "Africa/Johannesburg",
                                         "Asia/Kolkata",
                                         "Asia/Kathmandu",
                                         "Asia/Tehran",
                                         "Asia/Gaza",
                                         "Asia/Beirut",
                                         "Asia/Amman",
                                         "Asia/Jerusalem",
                                         "Asia/Tokyo",
                                         "Asia/Pyongyang",
                                         "Asia/Almaty",
                                         "Australia/Lord_Howe",
                                         "Australia/Sydney",
                                         "Australia/Adelaide",
                                         "Australia/Eucla",
                                         "Pacific/Chatham",
                                         "Pacific/Apia",
                                         "Pacific/Kiritimati",
                                         "Pacific/Norfolk",
                                         "Pacific/Fiji",
                                         "Pacific/Auckland"};

int any(Random& random, int from, int to) {
  return std::uniform_int_distribution<int>(from, to)(random);
}

// The C library's clocks, set to a zone for as long as this lives.
class SystemZone {
 public:
  explicit SystemZone(const std::string& name) {
    setenv("TZ", (":" + name).c_str(), 1);
    tzset();
  }
  ~SystemZone() {
    unsetenv("TZ");
    tzset();
  }

  static std::tm read(TimePoint moment) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(moment);
    std::tm civil{};
    localtime_r(&seconds, &civil);
    return civil;
  }
  static std::int64_t offset(TimePoint moment) { return read(moment).tm_gmtoff; }
};

using Values = std::array<bool, 60>;

// What a cron expression names.
struct Named {
  Values minutes{}, hours{}, days{}, months{}, weekdays{};
  bool either = false;
};

bool names(const Named& named, int minute_of_day, const std::tm& day) {
  const auto in = [](const Values& values, int value) {
    return values[static_cast<std::size_t>(value)];
  };
  const bool date = in(named.days, day.tm_mday);
  const bool weekday = in(named.weekdays, day.tm_wday);
  return in(named.minutes, minute_of_day % 60) && in(named.hours, minute_of_day / 60) &&
         in(named.months, day.tm_mon + 1) && (named.either ? date || weekday : date && weekday);
}

// Draws a field: its text and what it names.
std::string any_field(Random& random, int first, int last, Values& values) {
  const int kind = any(random, 0, 5);
  const auto add = [&](int from, int to, int step) {
    for (int value = from; value <= to; value += step)
      values[static_cast<std::size_t>(value)] = true;
  };
  if (kind <= 1) return add(first, last, 1), "*";
  if (kind == 2) {
    const int step = any(random, 1, last - first);
    return add(first, last, step), fmt::format("*/{}", step);
  }
  std::string text;
  for (int parts = any(random, 1, 3); parts > 0; --parts) {
    const int from = any(random, first, last);
    const int to = kind == 3 ? from : any(random, from, last);
    const int step = to > from && kind == 5 ? any(random, 1, to - from) : 1;
    add(from, to, step);
    if (!text.empty()) text += ",";
    text += from == to ? fmt::format("{}", from) : fmt::format("{}-{}", from, to);
    if (step > 1) text += fmt::format("/{}", step);
  }
  return text;
}

std::string any_expression(Random& random, Named& named) {
  const std::string minute = any_field(random, 0, 59, named.minutes);
  const std::string hour = any_field(random, 0, 23, named.hours);
  const std::string day = any_field(random, 1, 31, named.days);
  const std::string month = any_field(random, 1, 12, named.months);
  const std::string weekday = any_field(random, 0, 6, named.weekdays);
  named.either = day[0] != '*' && weekday[0] != '*';
  return fmt::format("{} {} {} {} {}", minute, hour, day, month, weekday);
}

// Every minute of the window, as local clocks show it. Read once, used for many expressions.
struct Window {
  TimePoint begin;
  std::int64_t reached;  // the furthest that they have shown in the hours before and at begin
  std::vector<std::int64_t> local_minutes;  // since 1970-01-01 00:00 on those clocks
};

Window read_window(TimePoint begin, TimePoint end) {
  const auto local_minute = [](TimePoint moment) {
    const auto seconds = std::chrono::floor<Seconds>(moment).time_since_epoch().count();
    return (seconds + SystemZone::offset(moment)) / 60;
  };
  Window window{begin, 0, {}};
  // No clock in these years went back by more than three hours.
  for (TimePoint moment = begin - minutes(4 * 60); moment <= begin; moment += minutes(1))
    window.reached = std::max(window.reached, local_minute(moment));
  for (TimePoint moment = begin; moment <= end; moment += minutes(1))
    window.local_minutes.push_back(local_minute(moment));
  return window;
}

std::tm civil_day(std::int64_t day) {
  const std::time_t seconds = day * 86400;
  std::tm civil{};
  gmtime_r(&seconds, &civil);
  return civil;
}

// A slot is the first moment at which local clocks reach or pass a named time.
std::vector<TimePoint> slots_by_minute(const Window& window, const Named& named) {
  std::vector<TimePoint> slots;
  std::int64_t reached = window.reached;
  std::int64_t day = -1;
  std::tm civil{};
  for (std::size_t i = 1; i < window.local_minutes.size(); ++i) {
    bool due = false;
    while (reached < window.local_minutes[i]) {
      ++reached;
      if (reached / 1440 != day) civil = civil_day(day = reached / 1440);
      due = due || names(named, static_cast<int>(reached % 1440), civil);
    }
    if (due) slots.push_back(window.begin + minutes(i));
  }
  return slots;
}

std::vector<TimePoint> slots_forward(const Schedule& schedule, TimePoint begin, TimePoint end) {
  std::vector<TimePoint> slots;
  for (auto slot = schedule.next_slot(begin); slot && *slot <= end;
       slot = schedule.next_slot(*slot))
    slots.push_back(*slot);
  return slots;
}

std::vector<TimePoint> slots_backward(const Schedule& schedule, TimePoint begin, TimePoint end) {
  std::vector<TimePoint> slots;
  for (auto slot = schedule.latest_slot(end); slot && *slot > begin;
       slot = schedule.latest_slot(*slot - Millis(1)))
    slots.push_back(*slot);
  std::reverse(slots.begin(), slots.end());
  return slots;
}

// At any moment, whole minute or not, both searches agree with the list of slots.
void expect_searches_agree(const Schedule& schedule, const std::vector<TimePoint>& slots,
                           const Window& window, Random& random) {
  const int length = static_cast<int>(window.local_minutes.size()) - 1;
  for (int i = 0; i < 20; ++i) {
    const TimePoint moment =
        window.begin + minutes(any(random, 1, length)) - Millis(any(random, 0, 1) * 700);
    const auto after = std::upper_bound(slots.begin(), slots.end(), moment);
    if (after != slots.end()) {
      EXPECT_EQ(schedule.next_slot(moment), *after) << format_time(moment);
    }
    if (after != slots.begin()) {
      EXPECT_EQ(schedule.latest_slot(moment), *std::prev(after)) << format_time(moment);
    }
  }
}

void expect_no_longer_interval(const Schedule& schedule, const std::vector<TimePoint>& slots) {
  // Rules of the past may have put clocks back further than those of today.
  const Seconds interval_max = schedule.interval_max() + std::chrono::hours(3);
  for (std::size_t i = 1; i < slots.size(); ++i) EXPECT_LE(slots[i] - slots[i - 1], interval_max);
}

void expect_equal_to_oracle(const TimeZone& zone, const Window& window, int expressions,
                            Random& random) {
  const TimePoint end = window.begin + minutes(window.local_minutes.size() - 1);
  for (int i = 0; i < expressions; ++i) {
    Named named;
    const std::string expression = any_expression(random, named);
    SCOPED_TRACE(expression + " in " + zone.name() + " from " + format_time(window.begin));
    const auto schedule = Schedule::parse(expression, zone);
    if (!schedule) {
      // Only a date that no month has is refused; then the oracle finds nothing either.
      EXPECT_THAT(schedule.error().message, testing::HasSubstr("never occurs"));
      EXPECT_TRUE(slots_by_minute(window, named).empty());
      continue;
    }
    const std::vector<TimePoint> slots = slots_by_minute(window, named);
    EXPECT_EQ(slots_forward(*schedule, window.begin, end), slots);
    EXPECT_EQ(slots_backward(*schedule, window.begin, end), slots);
    expect_searches_agree(*schedule, slots, window, random);
    if (i == 0) expect_no_longer_interval(*schedule, slots);
    if (testing::Test::HasFailure()) return;
  }
}

// The moments at which the C library's offset changes, to the minute.
std::vector<TimePoint> transitions(TimePoint from, TimePoint to) {
  std::vector<TimePoint> found;
  constexpr minutes kStride(6 * 60);
  for (TimePoint moment = from; moment < to; moment += kStride) {
    if (SystemZone::offset(moment) == SystemZone::offset(moment + kStride)) continue;
    TimePoint before = moment;
    TimePoint after = moment + kStride;
    while (after - before > minutes(1)) {
      const TimePoint middle = before + std::chrono::floor<minutes>((after - before) / 2);
      (SystemZone::offset(middle) == SystemZone::offset(before) ? before : after) = middle;
    }
    found.push_back(after);
  }
  return found;
}

class ScheduleProperty : public testing::Test {
 protected:
  ScheduleProperty() : seed_(std::random_device{}()), random_(seed_) {
    RecordProperty("seed", std::to_string(seed_));
  }
  ~ScheduleProperty() override {
    if (HasFailure()) std::printf("seed=%u\n", seed_);
  }

  const unsigned seed_;
  Random random_;
};

const TimePoint kFrom = *parse_time("2020-01-01T00:00:00Z");
const TimePoint kTo = *parse_time("2030-01-01T00:00:00Z");

// All clock changes of ten years in every zone, each with half a day before and after it.
TEST_F(ScheduleProperty, EqualsTheOracleAroundEveryClockChange) {
  int changes = 0;
  for (const std::string& name : kZones) {
    const SystemZone clocks(name);
    const TimeZone zone = *TimeZone::find(name);
    for (const TimePoint change : transitions(kFrom, kTo)) {
      const Window window = read_window(change - minutes(15 * 60), change + minutes(15 * 60));
      expect_equal_to_oracle(zone, window, 8 * test::soak_factor(), random_);
      if (HasFailure()) return;
      ++changes;
    }
  }
  EXPECT_GT(changes, 400);
}

// Anywhere in the ten years: months, leap days, week ends.
TEST_F(ScheduleProperty, EqualsTheOracleInAnyWindow) {
  for (int i = 0; i < 80 * test::soak_factor(); ++i) {
    const std::string& name =
        kZones[static_cast<std::size_t>(any(random_, 0, std::ssize(kZones) - 1))];
    const SystemZone clocks(name);
    const int day = any(random_, 0, 3600);
    const TimePoint begin = kFrom + std::chrono::days(day) + minutes(any(random_, 0, 1439));
    const Window window = read_window(begin, begin + std::chrono::days(any(random_, 3, 40)));
    expect_equal_to_oracle(*TimeZone::find(name), window, 3, random_);
    if (HasFailure()) return;
  }
}

// The days that are known to be hard.
TEST_F(ScheduleProperty, EqualsTheOracleOnHardDays) {
  const std::pair<std::string, std::string> kHard[] = {
      {"Pacific/Apia", "2011-12-30T10:00:00Z"},      // a day that never was
      {"Pacific/Fakaofo", "2011-12-30T11:00:00Z"},   // likewise
      {"America/St_Johns", "2010-11-07T02:31:00Z"},  // back across midnight
      {"America/St_Johns", "2010-03-14T03:31:00Z"},
      {"Antarctica/Casey", "2020-10-03T16:01:00Z"},  // three hours, at 00:01
      {"Asia/Pyongyang", "2018-05-04T15:00:00Z"},
      {"America/Caracas", "2016-05-01T07:00:00Z"},
      {"Europe/Berlin", "2028-02-29T00:00:00Z"},
      {"Europe/Berlin", "2026-03-29T01:00:00Z"},
      {"Europe/Berlin", "2026-10-25T01:00:00Z"},
      {"Australia/Lord_Howe", "2026-04-04T15:00:00Z"},
      {"Australia/Lord_Howe", "2026-10-03T15:30:00Z"},
      {"UTC", "2027-01-01T00:00:00Z"}};
  for (const auto& [name, moment] : kHard) {
    const SystemZone clocks(name);
    const TimePoint middle = *parse_time(moment);
    const Window window = read_window(middle - std::chrono::days(3), middle + std::chrono::days(3));
    expect_equal_to_oracle(*TimeZone::find(name), window, 8 * test::soak_factor(), random_);
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace tidemark::schedule
