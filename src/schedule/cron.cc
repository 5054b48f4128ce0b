#include "schedule/cron.h"

#include <array>
#include <charconv>
#include <optional>

#include <fmt/format.h>

namespace tidemark::schedule {
namespace {

using Names = std::array<std::string_view, 12>;

struct FieldKind {
  std::string_view name;
  int first;
  int last;
  std::string_view example;
  Names names;  // that of `first` stands first; the rest is empty
};

constexpr std::array<FieldKind, 5> kFieldKinds = {{
    {"minute", 0, 59, "30 2 * * * (every day at 02:30)", {}},
    {"hour", 0, 23, "30 2 * * * (every day at 02:30)", {}},
    {"day of month", 1, 31, "0 4 1 * * (the 1st at 04:00)", {}},
    {"month",
     1,
     12,
     "0 4 1 1,7 * (1 January and 1 July at 04:00)",
     {"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}},
    {"day of week",
     0,
     6,
     "0 3 * * sun (Sunday at 03:00)",
     {"sun", "mon", "tue", "wed", "thu", "fri", "sat"}},
}};

constexpr int kSunday = 7;  // at the end of a range; alone it is 0

const FieldKind& kind_of(CronField field) { return kFieldKinds[static_cast<std::size_t>(field)]; }

Error bad_field(const FieldKind& kind, std::string_view text, std::string_view why) {
  return Error{ErrorKind::invalid_input, fmt::format("{} '{}' {}", kind.name, text, why),
               fmt::format("for example: {}", kind.example)};
}

std::optional<int> parse_number(std::string_view text) {
  int number = 0;
  if (text.empty() || text.size() > 2 || text[0] == '-') return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// A value by number or name, from a part of a list. Sunday may come back as 7.
Result<int> parse_value(CronField field, std::string_view text, std::string_view part) {
  const FieldKind& kind = kind_of(field);
  for (std::size_t i = 0; i < kind.names.size(); ++i)
    if (!text.empty() && kind.names[i] == text) return kind.first + static_cast<int>(i);
  const auto number = parse_number(text);
  const int last = field == CronField::day_of_week ? kSunday : kind.last;
  if (!number || *number < kind.first || *number > last) {
    const bool named = !kind.names[0].empty();
    return bad_field(kind, text.empty() ? part : text,
                     fmt::format("is not a number from {} to {}{}", kind.first, last,
                                 named ? " and not a name such as " + std::string(kind.names[1])
                                       : std::string()));
  }
  return *number;
}

struct Range {
  int first;
  int last;
};

Result<Range> parse_range(CronField field, std::string_view text) {
  const FieldKind& kind = kind_of(field);
  if (text == "*") return Range{kind.first, kind.last};
  const std::size_t dash = text.find('-');
  const int first = TRY(parse_value(field, text.substr(0, dash), text));
  if (dash == std::string_view::npos) return Range{first, first};
  int last = TRY(parse_value(field, text.substr(dash + 1), text));
  if (field == CronField::day_of_week && last == 0 && first > 0) last = kSunday;
  if (last < first) return bad_field(kind, text, "runs backwards");
  return Range{first, last};
}

// One part of a list: a range and how far to step in it.
Result<FieldValues> parse_part(CronField field, std::string_view text) {
  const FieldKind& kind = kind_of(field);
  const std::size_t slash = text.find('/');
  const Range range = TRY(parse_range(field, text.substr(0, slash)));
  int step = 1;
  if (slash != std::string_view::npos) {
    if (range.first == range.last)
      return bad_field(kind, text, "has a step but no range to step through");
    const auto number = parse_number(text.substr(slash + 1));
    if (!number || *number < 1 || *number > range.last - range.first)
      return bad_field(
          kind, text, fmt::format("has a step that is not from 1 to {}", range.last - range.first));
    step = *number;
  }
  FieldValues values;
  for (int value = range.first; value <= range.last; value += step)
    values.set(
        static_cast<std::size_t>(field == CronField::day_of_week && value == kSunday ? 0 : value));
  return values;
}

template <std::size_t kSize>
std::bitset<kSize> narrowed(const FieldValues& values) {
  std::bitset<kSize> narrow;
  for (std::size_t i = 0; i < kSize; ++i) narrow[i] = values[i];
  return narrow;
}

}  // namespace

Result<FieldValues> parse_cron_field(CronField field, std::string_view text) {
  FieldValues values;
  for (std::string_view rest = text;;) {
    const std::size_t comma = rest.find(',');
    values |= TRY(parse_part(field, rest.substr(0, comma)));
    if (comma == std::string_view::npos) return values;
    rest.remove_prefix(comma + 1);
  }
}

Result<Pattern> parse_cron(const std::vector<std::string>& fields) {
  if (fields.size() != kFieldKinds.size())
    return Error{ErrorKind::invalid_input,
                 fmt::format("a cron expression has 5 fields, and this one has {}", fields.size()),
                 "write minute, hour, day of month, month and day of week: 30 2 * * *"};
  const FieldValues minutes = TRY(parse_cron_field(CronField::minute, fields[0]));
  const FieldValues hours = TRY(parse_cron_field(CronField::hour, fields[1]));
  Pattern pattern;
  pattern.days.days = narrowed<32>(TRY(parse_cron_field(CronField::day_of_month, fields[2])));
  pattern.days.months = narrowed<13>(TRY(parse_cron_field(CronField::month, fields[3])));
  pattern.days.weekdays = narrowed<7>(TRY(parse_cron_field(CronField::day_of_week, fields[4])));
  const bool both_restricted = fields[2][0] != '*' && fields[4][0] != '*';
  pattern.days.join = both_restricted ? DayRule::Join::either : DayRule::Join::both;
  for (int minute = 0; minute < kMinutesOfDay; ++minute)
    if (hours.test(static_cast<std::size_t>(minute / 60)) &&
        minutes.test(static_cast<std::size_t>(minute % 60)))
      pattern.minutes.push_back(minute);
  if (!pattern.days.at_or_after(kFirstDay))
    return Error{ErrorKind::invalid_input,
                 fmt::format("day of month '{}' never occurs in month '{}'", fields[2], fields[3]),
                 "for example: monthly last (the last day of each month)"};
  return pattern;
}

}  // namespace tidemark::schedule
