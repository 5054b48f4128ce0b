#include "core/simulate.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "tests/support/soak.h"

namespace tidemark::core {
namespace {

const TimePoint kStart = *parse_time("2026-11-22T00:00:00Z");

// A slot every so often, counted from the epoch.
NextSlot every(Millis step) {
  return [step](TimePoint after) -> std::optional<TimePoint> {
    const auto steps = std::chrono::floor<Millis>(after.time_since_epoch()) / step + 1;
    return TimePoint(steps * step);
  };
}

SimulationOptions ladder(Seconds length) {
  return {.policy = {.daily = 7, .weekly = 8, .monthly = 24, .yearly = 10},
          .start = kStart,
          .length = length};
}

TEST(Simulate, TheLadderStaysUnderAQuotaOfAHundred) {
  const auto simulation =
      simulate(ladder(std::chrono::days(3653)), every(std::chrono::days(1)), UtcCalendar());
  ASSERT_TRUE(simulation);
  EXPECT_EQ(simulation->samples.size(), 3654u);
  EXPECT_LE(simulation->kept_max, 49);
  EXPECT_GE(simulation->kept_max, 44);
  EXPECT_LE(simulation->existing_max, 49 + 9);
  EXPECT_FALSE(simulation->quota_met);
  ASSERT_TRUE(simulation->steady_from);
  EXPECT_LT(*simulation->steady_from, kStart + std::chrono::days(3653));
}

TEST(Simulate, TheEndShowsWhatStaysAndWhy) {
  const auto simulation =
      simulate(ladder(std::chrono::days(30)), every(std::chrono::days(1)), UtcCalendar());
  ASSERT_TRUE(simulation);
  EXPECT_EQ(simulation->at_end.front().point.id, "2026-12-22T00:00:00Z");
  EXPECT_EQ(simulation->at_end.front().verdict.reasons.front(), "newest good point");
  const auto waiting = std::count_if(
      simulation->at_end.begin(), simulation->at_end.end(),
      [](const Survivor& survivor) { return survivor.verdict.outcome == Outcome::wait; });
  EXPECT_GT(waiting, 4);
  for (const Survivor& survivor : simulation->at_end)
    EXPECT_EQ(survivor.point.id, survivor.verdict.id);
}

TEST(Simulate, TheFirstSlotMayBeTheStart) {
  const auto simulation =
      simulate(ladder(std::chrono::hours(1)), every(std::chrono::days(1)), UtcCalendar());
  ASSERT_TRUE(simulation);
  ASSERT_EQ(simulation->samples.size(), 1u);
  EXPECT_EQ(simulation->samples[0].at, kStart);
  EXPECT_EQ(simulation->samples[0].existing, 1);
  EXPECT_EQ(simulation->samples[0].condemned, 0);
}

TEST(Simulate, TheQuotaCountsWhatOthersTake) {
  SimulationOptions options = ladder(std::chrono::days(100));
  options.quota = 10;
  options.others = 4;
  const auto simulation = simulate(options, every(std::chrono::days(1)), UtcCalendar());
  ASSERT_TRUE(simulation);
  ASSERT_TRUE(simulation->quota_met);
  EXPECT_EQ(*simulation->quota_met, kStart + std::chrono::days(5));  // the sixth snapshot
}

TEST(Simulate, CondemnedPointsCountUntilTheirGraceEnds) {
  SimulationOptions options{.policy = {.last = 2, .keep_min = 0, .grace = std::chrono::days(3)},
                            .start = kStart,
                            .length = std::chrono::days(20)};
  const auto simulation = simulate(options, every(std::chrono::days(1)), UtcCalendar());
  ASSERT_TRUE(simulation);
  EXPECT_EQ(simulation->kept_max, 2);
  // At the peak: two that stay, one that is condemned next, and three in grace.
  EXPECT_EQ(simulation->existing_max, 6);
  EXPECT_EQ(simulation->samples.back().existing, 6);
  EXPECT_EQ(simulation->samples.back().condemned, 3);
  EXPECT_EQ(*simulation->steady_from, kStart + std::chrono::days(5));
}

// The short cut for condemned points, against applying every verdict to every point.
TEST(Simulate, EqualsApplyingEveryVerdict) {
  test::check_property(20, [] {
    const auto any = [](int to) { return *rc::gen::inRange(0, to); };
    const RetentionPolicy policy{.last = any(4),
                                 .hourly = any(4),
                                 .daily = any(10),
                                 .weekly = any(5),
                                 .monthly = any(5),
                                 .yearly = any(3),
                                 .age_min = std::chrono::hours(any(100)),
                                 .keep_min = any(4),
                                 .grace = std::chrono::hours(any(400))};
    const auto step = std::chrono::hours(any(60) + 1);
    const SimulationOptions options{.policy = policy, .start = kStart, .length = step * 200};
    const auto simulation = simulate(options, every(step), UtcCalendar());
    RC_ASSERT(bool(simulation));
    std::vector<RecoveryPoint> points;
    for (const SimulationSample& sample : simulation->samples) {
      points.push_back({.id = format_time(sample.at),
                        .slot = sample.at,
                        .created = sample.at,
                        .state = PointState::good});
      RC_ASSERT(sample.existing == std::ssize(points));
      for (const Verdict& verdict :
           plan_retention(points, policy, sample.at, UtcCalendar(), false)) {
        const auto point = std::find_if(points.begin(), points.end(),
                                        [&](const auto& p) { return p.id == verdict.id; });
        RC_ASSERT(verdict.outcome != Outcome::reprieve);
        if (verdict.outcome == Outcome::condemn) point->condemned_at = sample.at;
        if (verdict.outcome == Outcome::remove) points.erase(point);
      }
    }
    RC_ASSERT(simulation->at_end.size() == points.size());
  });
}

TEST(Simulate, ASimulationWithoutSlotsIsEmpty) {
  const auto simulation = simulate(
      ladder(std::chrono::days(1)), [](TimePoint) { return std::nullopt; }, UtcCalendar());
  ASSERT_TRUE(simulation);
  EXPECT_TRUE(simulation->samples.empty());
  EXPECT_TRUE(simulation->at_end.empty());
  EXPECT_FALSE(simulation->steady_from);
}

TEST(Simulate, RefusesLengthsThatAreNotPositive) {
  const auto simulation =
      simulate(ladder(Seconds::zero()), every(std::chrono::days(1)), UtcCalendar());
  ASSERT_FALSE(simulation);
  EXPECT_EQ(simulation.error().kind, ErrorKind::invalid_input);
}

TEST(Simulate, RefusesPoliciesThatKeepNearlyEverything) {
  const SimulationOptions options{.policy = {}, .start = kStart, .length = std::chrono::days(3653)};
  const auto simulation = simulate(options, every(std::chrono::hours(1)), UtcCalendar());
  ASSERT_FALSE(simulation);
  EXPECT_EQ(simulation.error().kind, ErrorKind::exhausted);
  EXPECT_EQ(simulation.error().message, "the policy keeps more than 1000 snapshots at once");
}

TEST(Simulate, RefusesMoreSlotsThanItCanPlay) {
  SimulationOptions options{.policy = {.last = 1, .keep_min = 0, .grace = Seconds::zero()},
                            .start = kStart,
                            .length = std::chrono::days(365)};
  const auto simulation = simulate(options, every(std::chrono::minutes(1)), UtcCalendar());
  ASSERT_FALSE(simulation);
  EXPECT_EQ(simulation.error().kind, ErrorKind::exhausted);
}

}  // namespace
}  // namespace tidemark::core
