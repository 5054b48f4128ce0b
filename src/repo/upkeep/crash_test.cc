// Cuts each operation at each put and each deletion in turn, before it happens and after it. Where
// ever it is cut, the repository checks clean, each archive that was committed comes back whole,
// and the same again succeeds.
#include <gtest/gtest.h>

#include "repo/upkeep/check.h"
#include "repo/upkeep/distrust.h"
#include "repo/upkeep/prune.h"
#include "repo/upkeep/repair.h"
#include "repo/upkeep/verify.h"
#include "tests/support/repository_fixture.h"

namespace tidemark::repo {
namespace {

using std::chrono::hours;
using test::RepositoryFixture;
using test::StoreAct;

const PruneOptions kAtOnce{.grace = Millis(0), .owner = "test"};

class CrashTest : public testing::Test, public RepositoryFixture {
 protected:
  CrashTest() {
    for (int day = 1; day <= 4; ++day) {
      // Two chains, so that some packs die and others are bases.
      const auto yesterday =
          day == 3 || days_.empty() ? std::vector<ChunkReference>() : days_.back().chunks;
      days_.push_back(*archive(*open(), rows(4, day), yesterday));
      clock.advance(hours(24));
    }
    before_ = store.contents();
  }

  // Runs the operation on a store that fails for good at each cut, and look after each.
  void sweep_cuts(const std::function<Status(storage::ObjectStore&)>& operation,
                  const std::function<void()>& look) {
    for (const bool after : {false, true}) {
      for (int cut = 1;; ++cut) {
        SCOPED_TRACE(fmt::format("cut {} {}", cut, after ? "after" : "before"));
        ASSERT_LT(cut, 200);
        store.set_contents(before_);
        test::FaultyStore faulty(store);
        faulty.fail({.acts = {StoreAct::put, StoreAct::remove},
                     .at = cut,
                     .after_the_act = after,
                     .stays = true});
        const Status outcome = operation(faulty);
        look();
        if (!faulty.tripped()) {
          EXPECT_TRUE(outcome) << outcome.error().message;
          cuts_ = cut - 1;
          break;
        }
        // Once more, as the next run would, when the dead one's lease has aged.
        clock.advance(hours(2));
        const Status again = operation(store);
        EXPECT_TRUE(again) << again.error().message;
        look();
      }
    }
  }

  void expect_sound(std::size_t first_day) {
    const auto report = check(*open());
    ASSERT_TRUE(report);
    for (const Error& finding : report->findings) ADD_FAILURE() << finding.message;
    EXPECT_TRUE(report->damaged.empty());
    for (std::size_t day = first_day; day < days_.size(); ++day)
      EXPECT_EQ(*restored(days_[day].name), joined(rows(4, static_cast<int>(day) + 1)));
    // And nothing that is listed lacks anything.
    const auto history = open()->history();
    for (const auto& [name, archive] : history->archives) EXPECT_TRUE(restored(name));
  }

