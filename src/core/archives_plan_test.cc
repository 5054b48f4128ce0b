#include "core/archives_plan.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/run_report.h"
#include "core/source_plan.h"

namespace tidemark::core {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

TimePoint at(std::string_view time) { return *parse_time(time); }

constexpr TimePoint kDayZero{Millis(0)};

// Daily at midnight.
std::optional<TimePoint> next_midnight(TimePoint after) {
  return kDayZero + hours(24) * ((after - kDayZero) / hours(24) + 1);
}

class ArchivesPlanTest : public testing::Test {
 protected:
  ArchivesPlanTest() {
    facts.name = "orders/shop";
    facts.retention.daily = 2;
    facts.retention.keep_min = 1;
    facts.scheduled = true;
    facts.overdue_after = hours(6);
    facts.next_slot = next_midnight;
    now("2026-11-22T02:00:00Z");
  }
  void now(std::string_view time) {
    facts.now = at(time);
    facts.latest_slot = kDayZero + hours(24) * ((facts.now - kDayZero) / hours(24));
  }
  RecoveryPoint& add(std::string_view time) {
    RecoveryPoint archive{.id = std::string(time), .source = facts.name};
    archive.slot = at(time);
    archive.created = at(time);
    archive.state = PointState::good;
    facts.archives.push_back(archive);
    return facts.archives.back();
  }
  ArchivesPlan plan() { return plan_archives(facts, UtcCalendar()); }
  Outcome outcome(const std::string& id) {
    for (const Verdict& verdict : plan().verdicts)
      if (verdict.id == id) return verdict.outcome;
    return Outcome::ignore;
  }

  ArchivesFacts facts;
};

TEST_F(ArchivesPlanTest, TheFirstOneIsDueAtOnce) {
  EXPECT_TRUE(plan().due);
  EXPECT_TRUE(plan().overdue);
  EXPECT_EQ(plan().problems.at(0).severity, Severity::critical);
}

TEST_F(ArchivesPlanTest, OneAfterTheSlotCoversIt) {
  add("2026-11-22T00:10:00Z");
  EXPECT_FALSE(plan().due);
  EXPECT_TRUE(plan().covered);
  EXPECT_TRUE(plan().problems.empty());
  EXPECT_EQ(plan().next_slot, at("2026-11-23T00:00:00Z"));
  EXPECT_EQ(plan().good_until, at("2026-11-23T06:00:00Z"));
}

TEST_F(ArchivesPlanTest, OneBeforeTheSlotIsOldAndOnlyLaterOverdue) {
  add("2026-11-21T23:50:00Z");
  EXPECT_TRUE(plan().due);
  EXPECT_TRUE(plan().problems.empty());
  now("2026-11-22T06:00:01Z");
  EXPECT_TRUE(plan().overdue);
  EXPECT_NE(plan().problems.at(0).message.find("overdue"), std::string::npos);
}

TEST_F(ArchivesPlanTest, AServersClockMayBeALittleBehind) {
  add("2026-11-21T23:59:30Z");
  EXPECT_TRUE(plan().covered);
}

TEST_F(ArchivesPlanTest, WithoutAScheduleNothingIsDueOrOverdue) {
  facts.scheduled = false;
  EXPECT_FALSE(plan().due);
  EXPECT_TRUE(plan().problems.empty());
  for (int day = 10; day < 15; ++day) add(fmt::format("2026-11-{}T01:00:00Z", day));
  EXPECT_EQ(plan().condemned().size(), 3u);
}

class InventoriesOfPoints : public ArchivesPlanTest {
 protected:
  InventoriesOfPoints() {
    facts.name = "orders/files/points";
    facts.scheduled = false;
    facts.of_points = true;
    source.source = "orders";
    source.last_good = RecoveryPoint{.id = "the-point", .source = "orders"};
    source.last_good->created = at("2026-11-22T00:30:00Z") + Millis(700);
  }
  std::vector<Problem> problems() {
    SourcePlan judged = source;
    add_archives(judged, plan());
    return judged.problems;
  }

