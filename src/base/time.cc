#include "base/time.h"

#include <array>
#include <charconv>
#include <optional>

#include <fmt/format.h>

namespace tidemark {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;

Error not_a_time(std::string_view text) {
  return Error{ErrorKind::invalid_input, fmt::format("'{}' is not a time", text),
               "write it as 2026-11-22T02:00:00Z"};
}

// Reads exactly `width` digits from the front of text, which moves on; nullopt when they are not
// all there.
std::optional<int> take_digits(std::string_view& text, std::size_t width) {
  if (text.size() < width) return std::nullopt;
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + width, value);
  if (error != std::errc{} || end != text.data() + width || text[0] == '-') return std::nullopt;
  text.remove_prefix(width);
  return value;
}

bool take(std::string_view& text, std::string_view expected) {
  if (!text.starts_with(expected)) return false;
  text.remove_prefix(expected.size());
  return true;
}

struct Civil {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
};

// A leap second, 23:59:60, is read as the first second of the next minute.
std::optional<TimePoint> from_civil(const Civil& c) {
  const std::chrono::year_month_day date{std::chrono::year(c.year),
                                         std::chrono::month(static_cast<unsigned>(c.month)),
                                         std::chrono::day(static_cast<unsigned>(c.day))};
  const bool in_range =
      date.ok() && c.year >= 1970 && c.hour <= 23 && c.minute <= 59 && c.second <= 60;
  if (!in_range) return std::nullopt;
  return TimePoint(std::chrono::sys_days(date)) + hours(c.hour) + minutes(c.minute) +
         Seconds(c.second);
}

std::optional<Millis> take_fraction(std::string_view& text) {
  if (!take(text, ".")) return Millis::zero();
  int millis = 0;
  int digits = 0;
  while (!text.empty() && text[0] >= '0' && text[0] <= '9') {
    if (digits < 3) millis = millis * 10 + (text[0] - '0');
    ++digits;
    text.remove_prefix(1);
  }
  if (digits == 0 || digits > 9) return std::nullopt;
  for (; digits < 3; ++digits) millis *= 10;
  return Millis(millis);
}

std::optional<minutes> take_offset(std::string_view& text) {
  if (take(text, "Z") || take(text, "z")) return minutes::zero();
  const bool east = text.starts_with('+');
  if (!east && !text.starts_with('-')) return std::nullopt;
  text.remove_prefix(1);
  const auto hour = take_digits(text, 2);
  if (!hour || !take(text, ":")) return std::nullopt;
  const auto minute = take_digits(text, 2);
  if (!minute || *hour > 23 || *minute > 59) return std::nullopt;
  const minutes offset = hours(*hour) + minutes(*minute);
  return east ? offset : -offset;
}

}  // namespace

std::string format_time(TimePoint time) {
  const auto midnight = std::chrono::floor<days>(time);
  const std::chrono::year_month_day date{midnight};
  const std::chrono::hh_mm_ss clock{std::chrono::floor<Seconds>(time - midnight)};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", int(date.year()),
                     unsigned(date.month()), unsigned(date.day()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count());
}

Result<TimePoint> parse_time(std::string_view text) {
  std::string_view rest = text;
  const auto year = take_digits(rest, 4);
  const bool dash1 = take(rest, "-");
  const auto month = take_digits(rest, 2);
  const bool dash2 = take(rest, "-");
  const auto day = take_digits(rest, 2);
  const bool separator = take(rest, "T") || take(rest, "t") || take(rest, " ");
  const auto hour = take_digits(rest, 2);
  const bool colon1 = take(rest, ":");
  const auto minute = take_digits(rest, 2);
  const bool colon2 = take(rest, ":");
  const auto second = take_digits(rest, 2);
  if (!year || !dash1 || !month || !dash2 || !day || !separator || !hour || !colon1 || !minute ||
      !colon2 || !second)
    return not_a_time(text);
  const auto fraction = take_fraction(rest);
  const auto offset = take_offset(rest);
  const auto local = from_civil({*year, *month, *day, *hour, *minute, *second});
  if (!fraction || !offset || !local || !rest.empty()) return not_a_time(text);
  return *local + *fraction - *offset;
}

