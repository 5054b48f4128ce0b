#include "core/retention.h"

#include <map>
#include <set>

#include <gtest/gtest.h>

namespace tidemark::core {
namespace {

// Clocks that go back from 00:01 to 23:01 of the day before, as in Newfoundland in 2010.
class BackAcrossMidnight final : public LocalCalendar {
 public:
  Seconds utc_offset(TimePoint moment) const override {
    return std::chrono::minutes(moment < *parse_time("2010-11-07T02:31:00Z") ? -150 : -210);
  }
};

TEST(Retention, ADayThatClocksReturnToIsOneDay) {
  std::vector<RecoveryPoint> points;
  for (const char* moment : {"2010-11-08T03:30:00Z",     // the 8th
                             "2010-11-07T03:30:00Z",     // the 7th, for the second time
                             "2010-11-07T02:45:00Z",     // the 6th, for the second time
                             "2010-11-07T02:30:30Z",     // the first half minute of the 7th
                             "2010-11-07T02:29:00Z",     // the 6th
                             "2010-11-06T02:00:00Z"}) {  // the 5th
    const TimePoint created = *parse_time(moment);
    points.push_back(
        {.id = moment, .slot = created, .created = created, .state = PointState::good});
  }
  std::set<std::string> kept;
  const RetentionPolicy policy{.daily = 4, .keep_min = 0};
  for (const Verdict& verdict :
       plan_retention(points, policy, points[0].slot, BackAcrossMidnight(), false))
    if (verdict.outcome == Outcome::keep) kept.insert(verdict.id);
  EXPECT_EQ(kept, (std::set<std::string>{"2010-11-08T03:30:00Z", "2010-11-07T03:30:00Z",
                                         "2010-11-07T02:45:00Z", "2010-11-06T02:00:00Z"}));
}

TEST(Retention, APointThatARestorePutAsidePushesNoneOfTheHistoryOut) {
  const auto at = [](const char* text) { return *parse_time(text); };
  std::vector<RecoveryPoint> points = {
      {.id = "restored-from", .created = at("2026-11-24T02:30:00Z"), .state = PointState::good},
      {.id = "safety",
       .created = at("2026-11-24T14:20:00Z"),
       .state = PointState::good,
       .hold = "taken before the restore",
       .apart = true}};
  const RetentionPolicy policy{.daily = 7, .keep_min = 1};
  const auto outcomes = [&] {
    std::map<std::string, Outcome> found;
    for (const Verdict& verdict :
         plan_retention(points, policy, at("2026-11-24T15:00:00Z"), UtcCalendar(), false))
      found[verdict.id] = verdict.outcome;
    return found;
  };
  EXPECT_EQ(outcomes()["restored-from"], Outcome::keep);
  EXPECT_EQ(outcomes()["safety"], Outcome::keep);
  points[1].hold.reset();
  EXPECT_EQ(outcomes()["safety"], Outcome::condemn) << "once released nothing wants it";
}

TEST(RetentionDeathTest, PointsOfSeveralSourcesAreABug) {
  const std::vector<RecoveryPoint> points = {{.id = "a", .source = "orders"},
                                             {.id = "b", .source = "billing"}};
  EXPECT_DEATH(plan_retention(points, {.daily = 1}, TimePoint{}, UtcCalendar(), false),
               "point.source == points.front\\(\\).source");
}

}  // namespace
}  // namespace tidemark::core
