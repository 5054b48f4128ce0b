// Ten years of daily points, thinned every day, against an oracle that counts by hand.
#include <ctime>
#include <map>
#include <set>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/retention.h"
#include "tests/support/soak.h"

namespace tidemark::core {
namespace {

using Ids = std::set<std::string>;

struct Rule {
  const char* period;  // for strftime
  int count;
};

std::string label(const char* period, TimePoint moment) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(moment);
  std::tm civil{};
  gmtime_r(&seconds, &civil);
  char text[32];
  return {text, std::strftime(text, sizeof text, period, &civil)};
}

// Asks each point, from the newest on: has its period been taken, and how many were? Ids sort as
// moments do.
Ids kept_by_hand(const std::map<std::string, TimePoint>& points, const std::vector<Rule>& rules) {
  Ids kept;
  for (const Rule& rule : rules) {
    std::set<std::string> taken;
    for (auto point = points.rbegin(); point != points.rend(); ++point)
      if (std::cmp_less(taken.size(), rule.count) &&
          taken.insert(label(rule.period, point->second)).second)
        kept.insert(point->first);
  }
  return kept;
}

struct History {
  std::vector<RecoveryPoint> points;
  Ids removed;

  // A point is taken, then retention is applied.
  Ids tick(TimePoint now, const RetentionPolicy& policy) {
    points.push_back(
        {.id = format_time(now), .slot = now, .created = now, .state = PointState::good});
    Ids kept;
    for (const Verdict& verdict : plan_retention(points, policy, now, UtcCalendar(), false)) {
      const auto point = std::find_if(points.begin(), points.end(),
                                      [&](const auto& p) { return p.id == verdict.id; });
      EXPECT_NE(verdict.outcome, Outcome::reprieve);
      if (verdict.outcome == Outcome::keep) kept.insert(verdict.id);
      if (verdict.outcome == Outcome::condemn) point->condemned_at = now;
      if (verdict.outcome != Outcome::remove) continue;
      removed.insert(verdict.id);
      points.erase(point);
    }
    return kept;
  }
};

TEST(RetentionHistory, TenYearsEqualTheOracle) {
  const RetentionPolicy policy{.daily = 7, .weekly = 8, .monthly = 24, .yearly = 10, .keep_min = 3};
  const std::vector<Rule> rules = {{"%Y-%m-%d", 7}, {"%G-%V", 8}, {"%Y-%m", 24}, {"%Y", 10}};
  History history;
  std::map<std::string, TimePoint> left;       // what the oracle has not removed
  std::map<std::string, TimePoint> condemned;  // and when it condemned it
  TimePoint now = *parse_time("2026-11-22T02:00:00Z");
  for (int day = 0; day < 3653; ++day, now += std::chrono::days(1)) {
    const Ids kept = history.tick(now, policy);

    left[format_time(now)] = now;
    const Ids expected = kept_by_hand(left, rules);
    ASSERT_EQ(kept, expected) << format_time(now);
    ASSERT_LE(kept.size(), 49u);
    std::erase_if(left, [&](const auto& point) {
      return condemned.contains(point.first) &&
             now - condemned[point.first] >= std::chrono::days(7);
    });
    for (const auto& [id, moment] : left)
      if (!expected.contains(id)) condemned.emplace(id, now);

    Ids existing;
    for (const RecoveryPoint& point : history.points) existing.insert(point.id);
    Ids expected_existing;
    for (const auto& [id, moment] : left) expected_existing.insert(id);
    ASSERT_EQ(existing, expected_existing) << format_time(now);
  }
  EXPECT_EQ(history.points.size() + history.removed.size(), 3653u);
}

// Whoever thins every day ends up with what they would have kept of the whole history.
TEST(RetentionHistory, ThinningOnTheWayLosesNothing) {
  test::check_property(6, [] {
    const auto any = [](int to) { return *rc::gen::inRange(0, to); };
    const RetentionPolicy policy{.last = any(4),
                                 .hourly = any(4),
                                 .daily = any(10) + 1,
                                 .weekly = any(10),
                                 .monthly = any(10),
                                 .yearly = any(4),
                                 .keep_min = any(4),
                                 .grace = std::chrono::days(any(20))};
    const auto step = std::chrono::hours(any(60) + 1);
    History thinned;
    std::vector<RecoveryPoint> whole;
    TimePoint now = *parse_time("2026-11-22T02:00:00Z");
    Ids kept;
    for (int tick = 0; tick < 600; ++tick, now += step) {
      kept = thinned.tick(now, policy);
      whole.push_back(thinned.points.back());
    }
    Ids kept_of_whole;
    for (RecoveryPoint& point : whole) point.condemned_at.reset();
    for (const Verdict& verdict :
         plan_retention(whole, policy, whole.back().slot, UtcCalendar(), false))
      if (verdict.outcome == Outcome::keep) kept_of_whole.insert(verdict.id);
    RC_ASSERT(kept == kept_of_whole);
  });
}

}  // namespace
}  // namespace tidemark::core
