#include "ops/archive_rounds.h"

#include <gtest/gtest.h>

#include "repo/upkeep/prune.h"
#include "tests/support/repository_fixture.h"

namespace tidemark::ops {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

class ArchiveRoundsTest : public testing::Test, public test::RepositoryFixture {
 protected:
  ArchiveRoundsTest() {
    parts_.policies.databases.push_back(
        {.source = "orders",
         .database = "shop",
         .retention = {.daily = 2, .keep_min = 1},
         .schedule = *schedule::Schedule::parse("daily 01:00", *schedule::TimeZone::find("UTC")),
         .overdue_after = hours(6)});
    parts_.repository = [this](bool anew) -> Result<repo::Repository*> {
      if (unreachable_) return *unreachable_;
      opened_ += anew ? 1 : 0;
      if (anew) repository_ = open();
      return repository_.get();
    };
    parts_.archive = [this](const ArchivedDatabase& database,
                            repo::Repository& repository) -> Result<repo::ObjectName> {
      ++made_;
      if (failure_) return *failure_;
      auto writer = TRY(repo::Writer::begin(repository, "test"));
      repo::Stream stream{.name = "rows"};
      const auto id = TRY(writer->add_chunk(rows(1, made_)[0]));
      TRY(writer->add_stream(stream, {{id, 0}}));
      return writer->commit({.moment = clock.now(), .source = database.name()});
    };
    parts_.prune = [this](const std::vector<repo::ObjectName>& forget,
                          repo::Repository& repository) -> Status {
      forgotten_ = forget;
      ++pruned_;
      const repo::PruneOptions options{.grace = hours(24), .owner = "test"};
      const auto plan = TRY(repo::plan_prune(repository, forget, options));
      TRY(repo::apply_prune(repository, plan, options));
      return Done{};
    };
  }
  ArchiveRounds& rounds() {
    if (!rounds_) rounds_ = std::make_unique<ArchiveRounds>(parts_, clock);
    return *rounds_;
  }
  // A source with files whose newest good point is of now.
  void see_point(const std::string& id) {
    core::RunReport report;
    report.sources.resize(1);
    report.sources[0].plan.source = "orders";
    report.sources[0].plan.last_good = core::RecoveryPoint{.id = id, .created = clock.now()};
    rounds().see(report);
  }
  void protect_files() {
    parts_.policies.databases.push_back(parts_.policies.databases[0]);
    parts_.policies.databases[1].database = std::string(kFilesOfPoints);
    parts_.policies.databases[1].of_points = true;
    const auto archive = parts_.archive;
    parts_.archive = [this, archive](const ArchivedDatabase& database,
                                     repo::Repository& repository) {
      if (database.point) inventoried_.push_back(database.point->id);
      return archive(database, repository);
    };
  }
  core::SourceReport told() {
    core::RunReport report;
    report.sources.resize(1);
    report.sources[0].plan.source = "orders";
    rounds().add_to(report);
    return report.sources[0];
  }

