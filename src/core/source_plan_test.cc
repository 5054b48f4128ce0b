#include "core/source_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/run_report.h"
#include "core/snapshot_name.h"

namespace tidemark::core {
namespace {

using std::chrono::hours;
using testing::HasSubstr;

TimePoint at(std::string_view text) { return *parse_time(text); }

RecoveryPoint point_of(std::string_view slot, PointState state, int attempt = 1) {
  const SnapshotName name{.source = "orders", .slot = at(slot), .attempt = attempt};
  RecoveryPoint point{.id = name.text(), .source = "orders", .slot = at(slot), .state = state};
  point.service_status = state == PointState::good ? "available" : "creating";
  if (state == PointState::good) point.created = at(slot) + std::chrono::minutes(4);
  return point;
}

// A daily source at 10:00, eight hours after its slot of 02:00, six of which it may be late.
SourceFacts facts_with(std::vector<RecoveryPoint> points) {
  SourceFacts facts;
  facts.source = "orders";
  facts.instance = "orders-prod";
  facts.instance_status = "available";
  facts.points = std::move(points);
  facts.retention.daily = 2;
  facts.retention.keep_min = 1;
  facts.latest_slot = at("2026-11-22T02:00:00Z");
  facts.next_slot = [](TimePoint after) -> std::optional<TimePoint> {
    const auto day = std::chrono::floor<std::chrono::days>(after);
    return after < day + hours(2) ? day + hours(2) : day + hours(26);
  };
  facts.overdue_after = hours(6);
  facts.now = at("2026-11-22T10:00:00Z");
  return facts;
}

SourcePlan plan(const SourceFacts& facts) { return plan_source(facts, UtcCalendar()); }

bool says(const SourcePlan& plan, Severity severity, std::string_view words) {
  for (const Problem& problem : plan.problems)
    if (problem.severity == severity && problem.message.find(words) != std::string::npos)
      return true;
  return false;
}

TEST(SourcePlan, TakesAPointWhenNoGoodOneCoversTheLatestSlot) {
  const SourcePlan result = plan(facts_with({point_of("2026-11-21T02:00:00Z", PointState::good)}));
  ASSERT_TRUE(result.create.has_value());
  EXPECT_EQ(result.create->id, "tidemark-202611-orders-20261122t0200z");
  EXPECT_FALSE(result.covered);
  EXPECT_TRUE(result.overdue);
  EXPECT_FALSE(result.healthy());
  EXPECT_TRUE(says(result, Severity::critical, "overdue"));
  EXPECT_EQ(result.good_until, at("2026-11-22T08:00:00Z"));
}

TEST(SourcePlan, TakesNothingWhenAGoodPointCoversTheSlot) {
  const SourcePlan result = plan(facts_with({point_of("2026-11-22T02:00:00Z", PointState::good)}));
  EXPECT_FALSE(result.create.has_value());
  EXPECT_TRUE(result.covered);
  EXPECT_TRUE(result.healthy());
  EXPECT_TRUE(result.problems.empty());
  EXPECT_EQ(result.good_until, at("2026-11-23T08:00:00Z"));
  EXPECT_EQ(result.last_good->id, "tidemark-202611-orders-20261122t0200z");
}

TEST(SourcePlan, CountsAPointTakenByHandAfterTheSlot) {
  const SourcePlan result = plan(facts_with({point_of("2026-11-22T07:13:00Z", PointState::good)}));
  EXPECT_TRUE(result.covered);
}

TEST(SourcePlan, NeverCountsALegacyOrAFutureDatedPoint) {
  RecoveryPoint legacy = point_of("2026-11-22T05:00:00Z", PointState::good);
  legacy.legacy = true;
  EXPECT_FALSE(plan(facts_with({legacy})).covered);
  EXPECT_FALSE(plan(facts_with({point_of("2031-01-01T00:00:00Z", PointState::good)})).covered);
}

TEST(SourcePlan, IsNotCoveredByASlotThatIsStillToCome) {
  RecoveryPoint misnamed = point_of("2035-01-01T00:00:00Z", PointState::good);
  misnamed.created = at("2026-11-20T02:00:00Z");
  const SourcePlan result = plan(facts_with({misnamed}));
  EXPECT_FALSE(result.covered);
  EXPECT_TRUE(result.create.has_value());
  EXPECT_TRUE(result.overdue);
}

TEST(SourcePlan, StaysOverdueWhenANewSlotComes) {
  auto facts = facts_with({point_of("2026-11-01T02:00:00Z", PointState::good)});
  facts.now = at("2026-11-22T02:01:00Z");  // a minute after a slot that is not late itself
  const SourcePlan result = plan(facts);
  EXPECT_TRUE(result.overdue);
  EXPECT_FALSE(result.healthy());
  EXPECT_EQ(result.good_until, at("2026-11-02T08:00:00Z"));
}

TEST(SourcePlan, TakesAPointOfAReplacedInstanceUnderANameOfItsOwn) {
  RecoveryPoint other = point_of("2026-11-22T02:00:00Z", PointState::good);
  other.other_instance = true;
  const SourcePlan result = plan(facts_with({other}));
  EXPECT_FALSE(result.covered);
  ASSERT_TRUE(result.create.has_value());
  EXPECT_EQ(result.create->id, "tidemark-202611-orders-20261122t0200z-r2");
  EXPECT_TRUE(says(result, Severity::critical, "1 of the one that was there before"));
}

TEST(SourcePlan, SpacesItsAttempts) {
  EXPECT_EQ(pause_after_attempt(1), Seconds(0));
  EXPECT_EQ(pause_after_attempt(2), std::chrono::minutes(15));
  EXPECT_EQ(pause_after_attempt(4), std::chrono::hours(1));
  EXPECT_EQ(pause_after_attempt(100), hours(16));
}

TEST(SourcePlan, WaitsForAPointInProgressAndCallsItOverdueWhenItIsLate) {
  auto facts = facts_with({point_of("2026-11-21T02:00:00Z", PointState::good),
                           point_of("2026-11-22T02:00:00Z", PointState::in_progress)});
  facts.now = at("2026-11-22T03:00:00Z");
  SourcePlan result = plan(facts);
  EXPECT_EQ(result.awaited, "tidemark-202611-orders-20261122t0200z");
  EXPECT_FALSE(result.create.has_value());
  EXPECT_TRUE(result.healthy());

  facts.now = at("2026-11-22T10:00:00Z");
  result = plan(facts);
  EXPECT_FALSE(result.create.has_value());
  EXPECT_TRUE(says(result, Severity::critical, "still in progress"));
}

TEST(SourcePlan, CountsLatenessOfAPointFromWhenItWasAskedFor) {
  RecoveryPoint catch_up = point_of("2026-11-22T02:00:00Z", PointState::in_progress);
  catch_up.asked = at("2026-11-22T09:00:00Z");
  auto facts = facts_with({catch_up});
  SourcePlan result = plan(facts);
  EXPECT_FALSE(result.stuck);
  EXPECT_TRUE(result.catching_up());
  EXPECT_FALSE(result.healthy()) << "until it is good, nothing could be restored";

  facts.now = at("2026-11-22T15:01:00Z");
  result = plan(facts);
  EXPECT_TRUE(result.stuck);
  EXPECT_FALSE(result.catching_up());
}

TEST(SourcePlan, WarnsOfAnInstanceThatCannotBeSnapshottedNextTime) {
  auto facts = facts_with({point_of("2026-11-22T02:00:00Z", PointState::good)});
  for (const char* status : {"stopped", "storage-full", "incompatible-network", "failed",
                             "inaccessible-encryption-credentials", "insufficient-capacity"}) {
    facts.instance_status = status;
    EXPECT_TRUE(says(plan(facts), Severity::warning, status));
    EXPECT_TRUE(plan(facts).healthy());
  }
  facts.instance_status = "backing-up";
  EXPECT_TRUE(plan(facts).problems.empty());
}

TEST(SourcePlan, SaysWhatOlderSnapshotsThereAre) {
  RecoveryPoint legacy = point_of("2026-11-16T02:00:00Z", PointState::good);
  legacy.legacy = true;
  const SourcePlan result = plan(facts_with({legacy}));
  EXPECT_TRUE(says(result, Severity::critical, "1 older WeeklyBackup snapshot(s)"));
}

TEST(SourcePlan, CondemnsAtAFullQuotaBecauseNothingElseWouldEverEndIt) {
  std::vector<RecoveryPoint> points;
  for (const char* slot : {"2026-11-18T02:00:00Z", "2026-11-19T02:00:00Z", "2026-11-20T02:00:00Z",
                           "2026-11-21T02:00:00Z"})
    points.push_back(point_of(slot, PointState::good));
  auto facts = facts_with(points);
  facts.quota_full = true;
  int condemned = 0;
  for (const Verdict& verdict : plan(facts).verdicts)
    condemned += verdict.outcome == Outcome::condemn;
  EXPECT_EQ(condemned, 2) << "what the rules keep stays, quota or not";
}

TEST(SourcePlan, RepeatsAFailedSlotUnderANewNameAFewTimes) {
  std::vector<RecoveryPoint> points = {point_of("2026-11-22T02:00:00Z", PointState::failed)};
  SourcePlan result = plan(facts_with(points));
  EXPECT_EQ(result.create->id, "tidemark-202611-orders-20261122t0200z-r2");
  EXPECT_TRUE(says(result, Severity::warning, "attempt 1"));

  points.push_back(point_of("2026-11-22T02:00:00Z", PointState::deleting, 2));
  EXPECT_EQ(plan(facts_with(points)).create->attempt, 3);
  points.back().asked = at("2026-11-22T09:46:00Z");
  result = plan(facts_with(points));
  EXPECT_FALSE(result.create.has_value()) << "a quarter of an hour must pass";
  EXPECT_TRUE(says(result, Severity::warning, "at 2026-11-22T10:01:00Z"));

  points.push_back(point_of("2026-11-22T02:00:00Z", PointState::failed, kAttemptsMax));
  result = plan(facts_with(points));
  EXPECT_FALSE(result.create.has_value());
  EXPECT_TRUE(says(result, Severity::critical, "snapshots for the slot"));
}

TEST(SourcePlan, WaitsUntilTheInstanceCanBeSnapshotted) {
  auto facts = facts_with({point_of("2026-11-21T02:00:00Z", PointState::good)});
  facts.instance_status = "backing-up";
  facts.now = at("2026-11-22T03:00:00Z");
  SourcePlan result = plan(facts);
  EXPECT_FALSE(result.create.has_value());
  EXPECT_TRUE(result.healthy()) << "an hour late is not late";
  EXPECT_TRUE(says(result, Severity::note, "backing-up"));

  facts.now = at("2026-11-22T10:00:00Z");
  EXPECT_TRUE(says(plan(facts), Severity::critical, "backing-up"));

  facts.instance_status = "storage-optimization";
  EXPECT_TRUE(plan(facts).create.has_value());
}

TEST(SourcePlan, KeepsTheReasonWhyTheInstanceCouldNotBeRead) {
  auto facts = facts_with({});
  facts.instance_status.clear();
  facts.problems = {{Severity::critical, "there is no instance orders-prod", "name it"}};
  const SourcePlan result = plan(facts);
  EXPECT_FALSE(result.create.has_value());
  EXPECT_TRUE(says(result, Severity::critical, "there is no instance"));
  EXPECT_TRUE(says(result, Severity::critical, "no good point yet"));
  EXPECT_FALSE(result.good_until.has_value());
}

TEST(SourcePlan, DecidesNothingBeforeTheFirstSlot) {
  auto facts = facts_with({});
  facts.latest_slot.reset();
  const SourcePlan result = plan(facts);
  EXPECT_FALSE(result.create.has_value());
  EXPECT_FALSE(result.covered);
}

TEST(SourcePlan, CondemnsOnlyWhileTheLatestSlotIsCoveredAndTheClocksAgree) {
  std::vector<RecoveryPoint> points;
  for (const char* slot : {"2026-11-18T02:00:00Z", "2026-11-19T02:00:00Z", "2026-11-20T02:00:00Z",
                           "2026-11-21T02:00:00Z"})
    points.push_back(point_of(slot, PointState::good));
  const auto condemned = [](const SourcePlan& result) {
    int count = 0;
    for (const Verdict& verdict : result.verdicts) count += verdict.outcome == Outcome::condemn;
    return count;
  };
  EXPECT_EQ(condemned(plan(facts_with(points))), 0);

  points.push_back(point_of("2026-11-22T02:00:00Z", PointState::good));
  EXPECT_EQ(condemned(plan(facts_with(points))), 3);

  for (const int minutes : {6, -6}) {
    auto facts = facts_with(points);
    facts.clock_skew = std::chrono::minutes(minutes);
    EXPECT_EQ(condemned(plan(facts)), 0);
    EXPECT_TRUE(says(plan(facts), Severity::warning, "clock differs"));
  }
}

TEST(SourcePlan, PutsTheWorstProblemFirst) {
  auto facts = facts_with({});
  facts.problems = {{Severity::note, "a", ""}, {Severity::warning, "b", ""}};
  const SourcePlan result = plan(facts);
  EXPECT_EQ(result.problems.front().severity, Severity::critical);
  EXPECT_EQ(result.problems.back().severity, Severity::note);
}

TEST(SourcePlan, NamesItsWords) {
  EXPECT_EQ(severity_name(Severity::note), "note");
  EXPECT_EQ(severity_name(Severity::warning), "warning");
  EXPECT_EQ(severity_name(Severity::critical), "critical");
  EXPECT_EQ(state_name(PointState::in_progress), "in_progress");
  EXPECT_EQ(state_name(PointState::good), "good");
  EXPECT_EQ(state_name(PointState::failed), "failed");
  EXPECT_EQ(state_name(PointState::deleting), "deleting");
}

TEST(RunReport, FailsWhenAnyEventOrSourceFailed) {
  RunReport report;
  report.sources.push_back({});
  EXPECT_FALSE(report.failed());
  report.sources[0].events.push_back({.act = Act::create, .snapshot = "a"});
  EXPECT_FALSE(report.failed());
  report.sources[0].events.push_back(
      {.act = Act::remove, .snapshot = "b", .error = Error{ErrorKind::denied, "no"}});
  EXPECT_TRUE(report.failed());
  RunReport unread;
  unread.sources.push_back({.plan = {}, .events = {}, .error = Error{ErrorKind::denied, "no"}});
  EXPECT_TRUE(unread.failed());
}

TEST(RunReport, NamesEachAct) {
  EXPECT_EQ(act_name(Act::create), "create");
  EXPECT_EQ(act_name(Act::complete), "complete");
  EXPECT_EQ(act_name(Act::condemn), "condemn");
  EXPECT_EQ(act_name(Act::reprieve), "reprieve");
  EXPECT_EQ(act_name(Act::remove), "delete");
}

}  // namespace
}  // namespace tidemark::core
