#include "schedule/expression.h"

#include <cctype>
#include <charconv>

#include <fmt/format.h>

#include "base/edit_distance.h"
#include "base/time.h"
#include "schedule/cron.h"

namespace tidemark::schedule {
namespace {

constexpr std::string_view kForms =
    "write a cron expression such as '30 2 * * *', or words such as 'daily 02:30', 'weekly sun "
    "03:00', 'monthly last 04:00' or 'every 6h'";

// Lower-case words between blanks.
std::vector<std::string> split_words(std::string_view text) {
  std::vector<std::string> words;
  bool in_word = false;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\t';
    if (!blank && !in_word) words.emplace_back();
    if (!blank) words.back() += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    in_word = !blank;
  }
  return words;
}

// Reads the words after the first, from left to right. What nobody took is an error at the end.
class Details {
 public:
  Details(const std::vector<std::string>& words, std::string_view example)
      : words_(words), example_(example) {}

  bool more() const { return next_ < words_.size(); }
  bool time_next() const { return more() && words_[next_].find(':') != std::string::npos; }
  const std::string& take() { return words_[next_++]; }

  Error bad(std::string_view what, std::string_view text, std::string_view why) const {
    return Error{ErrorKind::invalid_input, fmt::format("{} '{}' {}", what, text, why),
                 fmt::format("for example: {}", example_)};
  }

  // The minute of the day, from an optional "HH:MM" that ends the expression.
  Result<int> take_time() {
    int minute_of_day = 0;
    if (more()) {
      const std::string& text = take();
      const std::size_t colon = text.find(':');
      if (colon == std::string::npos || text.size() != colon + 3)
        return bad("time", text, "is not of the form HH:MM");
      const auto hour = single(CronField::hour, text.substr(0, colon));
      const auto minute = single(CronField::minute, text.substr(colon + 1));
      if (!hour || !minute) return bad("time", text, "is not from 00:00 to 23:59");
      minute_of_day = *hour * 60 + *minute;
    }
    if (more()) return bad("word", words_[next_], "is one too many");
    return minute_of_day;
  }

  // One plain number, or the field's name for one.
  static std::optional<int> single(CronField field, std::string_view text) {
    const auto values = parse_cron_field(field, text);
    if (!values || values->count() != 1 || text == "*") return std::nullopt;
    return static_cast<int>(values->_Find_first());
  }