  SourcePlan source;
};

TEST_F(InventoriesOfPoints, AreMissedOnceTheDaemonHadTheTimeToTakeThem) {
  add("2026-11-21T00:30:00Z");
  EXPECT_TRUE(lacks_inventory(plan(), *source.last_good));
  ASSERT_EQ(problems().size(), 1u);
  EXPECT_EQ(problems()[0].severity, Severity::warning);
  EXPECT_NE(problems()[0].hint.find("files inventory orders --point the-point"), std::string::npos);
  now("2026-11-22T01:00:00Z");
  EXPECT_TRUE(problems().empty()) << "half an hour is no time";
  now("2026-11-22T02:00:00Z");
  facts.running = true;
  EXPECT_TRUE(problems().empty());
  facts.running = false;
  add("2026-11-22T00:30:00Z");
  EXPECT_FALSE(lacks_inventory(plan(), *source.last_good)) << "archives are of whole seconds";
  EXPECT_TRUE(problems().empty());
  source.last_good.reset();
  EXPECT_TRUE(problems().empty());
}

TEST_F(ArchivesPlanTest, OneFromAnOlderReportCountsFromWhenItWasTaken) {
  add("2026-11-21T12:00:00Z").slot = at("2026-11-22T00:10:00Z");
  EXPECT_TRUE(plan().covered);
  EXPECT_FALSE(plan().due) << "the same report would only be read again";
  add("2026-11-21T13:00:00Z");
  EXPECT_EQ(plan().newest->id, "2026-11-21T12:00:00Z");
}

TEST_F(InventoriesOfPoints, AreNotAskedForBecauseOfAClockThatIsWrong) {
  source.last_good->created = facts.now + hours(1);
  EXPECT_FALSE(lacks_inventory(plan(), *source.last_good));
}

TEST_F(InventoriesOfPoints, ThatCannotBeSeenOrTakenCostNoProtection) {
  facts.unreadable = Error{ErrorKind::denied, "no entry", "ask"};
  ASSERT_EQ(problems().size(), 1u) << "nobody knows what is missing";
  EXPECT_EQ(problems()[0].severity, Severity::warning);
  EXPECT_FALSE(plan().known);
  facts.unreadable.reset();
  facts.failed = FailedAttempts{.count = 2, .last = facts.now, .error = {ErrorKind::denied, "no"}};
  EXPECT_EQ(problems().size(), 2u);
  EXPECT_EQ(plan().next_try, facts.now + minutes(15));
  for (const Problem& one : problems()) EXPECT_EQ(one.severity, Severity::warning);
}

TEST_F(ArchivesPlanTest, OneThatIsBeingMadeIsNotMadeTwice) {
  facts.running = true;
  EXPECT_FALSE(plan().due);
  EXPECT_NE(plan().problems.at(0).hint.find("being made"), std::string::npos);
}

TEST_F(ArchivesPlanTest, AFailureIsToldAndTriedAgainAfterAPause) {
  add("2026-11-21T23:50:00Z");
  const Error error{ErrorKind::unavailable, "server gone", "start it"};
  facts.failed = FailedAttempts{.count = 1, .last = facts.now - minutes(1), .error = error};
  EXPECT_TRUE(plan().due) << "at once after the first";
  EXPECT_NE(plan().problems.at(0).message.find("server gone"), std::string::npos);
  EXPECT_EQ(plan().problems.at(0).severity, Severity::warning);
  facts.failed->count = 2;
  EXPECT_FALSE(plan().due);
  EXPECT_NE(plan().problems.at(0).message.find("2026-11-22T02:14:00Z"), std::string::npos);
  facts.failed->last = facts.now - minutes(15);
  EXPECT_TRUE(plan().due);
  add("2026-11-22T00:10:00Z");
  EXPECT_TRUE(plan().problems.empty()) << "somebody else made one";
}

TEST_F(ArchivesPlanTest, ARepositoryThatCannotBeReadIsNoProtectionAndLosesNothing) {
  for (int day = 10; day < 15; ++day) add(fmt::format("2026-11-{}T01:00:00Z", day));
  facts.unreadable = Error{ErrorKind::unavailable, "no route", "mend it"};
  facts.scheduled = false;
  EXPECT_EQ(plan().problems.at(0).severity, Severity::critical);
  EXPECT_TRUE(plan().condemned().empty());
  facts.scheduled = true;
  EXPECT_FALSE(plan().due);
}

TEST_F(ArchivesPlanTest, ThePolicyCondemnsOnlyWhileTheLatestSlotIsCovered) {
  for (int day = 18; day < 22; ++day) add(fmt::format("2026-11-{}T01:00:00Z", day));
  EXPECT_TRUE(plan().condemned().empty());
  add("2026-11-22T01:00:00Z");
  EXPECT_EQ(plan().condemned(),
            (std::vector<std::string>{"2026-11-20T01:00:00Z", "2026-11-19T01:00:00Z",
                                      "2026-11-18T01:00:00Z"}));
}

TEST_F(ArchivesPlanTest, AMarkedOneCountsForNothingUnlessItIsHeld) {
  add("2026-11-20T01:00:00Z");
  add("2026-11-21T01:00:00Z");
  add("2026-11-22T01:00:00Z").condemned_at = at("2026-11-22T01:30:00Z");
  EXPECT_FALSE(plan().covered);
  EXPECT_EQ(outcome("2026-11-22T01:00:00Z"), Outcome::wait);
  EXPECT_EQ(plan().verdicts.front().id, "2026-11-22T01:00:00Z");
  EXPECT_EQ(plan().verdicts.front().removable_from,
            at("2026-11-22T01:30:00Z") + facts.retention.grace);
  EXPECT_EQ(outcome("2026-11-20T01:00:00Z"), Outcome::keep);
  facts.archives.back().hold = "audit";
  EXPECT_TRUE(plan().covered);
  EXPECT_EQ(outcome("2026-11-22T01:00:00Z"), Outcome::keep);
  EXPECT_EQ(outcome("2026-11-20T01:00:00Z"), Outcome::condemn);
}

TEST_F(ArchivesPlanTest, OneDatedInTheFutureProvesNothing) {
  add("2026-11-25T00:10:00Z");
  EXPECT_TRUE(plan().due);
  EXPECT_FALSE(plan().newest);
}

TEST_F(ArchivesPlanTest, TheirProblemsAreThoseOfTheirSourceWorstFirst) {
  SourcePlan source;
  source.problems.push_back({Severity::warning, "the quota is nearly full", ""});
  EXPECT_TRUE(source.healthy());
  add_archives(source, plan());
  EXPECT_FALSE(source.healthy());
  EXPECT_EQ(source.problems.front().message, "there is no archive of orders/shop yet");
  EXPECT_EQ(source.archives.at(0).name, "orders/shop");
  EXPECT_EQ(act_name(Act::archive), "archive");
}

}  // namespace
}  // namespace tidemark::core
