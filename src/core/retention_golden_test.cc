// Checks tests/golden/retention: policies, points and what becomes of them.
#include <map>
#include <sstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/retention.h"
#include "tests/support/berlin_calendar.h"
#include "tests/support/golden.h"

namespace tidemark::core {
namespace {

struct Case {
  RetentionPolicy policy;
  TimePoint now;
  bool berlin = false;
  bool overdue = false;
  std::vector<RecoveryPoint> points;
};

using Words = std::map<std::string, std::string>;

// "a=1 b=two c" as a map; what has no "=" has an empty value. An underscore stands for a blank.
Words words_of(std::istringstream& line) {
  Words words;
  for (std::string word; line >> word;) {
    const std::size_t equals = std::min(word.find('='), word.size());
    std::string value = word.substr(std::min(equals + 1, word.size()));
    std::replace(value.begin(), value.end(), '_', ' ');
    words[word.substr(0, equals)] = value;
  }
  return words;
}

RetentionPolicy policy_of(const Words& words) {
  RetentionPolicy policy;
  const std::map<std::string, int*> counts = {
      {"last", &policy.last},        {"hourly", &policy.hourly},   {"daily", &policy.daily},
      {"weekly", &policy.weekly},    {"monthly", &policy.monthly}, {"yearly", &policy.yearly},
      {"keep_min", &policy.keep_min}};
  for (const auto& [name, value] : words) {
    if (counts.contains(name)) *counts.at(name) = std::stoi(value);
    if (name == "grace") policy.grace = *parse_duration(value);
    if (name == "age_min") policy.age_min = *parse_duration(value);
    if (name == "adopt_legacy") policy.adopt_legacy = true;
  }
  return policy;
}

RecoveryPoint point_of(const std::string& id, TimePoint moment, const Words& words) {
  RecoveryPoint point{.id = id,
                      .slot = moment,
                      .created = moment,
                      .state = PointState::good,
                      .service_status = "available"};
  const std::map<std::string, PointState> states = {{"failed", PointState::failed},
                                                    {"deleting", PointState::deleting},
                                                    {"in_progress", PointState::in_progress}};
  for (const auto& [name, value] : words) {
    if (states.contains(name)) point.state = states.at(name);
    if (states.contains(name)) point.service_status = value;
    if (name == "hold") point.hold = value;
    if (name == "condemned") point.condemned_at = *parse_time(value);
    if (name == "legacy") point.legacy = true;
  }
  return point;
}

// Questions:
//   policy: daily=7 keep_min=1 ...
//   now: TIME
//   zone: Europe/Berlin                UTC when absent
//   overdue:
//   point: ID TIME [failed=STATUS] [hold=REASON] [condemned=TIME] [legacy] ...
//   series: ID-PREFIX FROM TO EVERY    good points, numbered from 1
Case case_of(const test::GoldenLines& questions) {
  Case question;
  for (const std::string& text : questions) {
    std::istringstream line(text);
    std::string kind, id, from, to, every;
    line >> kind;
    if (kind == "policy:") question.policy = policy_of(words_of(line));
    if (kind == "now:" && line >> from) question.now = *parse_time(from);
    if (kind == "zone:") question.berlin = true;
    if (kind == "overdue:") question.overdue = true;
    if (kind == "point:" && line >> id >> from)
      question.points.push_back(point_of(id, *parse_time(from), words_of(line)));
    if (kind != "series:") continue;
    line >> id >> from >> to >> every;
    int count = 0;
    for (TimePoint at = *parse_time(from); at <= *parse_time(to); at += *parse_duration(every))
      question.points.push_back(point_of(fmt::format("{}{}", id, ++count), at, {}));
  }
  return question;
}

test::GoldenLines answer(const test::GoldenLines& questions) {
  const Case question = case_of(questions);
  const UtcCalendar utc;
  const test::BerlinCalendar berlin;
  const LocalCalendar& calendar = question.berlin ? static_cast<const LocalCalendar&>(berlin) : utc;
  test::GoldenLines lines;
  int plainly_condemned = 0;
  constexpr int kListedMax = 4;
  for (const Verdict& verdict :
       plan_retention(question.points, question.policy, question.now, calendar, question.overdue)) {
    if (verdict.reasons == std::vector<std::string>{"no rule wants it"} &&
        verdict.outcome == Outcome::condemn && ++plainly_condemned > kListedMax)
      continue;
    std::string line = fmt::format("{:12} {:8} {}", verdict.id, outcome_name(verdict.outcome),
                                   fmt::join(verdict.reasons, "; "));
    if (verdict.removable_from)
      line += fmt::format(" [removable from {}]", format_time(*verdict.removable_from));
    lines.push_back(line);
  }
  if (plainly_condemned > kListedMax)
    lines.push_back(fmt::format("and {} more are condemned: no rule wants them",
                                plainly_condemned - kListedMax));
  return lines;
}

TEST(RetentionGolden, TablesHold) { test::check_golden("retention", answer); }

}  // namespace
}  // namespace tidemark::core