  ArchiveParts parts_;
  std::unique_ptr<repo::Repository> repository_;
  std::unique_ptr<ArchiveRounds> rounds_;
  std::optional<Error> failure_;
  std::optional<Error> unreachable_;
  std::vector<repo::ObjectName> forgotten_;
  std::vector<std::string> inventoried_;
  int opened_ = 0;
  int made_ = 0;
  int pruned_ = 0;
};

TEST_F(ArchiveRoundsTest, MakeWhatIsDueOnceASlot) {
  EXPECT_TRUE(told().plan.archives.empty()) << "nothing was looked at yet";
  ASSERT_TRUE(rounds().round());
  EXPECT_EQ(made_, 1);
  const auto first = told();
  ASSERT_EQ(first.events.size(), 1u);
  EXPECT_EQ(first.events[0].act, core::Act::archive);
  EXPECT_TRUE(first.plan.archives.at(0).covered);
  EXPECT_TRUE(told().events.empty()) << "told once";
  clock.advance(hours(22));  // 00:00, an hour before the next slot
  ASSERT_TRUE(rounds().round());
  EXPECT_EQ(made_, 1);
  EXPECT_EQ(rounds().pause(hours(2)), hours(1));
  clock.advance(hours(1));
  ASSERT_TRUE(rounds().round());
  EXPECT_EQ(made_, 2);
  EXPECT_EQ(opened_, 1) << "the repository stays open";
}

TEST_F(ArchiveRoundsTest, WhatSomebodyElseMadeIsNotMadeAgain) {
  ASSERT_TRUE(rounds().round());
  clock.advance(hours(23));
  ASSERT_TRUE(parts_.archive(parts_.policies.databases[0], *open()));
  ASSERT_TRUE(rounds().round());
  EXPECT_EQ(made_, 2);
}

TEST_F(ArchiveRoundsTest, AFailureIsAnEventAWarningAndTriedAgainLater) {
  failure_ = Error{ErrorKind::unavailable, "the server is gone", "start it"};
  ASSERT_TRUE(rounds().round());
  ASSERT_TRUE(rounds().round());
  EXPECT_EQ(made_, 2);
  const auto source = told();
  EXPECT_EQ(source.events.size(), 2u);
  EXPECT_EQ(source.events[0].error->kind, ErrorKind::unavailable);
  EXPECT_FALSE(source.plan.healthy()) << "there is none yet";
  EXPECT_EQ(source.plan.problems.size(), 2u);
  ASSERT_TRUE(rounds().round());
  EXPECT_EQ(made_, 2) << "a pause after the second failure";
  clock.advance(minutes(15));
  failure_.reset();
  ASSERT_TRUE(rounds().round());
  EXPECT_EQ(made_, 3);
  EXPECT_TRUE(told().plan.problems.empty());
}

TEST_F(ArchiveRoundsTest, ARepositoryThatCannotBeOpenedIsAProblemAndOpenedAgain) {
  unreachable_ = Error{ErrorKind::unavailable, "no route to the bucket"};
  ASSERT_TRUE(rounds().round());
  EXPECT_EQ(made_, 0);
  EXPECT_FALSE(told().plan.healthy());
  unreachable_.reset();
  ASSERT_TRUE(rounds().round());
  EXPECT_EQ(made_, 1);
  EXPECT_TRUE(told().plan.healthy());
}

TEST_F(ArchiveRoundsTest, PruneOnceADayWhatThePolicyNoLongerKeeps) {
  for (int day = 0; day < 4; ++day) {
    ASSERT_TRUE(rounds().round());
    ASSERT_TRUE(rounds().round());
    EXPECT_EQ(pruned_, day + 1);
    EXPECT_EQ(forgotten_.size(), day < 2 ? 0u : 1u);
    clock.advance(hours(24));
  }
  EXPECT_EQ(open()->history()->archives.size(), 3u) << "one is gone, one in grace, two stay";
}

TEST_F(ArchiveRoundsTest, APruneThatFailedIsAWarningAndNotRepeatedAtOnce) {
  parts_.prune = [this](const auto&, auto&) -> Status {
    ++pruned_;
    return Error{ErrorKind::unsafe, "a manifest is missing"};
  };
  ASSERT_TRUE(rounds().round());
  ASSERT_TRUE(rounds().round());
  EXPECT_EQ(pruned_, 1);
  const auto source = told();
  EXPECT_TRUE(source.plan.healthy());
  EXPECT_NE(source.plan.problems.at(0).message.find("a manifest is missing"), std::string::npos);
}

TEST_F(ArchiveRoundsTest, EachPointGetsOneInventory) {
  protect_files();
  ASSERT_TRUE(rounds().round());
  EXPECT_TRUE(inventoried_.empty()) << "no point was seen yet";
  see_point("monday");
  ASSERT_TRUE(rounds().round());
  ASSERT_TRUE(rounds().round());
  EXPECT_EQ(inventoried_, std::vector<std::string>{"monday"});
  EXPECT_EQ(made_, 2) << "that of the database, and this";
  clock.advance(hours(1));
  see_point("tuesday");
  ASSERT_TRUE(rounds().take_inventories());
  EXPECT_EQ(inventoried_.size(), 2u);
  clock.advance(hours(24));
  ASSERT_TRUE(rounds().take_inventories());
  EXPECT_EQ(made_, 3) << "the database, which is due, is none of its business";
}

TEST_F(ArchiveRoundsTest, AnInventoryThatFailsCostsNoProtectionAndIsTriedAgain) {
  protect_files();
  ASSERT_TRUE(rounds().round());
  ASSERT_EQ(told().events.size(), 1u);
  see_point("monday");
  failure_ = Error{ErrorKind::denied, "no entry to the bucket"};
  ASSERT_TRUE(rounds().round());
  ASSERT_TRUE(rounds().round());
  ASSERT_TRUE(rounds().round());
  EXPECT_EQ(inventoried_.size(), 2u) << "then a pause";
  const auto source = told();
  EXPECT_TRUE(source.plan.healthy());
  ASSERT_EQ(source.events.size(), 2u);
  EXPECT_EQ(source.events[0].snapshot, "orders/files/points");
  EXPECT_NE(source.plan.problems.at(0).message.find("no entry"), std::string::npos);
  clock.advance(minutes(15));
  failure_.reset();
  ASSERT_TRUE(rounds().round());
  EXPECT_TRUE(told().plan.problems.empty());
}

TEST_F(ArchiveRoundsTest, ARepositoryThatCannotBeOpenedLacksTheInventory) {
  protect_files();
  unreachable_ = Error{ErrorKind::unavailable, "no route to the bucket"};
  see_point("monday");
  ASSERT_TRUE(rounds().take_inventories());
  core::RunReport report;
  report.sources.resize(1);
  report.sources[0].plan.source = "orders";
  rounds().add_events_to(report);
  ASSERT_EQ(report.sources[0].events.size(), 1u);
  EXPECT_TRUE(report.failed());
}

TEST_F(ArchiveRoundsTest, EndWhenTheyAreAskedToStop) {
  failure_ = stopped();
  EXPECT_EQ(rounds().round().error().kind, ErrorKind::cancelled);
}

}  // namespace
}  // namespace tidemark::ops