 private:
  const std::vector<std::string>& words_;
  std::string_view example_;
  std::size_t next_ = 1;
};

// Every day of the months: the caller narrows it.
Pattern pattern_in(std::initializer_list<int> months) {
  Pattern pattern{.days = DayRule::every_day(), .minutes = {}};
  pattern.days.months.reset();
  for (const int month : months) pattern.days.months.set(static_cast<std::size_t>(month));
  return pattern;
}

// An optional day of the month, "1" unless given. Such days are clamped, never skipped.
Status take_day(Details& details, DayRule& rule) {
  rule.days.reset();
  rule.clamped = true;
  if (!details.more() || details.time_next()) {
    rule.days.set(1);
    return Done{};
  }
  const std::string& text = details.take();
  if (text == "last") {
    rule.last_day = true;
    return Done{};
  }
  const auto day = Details::single(CronField::day_of_month, text);
  if (!day) return details.bad("day", text, "is neither a number from 1 to 31 nor 'last'");
  rule.days.set(static_cast<std::size_t>(*day));
  return Done{};
}

Result<Pattern> at_time(Pattern pattern, Details& details) {
  pattern.minutes = {TRY(details.take_time())};
  return pattern;
}

Pattern every_minutes(int first, int step) {
  Pattern pattern{.days = DayRule::every_day(), .minutes = {}};
  for (int minute = first; minute < kMinutesOfDay; minute += step)
    pattern.minutes.push_back(minute);
  return pattern;
}

Result<Pattern> parse_hourly(const std::vector<std::string>& words) {
  Details details(words, "hourly :15");
  int first = 0;
  if (details.more()) {
    const std::string& text = details.take();
    const auto minute = Details::single(CronField::minute, std::string_view(text).substr(1));
    if (text[0] != ':' || text.size() != 3 || !minute)
      return details.bad("minute", text, "is not from :00 to :59");
    first = *minute;
  }
  if (details.more()) return details.bad("word", details.take(), "is one too many");
  return every_minutes(first, 60);
}

Result<Pattern> parse_daily(const std::vector<std::string>& words) {
  Details details(words, "daily 02:30");
  return at_time({.days = DayRule::every_day(), .minutes = {}}, details);
}

Result<Pattern> parse_weekly(const std::vector<std::string>& words) {
  Details details(words, "weekly sun 03:00");
  Pattern pattern{.days = DayRule::every_day(), .minutes = {}};
  const bool given = details.more() && !details.time_next();
  const std::string text = given ? details.take() : "mon";
  const auto days = parse_cron_field(CronField::day_of_week, text);
  if (!days)
    return details.bad("day of week", text, "is not a list of days such as sun or mon-fri");
  for (std::size_t day = 0; day < pattern.days.weekdays.size(); ++day)
    pattern.days.weekdays[day] = (*days)[day];
  return at_time(pattern, details);
}

Result<Pattern> parse_monthly(const std::vector<std::string>& words) {
  Details details(words, "monthly 1 04:00");
  Pattern pattern{.days = DayRule::every_day(), .minutes = {}};
  TRY(take_day(details, pattern.days));
  return at_time(pattern, details);
}

Result<Pattern> parse_quarterly(const std::vector<std::string>& words) {
  Details details(words, "quarterly 1 04:00");
  Pattern pattern = pattern_in({1, 4, 7, 10});
  TRY(take_day(details, pattern.days));
  if (pattern.days.last_day) pattern.days.months = pattern_in({3, 6, 9, 12}).days.months;
  return at_time(pattern, details);
}

Result<Pattern> parse_yearly(const std::vector<std::string>& words) {
  Details details(words, "yearly jan 1 04:00");
  int month = 1;
  if (details.more() && !details.time_next()) {
    const std::string& text = details.take();
    const auto number = Details::single(CronField::month, text);
    if (!number) return details.bad("month", text, "is not a month");
    month = *number;
  }
  Pattern pattern = pattern_in({month});
  TRY(take_day(details, pattern.days));
  // Without its clamp the rule tells whether the month ever has such a day: 30 February does not
  // become a 28th without a word.
  DayRule as_written = pattern.days;
  as_written.clamped = false;
  if (!as_written.at_or_after(kFirstDay))
    return details.bad("day", words[2], "never occurs in that month");
  return at_time(pattern, details);
}

std::string length_text(int minutes) {
  return minutes % 60 == 0 ? fmt::format("{}h", minutes / 60) : fmt::format("{}m", minutes);
}

Result<Pattern> parse_every(const std::vector<std::string>& words) {
  Details details(words, "every 6h");
  if (words.size() != 2) return details.bad("word", "every", "needs one length after it");
  const Seconds length = TRY(parse_duration(words[1]));
  if (length < std::chrono::minutes(1) || length > std::chrono::days(1) || length.count() % 60 != 0)
    return details.bad("length", words[1], "is not in whole minutes, from 1m to 24h");
  const int step = static_cast<int>(length.count() / 60);
  if (kMinutesOfDay % step == 0) return every_minutes(0, step);
  // 1 and 1440 divide a day, so both walks end.
  int below = step;
  int above = step;
  while (kMinutesOfDay % below != 0) --below;
  while (kMinutesOfDay % above != 0) ++above;
  return Error{ErrorKind::invalid_input,
               fmt::format("length '{}' does not divide a day evenly", words[1]),
               fmt::format("the nearest that do: every {} and every {}", length_text(below),
                           length_text(above))};
}

struct Word {
  std::string_view name;
  Result<Pattern> (*parse)(const std::vector<std::string>& words);
};

constexpr Word kWords[] = {{"hourly", parse_hourly},       {"daily", parse_daily},
                           {"weekly", parse_weekly},       {"monthly", parse_monthly},
                           {"quarterly", parse_quarterly}, {"yearly", parse_yearly},
                           {"annually", parse_yearly},     {"every", parse_every}};

Result<Pattern> parse_words(std::string_view text) {
  std::vector<std::string> words = split_words(text);
  if (words.empty()) return Error{ErrorKind::invalid_input, "it is empty", std::string(kForms)};
  const bool at_sign = words[0][0] == '@';
  if (at_sign) words[0].erase(0, 1);
  std::vector<std::string> names;
  for (const Word& word : kWords) {
    if (words[0] == word.name) return word.parse(words);
    names.emplace_back(word.name);
  }
  const bool is_word = words[0].empty() || (words[0][0] >= 'a' && words[0][0] <= 'z');
  if (!at_sign && !is_word) return parse_cron(words);
  const auto meant = nearest_word(words[0], names);
  return Error{ErrorKind::invalid_input, fmt::format("'{}' is not a word of schedules", words[0]),
               meant ? fmt::format("did you mean '{}'?", *meant) : std::string(kForms)};
}

}  // namespace

Result<Pattern> parse_expression(std::string_view text) {
  // Longer than any that makes sense, and short enough to stand in a message.
  constexpr std::size_t kExpressionBytesMax = 200;
  if (text.size() > kExpressionBytesMax)
    return Error{ErrorKind::invalid_input,
                 fmt::format("a schedule is longer than {} bytes", kExpressionBytesMax),
                 std::string(kForms)};
  auto pattern = parse_words(text);
  if (!pattern) return in_context(fmt::format("schedule '{}'", text), pattern.error());
  return pattern;
}

}  // namespace tidemark::schedule
