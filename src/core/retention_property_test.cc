// What holds of retention for every history and every policy.
#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "core/retention.h"
#include "tests/support/berlin_calendar.h"
#include "tests/support/soak.h"

namespace tidemark::core {
namespace {

constexpr int kCases = 400;
const TimePoint kNow = *parse_time("2026-11-22T03:00:00Z");
const test::BerlinCalendar kCalendar;

using Points = std::vector<RecoveryPoint>;
using Verdicts = std::vector<Verdict>;

int any(int from, int to) { return *rc::gen::inRange(from, to); }

// Some points share an hour, some a day, and the far ones are spread over ten years; few lie in the
// future. Steps of half an hour make equal moments common.
TimePoint any_moment() {
  constexpr int kHalfHoursMax[] = {4, 2 * 24 * 3, 2 * 24 * 60, 2 * 24 * 3650};
  const int back = any(0, kHalfHoursMax[any(0, 4)] + 1);
  const int ahead = any(0, 12) == 0 ? any(0, 1000) : 0;
  return kNow + std::chrono::minutes(30) * (ahead - back);
}

RecoveryPoint any_point(const std::string& id) {
  constexpr PointState kStates[] = {
      PointState::good,   PointState::good,        PointState::good,
      PointState::good,   PointState::good,        PointState::failed,
      PointState::failed, PointState::in_progress, PointState::deleting};
  RecoveryPoint point{.id = id, .slot = any_moment(), .state = kStates[any(0, 9)]};
  point.created = point.slot;
  if (any(0, 10) == 0) point.hold = "a reason";
  if (any(0, 3) == 0) point.condemned_at = any_moment();
  point.legacy = any(0, 8) == 0;
  return point;
}

Points any_history() {
  Points points;
  const int count = any(0, 50);
  for (int i = 0; i < count; ++i) points.push_back(any_point(fmt::format("p{:02}", i)));
  return points;
}

RetentionPolicy any_policy() {
  return {.last = any(0, 3),
          .hourly = any(0, 4),
          .daily = any(0, 6),
          .weekly = any(0, 4),
          .monthly = any(0, 5),
          .yearly = any(0, 4),
          .age_min = std::chrono::hours(any(0, 100)),
          .keep_min = any(0, 5),
          .grace = std::chrono::hours(any(0, 300)),
          .adopt_legacy = any(0, 2) == 0};
}

Verdicts plan(const Points& points, const RetentionPolicy& policy, bool overdue = false) {
  return plan_retention(points, policy, kNow, kCalendar, overdue);
}

bool wanted(const Verdict& verdict) {
  return verdict.reasons[0] != "no rule wants it" && !verdict.reasons[0].starts_with("failed: ");
}

std::set<std::string> wanted_ids(const Verdicts& verdicts) {
  std::set<std::string> ids;
  for (const Verdict& verdict : verdicts)
    if (wanted(verdict)) ids.insert(verdict.id);
  return ids;
}

bool names_a_rule(const std::string& reason) {
  constexpr std::string_view kRules[] = {"last ",   "hourly ",  "daily ",
                                         "weekly ", "monthly ", "yearly "};
  return std::any_of(std::begin(kRules), std::end(kRules),
                     [&](std::string_view rule) { return reason.starts_with(rule); });
}

bool harms(const Verdict& verdict) {
  return verdict.outcome == Outcome::condemn || verdict.outcome == Outcome::remove;
}

// The good points that a reader of the rules would list by hand, newest first.
Points good_points(Points points, const RetentionPolicy& policy) {
  std::erase_if(points, [&](const RecoveryPoint& point) {
    return point.state != PointState::good || point.slot > kNow + std::chrono::minutes(5) ||
           (point.legacy && !policy.adopt_legacy);
  });
  std::sort(points.begin(), points.end(), [](const RecoveryPoint& a, const RecoveryPoint& b) {
    return std::pair(a.slot, a.id) > std::pair(b.slot, b.id);
  });
  return points;
}

Points applied(Points points, const Verdicts& verdicts) {
  std::map<std::string, Outcome> outcomes;
  for (const Verdict& verdict : verdicts) outcomes[verdict.id] = verdict.outcome;
  std::erase_if(points, [&](const auto& point) { return outcomes[point.id] == Outcome::remove; });
  for (RecoveryPoint& point : points) {
    if (outcomes[point.id] == Outcome::condemn) point.condemned_at = kNow;
    if (outcomes[point.id] == Outcome::reprieve) point.condemned_at.reset();
  }
  return points;
}

TEST(RetentionProperty, EveryPointHasOneVerdictNewestFirstWithReasons) {
  test::check_property(kCases, [] {
    const Points points = any_history();
    const Verdicts verdicts = plan(points, any_policy());
    std::map<std::string, TimePoint> moments;
    for (const RecoveryPoint& point : points) moments[point.id] = point.moment();
    RC_ASSERT(verdicts.size() == points.size());
    for (std::size_t i = 0; i < verdicts.size(); ++i) {
      RC_ASSERT(!verdicts[i].reasons.empty());
      RC_ASSERT(moments.contains(verdicts[i].id));
      if (i > 0) RC_ASSERT(moments[verdicts[i].id] <= moments[verdicts[i - 1].id]);
    }
  });
}

TEST(RetentionProperty, TheUntouchableAreNeverCondemnedOrRemoved) {
  test::check_property(kCases, [] {
    const Points points = any_history();
    const RetentionPolicy policy = any_policy();
    std::set<std::string> untouchable;
    for (const RecoveryPoint& point : points)
      if (point.hold) untouchable.insert(point.id);
    const Points good = good_points(points, policy);
    for (int i = 0; i < std::max(1, policy.keep_min) && i < std::ssize(good); ++i)
      untouchable.insert(good[static_cast<std::size_t>(i)].id);
    for (const Verdict& verdict : plan(points, policy))
      RC_ASSERT(!(harms(verdict) && untouchable.contains(verdict.id)));
  });
}

TEST(RetentionProperty, OnlyUnwantedPointsWhoseGraceIsOverAreRemoved) {
  test::check_property(kCases, [] {
    const Points points = any_history();
    const RetentionPolicy policy = any_policy();
    std::map<std::string, RecoveryPoint> by_id;
    for (const RecoveryPoint& point : points) by_id[point.id] = point;
    for (const Verdict& verdict : plan(points, policy)) {
      if (verdict.outcome != Outcome::remove) continue;
      const RecoveryPoint& point = by_id[verdict.id];
      RC_ASSERT(!wanted(verdict));
      RC_ASSERT(point.condemned_at.has_value());
      RC_ASSERT(*point.condemned_at + policy.grace <= kNow);
      RC_ASSERT(*point.condemned_at <= kNow);
      RC_ASSERT(kNow - point.moment() >= policy.age_min);
    }
  });
}

TEST(RetentionProperty, RulesKeepNoMoreThanTheySay) {
  test::check_property(kCases, [] {
    RetentionPolicy policy = any_policy();
    policy.keep_min = 0;
    policy.age_min = Seconds::zero();
    int kept = 0;
    for (const Verdict& verdict : plan(any_history(), policy)) {
      const bool by_rule =
          std::any_of(verdict.reasons.begin(), verdict.reasons.end(), names_a_rule);
      if (by_rule) ++kept;
    }
    RC_ASSERT(kept <= policy.points_max());
  });
}

TEST(RetentionProperty, PlanningAgainCondemnsNothingFurther) {
  test::check_property(kCases, [] {
    const RetentionPolicy policy = any_policy();
    const Points before = any_history();
    const Points after = applied(before, plan(before, policy));
    for (const Verdict& verdict : plan(after, policy)) {
      RC_ASSERT(verdict.outcome != Outcome::condemn);
      RC_ASSERT(verdict.outcome != Outcome::reprieve);
    }
  });
}

TEST(RetentionProperty, RemovingChangesNoOtherVerdict) {
  test::check_property(kCases, [] {
    const RetentionPolicy policy = any_policy();
    const Points before = any_history();
    const Verdicts verdicts = plan(before, policy);
    RC_ASSERT(wanted_ids(plan(applied(before, verdicts), policy)) == wanted_ids(verdicts));
  });
}

TEST(RetentionProperty, ALooserPolicyKeepsASuperset) {
  test::check_property(kCases, [] {
    const Points points = any_history();
    RetentionPolicy policy = any_policy();
    // Without any rule everything is kept; from there a rule is not looser.
    policy.daily += policy.points_max() == 0 ? 1 : 0;
    RetentionPolicy looser = policy;
    for (int* count : {&looser.last, &looser.hourly, &looser.daily, &looser.weekly, &looser.monthly,
                       &looser.yearly, &looser.keep_min})
      *count += any(0, 3);
    looser.age_min += std::chrono::hours(any(0, 1000));
    const auto kept = wanted_ids(plan(points, policy));
    const auto kept_looser = wanted_ids(plan(points, looser));
    RC_ASSERT(std::includes(kept_looser.begin(), kept_looser.end(), kept.begin(), kept.end()));
  });
}

TEST(RetentionProperty, TheOrderOfTheInputDoesNotMatter) {
  test::check_property(kCases, [] {
    const RetentionPolicy policy = any_policy();
    const Points points = any_history();
    Points shuffled;
    Points left = points;
    while (!left.empty()) {
      const int taken = any(0, static_cast<int>(left.size()));
      shuffled.push_back(left[static_cast<std::size_t>(taken)]);
      left.erase(left.begin() + taken);
    }
    const Verdicts one = plan(points, policy);
    const Verdicts other = plan(shuffled, policy);
    for (std::size_t i = 0; i < one.size(); ++i) {
      RC_ASSERT(one[i].id == other[i].id);
      RC_ASSERT(one[i].outcome == other[i].outcome);
      RC_ASSERT(one[i].reasons == other[i].reasons);
    }
  });
}

TEST(RetentionProperty, FailedAndFuturePointsPushOutNothing) {
  test::check_property(kCases, [] {
    const RetentionPolicy policy = any_policy();
    const Points points = any_history();
    const auto kept = wanted_ids(plan(points, policy));
    const Points good = good_points(points, policy);
    const auto kept_alone = wanted_ids(plan(good, policy));
    for (const RecoveryPoint& point : good)
      RC_ASSERT(kept.contains(point.id) == kept_alone.contains(point.id));
  });
}

// The newest good point's hour is flooded with genuine good points. Those of other days keep the
// places that the rules for periods gave them.
TEST(RetentionProperty, AFloodOfGoodPointsTakesOneDaysPlaces) {
  test::check_property(kCases, [] {
    RetentionPolicy policy = any_policy();
    policy.last = 0;
    policy.keep_min = 0;
    policy.hourly += 1;
    const Points good = good_points(any_history(), policy);
    RC_PRE(!good.empty());
    Points flooded = good;
    for (int i = 0; i < 60; ++i) {
      flooded.push_back(good[0]);
      flooded.back().id = fmt::format("q{:02}", i);
    }
    const auto day_of = [](const RecoveryPoint& point) {
      return period_label(Period::day, to_local(kCalendar, point.moment()));
    };
    const auto kept = wanted_ids(plan(good, policy));
    const auto kept_flooded = wanted_ids(plan(flooded, policy));
    for (const RecoveryPoint& point : good)
      if (day_of(point) != day_of(good[0]))
        RC_ASSERT(kept.contains(point.id) == kept_flooded.contains(point.id));
  });
}

TEST(RetentionProperty, NothingIsCondemnedOrRemovedWhileOverdue) {
  test::check_property(kCases, [] {
    for (const Verdict& verdict : plan(any_history(), any_policy(), true))
      RC_ASSERT(!harms(verdict));
  });
}

TEST(RetentionProperty, APolicyWithoutRulesKeepsEverything) {
  test::check_property(kCases, [] {
    const RetentionPolicy policy{.keep_min = any(0, 3), .adopt_legacy = true};
    for (const Verdict& verdict : plan(any_history(), policy)) RC_ASSERT(wanted(verdict));
  });
}

}  // namespace
}  // namespace tidemark::core