  std::vector<Archived> days_;
  std::map<std::string, Bytes> before_;
  int cuts_ = 0;
};

TEST_F(CrashTest, ArchiveLeavesNoHalfArchive) {
  const auto operation = [&](storage::ObjectStore& any) -> Status {
    auto repository = TRY(Repository::open(around(any), key));
    TRY(archive(*repository, rows(4, 9), days_.back().chunks));
    return Done{};
  };
  sweep_cuts(operation, [&] { expect_sound(0); });
  EXPECT_GE(cuts_, 4);  // lease, pack, index, manifest
}

TEST_F(CrashTest, PruneLosesNothingThatIsKept) {
  const auto operation = [&](storage::ObjectStore& any) -> Status {
    auto repository = TRY(Repository::open(around(any), key));
    const History history = TRY(repository->history());
    std::vector<ObjectName> forget;
    for (const std::size_t day : {0, 1})
      if (history.archives.contains(days_[day].name)) forget.push_back(days_[day].name);
    const PrunePlan plan = TRY(plan_prune(*repository, forget, kAtOnce));
    TRY(apply_prune(*repository, plan, kAtOnce));
    return Done{};
  };
  sweep_cuts(operation, [&] { expect_sound(2); });
  EXPECT_GE(cuts_, 10);
}

TEST_F(CrashTest, PruneThatPacksAnewLosesNothing) {
  // An archive of a part of day 4's rows only, so that the pack of day 3 is mostly dead.
  auto part = rows(4, 3);
  part.resize(1);
  const auto kept = archive(*open(), part);
  clock.advance(hours(24));
  before_ = store.contents();
  days_.clear();
  const auto operation = [&](storage::ObjectStore& any) -> Status {
    auto repository = TRY(Repository::open(around(any), key));
    std::vector<ObjectName> forget;
    const History history = TRY(repository->history());
    for (const auto& [name, archive] : history.archives)
      if (name != kept->name) forget.push_back(name);
    const PrunePlan plan = TRY(plan_prune(*repository, forget, kAtOnce));
    TRY(apply_prune(*repository, plan, kAtOnce));
    return Done{};
  };
  sweep_cuts(operation, [&] {
    expect_sound(0);
    EXPECT_EQ(*restored(kept->name), joined(part));
  });
  EXPECT_GE(cuts_, 10);
}

TEST_F(CrashTest, RepairDeletesNothing) {
  for (auto at = before_.begin(); at != before_.end();)
    at = at->first.starts_with("index/") ? before_.erase(at) : std::next(at);
  const auto operation = [&](storage::ObjectStore& any) -> Status {
    const auto repository = TRY(Repository::open(around(any), key));
    const RepairReport report = TRY(repair(*repository));
    return report.after.sound() ? Status(Done{}) : Error{ErrorKind::corrupt, "not sound"};
  };
  sweep_cuts(operation, [&] {
    for (const auto& [object, body] : before_) EXPECT_TRUE(store.contents().contains(object));
  });
  EXPECT_GE(cuts_, 1);
  expect_sound(0);
}

TEST_F(CrashTest, VerifyNeverForgetsADamagedPack) {
  const auto access = open()->access();
  const auto packs = *names_of(store, ObjectType::pack);
  ASSERT_GE(packs.size(), 2u);
  const ObjectName& damaged = packs.front();
  // Word of a pack that is whole, in the same record, and a record that cannot be read.
  ASSERT_TRUE(distrust_packs(access, {packs[0], packs[1]}));
  ASSERT_TRUE(distrust_packs(access, {ObjectName{}}));
  before_ = store.contents();
  before_[key_of(ObjectType::pack, damaged)].back() ^= 1;
  const auto records = read_distrusts(access)->records;
  for (const StoredDistrust& record : records)
    if (record.distrust.packs.size() == 1) before_[key_of(ObjectType::distrust, record.name)] = "x";
  const auto operation = [&](storage::ObjectStore& any) -> Status {
    const auto repository = TRY(Repository::open(around(any), key));
    const VerifyReport report = TRY(verify(*repository, {}));
    EXPECT_FALSE(report.sound());
    if (report.unrecorded) return *report.unrecorded;
    return Done{};
  };
  sweep_cuts(operation, [&] { EXPECT_TRUE(read_distrusts(access)->contains(damaged)); });
  EXPECT_EQ(cuts_, 3);  // the new record, the old one, the unreadable one
  EXPECT_EQ(read_distrusts(access)->packs, std::vector{damaged});
  EXPECT_TRUE(read_distrusts(access)->unreadable.empty());
}

TEST(InitCrash, LeavesNoneOrAWholeRepository) {
  for (const bool after : {false, true}) {
    for (int cut = 1;; ++cut) {
      SCOPED_TRACE(cut);
      RepositoryFixture f;
      test::MemoryStore store(f.clock);
      test::FaultyStore faulty(store);
      faulty.fail({.acts = {StoreAct::put}, .at = cut, .after_the_act = after, .stays = true});
      const NewSlot slot{.kind = SlotKind::key_file, .label = "", .made = {}, .cost = {}};
      const Status outcome = Repository::init(f.around(faulty), slot, f.key.secret);
      if (!faulty.tripped()) {
        EXPECT_TRUE(outcome);
        break;
      }
      EXPECT_FALSE(outcome);
      const auto opened = Repository::open(f.around(store), f.key);
      if (opened) continue;
      EXPECT_EQ(opened.error().kind, ErrorKind::not_found);
      EXPECT_TRUE(Repository::init(f.around(store), slot, f.key.secret));
      EXPECT_TRUE(Repository::open(f.around(store), f.key));
    }
  }
}

}  // namespace
}  // namespace tidemark::repo