Result<TimePoint> parse_http_date(std::string_view text) {
  static constexpr std::array<std::string_view, 12> kMonths = {
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const Error bad{ErrorKind::corrupt, "a Date header is not an HTTP date"};
  std::string_view rest = text;
  const std::size_t comma = rest.find(", ");
  if (comma != 3) return bad;
  rest.remove_prefix(comma + 2);
  Civil c;
  const auto day = take_digits(rest, 2);
  if (!day || !take(rest, " ")) return bad;
  for (std::size_t i = 0; i < kMonths.size(); ++i)
    if (rest.starts_with(kMonths[i])) c.month = static_cast<int>(i) + 1;
  if (c.month == 0) return bad;
  rest.remove_prefix(3);
  const bool gap1 = take(rest, " ");
  const auto year = take_digits(rest, 4);
  const bool gap2 = take(rest, " ");
  const auto hour = take_digits(rest, 2);
  const bool colon1 = take(rest, ":");
  const auto minute = take_digits(rest, 2);
  const bool colon2 = take(rest, ":");
  const auto second = take_digits(rest, 2);
  if (!gap1 || !year || !gap2 || !hour || !colon1 || !minute || !colon2 || !second ||
      rest != " GMT")
    return bad;
  const auto time = from_civil({*year, c.month, *day, *hour, *minute, *second});
  if (!time) return bad;
  return *time;
}

Result<Seconds> parse_duration(std::string_view text) {
  struct Unit {
    std::string_view name;
    std::int64_t seconds;
  };
  // "mo" stands before "m", or it would never be seen.
  static constexpr std::array<Unit, 7> kUnits = {{{"mo", 30 * 86400},
                                                  {"s", 1},
                                                  {"m", 60},
                                                  {"h", 3600},
                                                  {"d", 86400},
                                                  {"w", 7 * 86400},
                                                  {"y", 365 * 86400}}};
  constexpr std::int64_t kSecondsMax = 1000LL * 365 * 86400;
  const Error bad{ErrorKind::invalid_input, fmt::format("'{}' is not a length of time", text),
                  "write a number and a unit: 45s, 90m, 36h, 7d, 5w, 13mo or 7y"};
  std::string_view rest = text;
  std::int64_t total = 0;
  if (rest.empty()) return bad;
  while (!rest.empty()) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    if (error != std::errc{} || number < 0 || number > kSecondsMax) return bad;
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    std::int64_t unit_seconds = 0;
    for (const Unit& unit : kUnits) {
      if (!take(rest, unit.name)) continue;
      unit_seconds = unit.seconds;
      break;
    }
    if (unit_seconds == 0 || number > kSecondsMax / unit_seconds) return bad;
    total += number * unit_seconds;
    if (total > kSecondsMax) return bad;
  }
  return Seconds(total);
}

std::string format_duration(Seconds duration) {
  struct Unit {
    char name;
    std::int64_t seconds;
  };
  static constexpr std::array<Unit, 4> kUnits = {{{'d', 86400}, {'h', 3600}, {'m', 60}, {'s', 1}}};
  std::int64_t left = duration.count();
  std::string text = left < 0 ? "-" : "";
  left = left < 0 ? -left : left;
  for (std::size_t i = 0; i < kUnits.size(); ++i) {
    if (left < kUnits[i].seconds) continue;
    text += fmt::format("{}{}", left / kUnits[i].seconds, kUnits[i].name);
    left %= kUnits[i].seconds;
    if (i + 1 < kUnits.size() && left >= kUnits[i + 1].seconds)
      text += fmt::format(" {}{}", left / kUnits[i + 1].seconds, kUnits[i + 1].name);
    return text;
  }
  return "0s";
}

}  // namespace tidemark
