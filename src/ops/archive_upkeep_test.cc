#include "ops/archive_upkeep.h"

#include <gtest/gtest.h>

#include "repo/upkeep/hold.h"
#include "repo/upkeep/prune.h"
#include "tests/support/repository_fixture.h"

namespace tidemark::ops {
namespace {

using std::chrono::hours;

class ArchiveUpkeepTest : public testing::Test, public test::RepositoryFixture {
 protected:
  void make_days(int count) {
    for (int day = 1; day <= count; ++day) {
      days_.push_back(archive(*open(), rows(1, day))->name);
      clock.advance(hours(24));
    }
  }
  std::vector<core::ArchivesPlan> plans(const ArchiveWork& work = {}) {
    return plan_all_archives(read_archives(*open()), policies_, work, clock.now());
  }
  Result<repo::PruneReport> prune(const std::vector<repo::ObjectName>& forget) {
    auto repository = open();
    const repo::PruneOptions options{.grace = policies_.grace, .owner = "test"};
    const auto plan = TRY(repo::plan_prune(*repository, forget, options));
    return repo::apply_prune(*repository, plan, options);
  }
  void claim_orders() {
    policies_.databases.push_back(
        {.source = "orders",
         .database = "shop",
         .retention = {.daily = 2, .keep_min = 1},
         .schedule = *schedule::Schedule::parse("daily", *schedule::TimeZone::find("UTC")),
         .overdue_after = hours(6)});
  }
  void keep_two_days_of_others() {
    policies_.others = OtherArchives{.retention = {.daily = 2, .keep_min = 1},
                                     .zone = *schedule::TimeZone::find("UTC")};
  }

  std::vector<repo::ObjectName> days_;
  ArchivePolicies policies_;
};

TEST_F(ArchiveUpkeepTest, WhatNoPolicyClaimsStays) {
  make_days(5);
  ASSERT_EQ(plans().size(), 1u);
  EXPECT_EQ(plans()[0].name, "orders");
  EXPECT_TRUE(condemned_of(plans()).empty());
}

TEST_F(ArchiveUpkeepTest, ThePolicyOfTheOthersForgetsUntilAHoldSaysNo) {
  make_days(4);
  keep_two_days_of_others();
  EXPECT_EQ(condemned_of(plans()), (std::vector{days_[1], days_[0]}));
  ASSERT_TRUE(repo::hold_archive(open()->access(), days_[0], "audit"));
  EXPECT_EQ(condemned_of(plans()), std::vector{days_[1]});
}

TEST_F(ArchiveUpkeepTest, WhatIsMarkedWaitsForTheStoresTime) {
  make_days(4);
  keep_two_days_of_others();
  const TimePoint marked = clock.now();
  ASSERT_TRUE(prune(condemned_of(plans())));
  EXPECT_TRUE(condemned_of(plans()).empty());
  const core::Verdict oldest = plans()[0].verdicts.back();
  EXPECT_EQ(oldest.outcome, core::Outcome::wait);
  EXPECT_GE(*oldest.removable_from, marked + policies_.grace);
  clock.advance(policies_.grace + hours(1));
  EXPECT_EQ(prune(condemned_of(plans()))->archives_removed, 2u);
  EXPECT_EQ(plans()[0].verdicts.size(), 2u);
}

TEST_F(ArchiveUpkeepTest, ADatabaseWithoutArchivesHasAPlanToo) {
  make_days(2);
  claim_orders();
  const auto made = plans();
  ASSERT_EQ(made.size(), 2u);
  EXPECT_EQ(made[0].name, "orders/shop");
  EXPECT_TRUE(made[0].due);
  EXPECT_FALSE(made[1].scheduled);
  EXPECT_TRUE(plans({.running = "orders/shop"})[0].running);
}

TEST_F(ArchiveUpkeepTest, ARepositoryThatCannotBeReadIsAProblemOfEachDatabase) {
  claim_orders();
  const Result<ArchivesByName> nothing = Error{ErrorKind::unavailable, "no route to the bucket"};
  const auto made = plan_all_archives(nothing, policies_, {}, clock.now());
  ASSERT_EQ(made.size(), 1u);
  EXPECT_EQ(made[0].problems.at(0).severity, core::Severity::critical);
}

TEST_F(ArchiveUpkeepTest, APruneIsDueOnceADay) {
  make_days(2);
  EXPECT_TRUE(*prune_is_due(*open(), clock.now()));
  ASSERT_TRUE(prune({}));
  clock.advance(hours(23));
  EXPECT_FALSE(*prune_is_due(*open(), clock.now()));
  clock.advance(hours(1));
  EXPECT_TRUE(*prune_is_due(*open(), clock.now()));
}

}  // namespace
}  // namespace tidemark::ops
