#include "repo/upkeep/hold.h"

#include <gtest/gtest.h>

#include "repo/lock/lease.h"
#include "repo/upkeep/check.h"
#include "repo/upkeep/prune.h"
#include "repo/upkeep/rekey.h"
#include "tests/support/repository_fixture.h"

namespace tidemark::repo {
namespace {

using std::chrono::hours;
using test::RepositoryFixture;

const PruneOptions kAfterADay{.grace = hours(24), .owner = "test"};

class HoldTest : public testing::Test, public RepositoryFixture {
 protected:
  HoldTest() {
    for (int day = 1; day <= 3; ++day) {
      days_.push_back(*archive(*open(), rows(2, day)));
      clock.advance(hours(24));
    }
  }
  Status hold(std::size_t day) { return hold_archive(open()->access(), days_[day].name, "audit"); }
  Result<PruneReport> prune(std::vector<ObjectName> forget) {
    auto repository = open();
    const PrunePlan plan = TRY(plan_prune(*repository, std::move(forget), kAfterADay));
    return apply_prune(*repository, plan, kAfterADay);
  }

  std::vector<Archived> days_;
};

TEST_F(HoldTest, KeepsAnArchiveFromBeingForgotten) {
  ASSERT_TRUE(hold(0));
  const auto refused = prune({days_[0].name});
  EXPECT_EQ(refused.error().kind, ErrorKind::unsafe);
  EXPECT_NE(refused.error().message.find("audit"), std::string::npos);
  ASSERT_TRUE(release_archive(open()->access(), days_[0].name));
  EXPECT_TRUE(prune({days_[0].name}));
}

TEST_F(HoldTest, WhoseEndGivesTheWholeGracePeriod) {
  ASSERT_TRUE(prune({days_[0].name, days_[1].name}));
  ASSERT_TRUE(hold(0));
  // No prune came by, and the mark's time is over.
  clock.advance(hours(240));
  ASSERT_TRUE(release_archive(open()->access(), days_[0].name));
  EXPECT_EQ(prune({days_[0].name})->archives_removed, 0u);
  EXPECT_EQ(*restored(days_[0].name), joined(rows(2, 1)));
  // What was marked beside it waits with it.
  EXPECT_EQ(*restored(days_[1].name), joined(rows(2, 2)));
  clock.advance(hours(25));
  EXPECT_EQ(prune({})->archives_removed, 2u);
  EXPECT_TRUE(check(*open())->sound());
}

TEST_F(HoldTest, DoesNotEndUnderAPruneThatMayHaveSeenTheMark) {
  ASSERT_TRUE(prune({days_[0].name}));
  ASSERT_TRUE(hold(0));
  auto repository = open();
  const auto lease = *Lease::acquire(repository->access(), LeaseKind::pruner, "test");
  EXPECT_EQ(release_archive(repository->access(), days_[0].name).error().kind, ErrorKind::locked);
  EXPECT_EQ(read_holds(repository->access())->size(), 1u);
  ASSERT_TRUE(lease->release());
  EXPECT_TRUE(release_archive(repository->access(), days_[0].name));
  EXPECT_TRUE(read_holds(repository->access())->empty());
}

TEST_F(HoldTest, SavesWhatIsMarkedAlready) {
  ASSERT_TRUE(prune({days_[0].name, days_[1].name}));
  ASSERT_TRUE(hold(0));
  clock.advance(hours(25));
  const auto report = prune({});
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->archives_held, 1u);
  EXPECT_EQ(report->archives_removed, 1u);
  EXPECT_EQ(*restored(days_[0].name), joined(rows(2, 1)));
  EXPECT_FALSE(restored(days_[1].name));
  EXPECT_TRUE(check(*open())->sound());
  // The mark is gone, and with it the sentence.
  ASSERT_TRUE(release_archive(open()->access(), days_[0].name));
  clock.advance(hours(25));
  EXPECT_EQ(prune({})->archives_removed, 0u);
}

TEST_F(HoldTest, IsRefusedForWhatIsNotThere) {
  EXPECT_EQ(hold_archive(open()->access(), ObjectName{}, "x").error().kind, ErrorKind::not_found);
  EXPECT_EQ(release_archive(open()->access(), days_[0].name).error().kind, ErrorKind::not_found);
  EXPECT_EQ(hold_archive(open()->access(), days_[0].name, std::string(kHoldReasonBytesMax + 1, 'x'))
                .error()
                .kind,
            ErrorKind::invalid_input);
}

TEST_F(HoldTest, IsNotSureWhileAPruneIsAtWork) {
  auto repository = open();
  const auto lease = Lease::acquire(repository->access(), LeaseKind::pruner, "other host");
  EXPECT_EQ(hold(0).error().kind, ErrorKind::locked);
  ASSERT_TRUE((*lease)->release());
  EXPECT_TRUE(hold(0));
}

TEST_F(HoldTest, OutlivesAReKey) {
  ASSERT_TRUE(hold(0));
  const KeySecret fresh{KeySecret::Form::key, Secret(std::string(kRootBytes, 'n'))};
  const NewSlot slot{.kind = SlotKind::key_file, .label = "new", .made = clock.now(), .cost = {}};
  ASSERT_TRUE(rekey(*open(), {{slot, fresh.secret}}, "test"));
  key = fresh;
  EXPECT_EQ(read_holds(open()->access())->size(), 1u);
  EXPECT_EQ(prune({days_[0].name}).error().kind, ErrorKind::unsafe);
}

TEST_F(HoldTest, ThatCannotBeReadStopsAPrune) {
  ASSERT_TRUE(hold(0));
  const auto objects = store.contents();
  const auto held = objects.lower_bound("holds/");
  store.overwrite(held->first, held->second.substr(1));
  EXPECT_EQ(prune({days_[1].name}).error().kind, ErrorKind::corrupt);
  EXPECT_FALSE(check(*open())->sound());
}

TEST(Hold, IsReadBackAsItWasWrittenAndNotCutShort) {
  const Hold hold{.moment = TimePoint(Millis(17)), .archive = {}, .reason = "before the audit"};
  const Bytes payload = encode_hold(hold);
  EXPECT_EQ(*decode_hold(payload), hold);
  for (std::size_t length = 0; length < payload.size(); ++length)
    EXPECT_EQ(decode_hold(payload.substr(0, length)).error().kind, ErrorKind::corrupt) << length;
  EXPECT_FALSE(decode_hold(payload + "x"));
}

}  // namespace
}  // namespace tidemark::repo
