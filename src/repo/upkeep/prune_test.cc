#include "repo/upkeep/prune.h"

#include <gtest/gtest.h>

#include "repo/lock/lease.h"
#include "repo/lock/reader_lease.h"
#include "repo/upkeep/check.h"
#include "repo/upkeep/hold.h"
#include "repo/upkeep/mark.h"
#include "repo/upkeep/verify.h"
#include "storage/wrap/store_wrapper.h"
#include "tests/support/borrowed_store.h"
#include "tests/support/repository_fixture.h"

namespace tidemark::repo {
namespace {

using std::chrono::hours;
using test::RepositoryFixture;

const PruneOptions kAtOnce{.grace = Millis(0), .owner = "test"};

class PruneTest : public testing::Test, public RepositoryFixture {
 protected:
  // Days in a row, each of whole chunks or of differences to the day before.
  void make_days(int count, bool differences) {
    for (int day = 1; day <= count; ++day) {
      const auto yesterday =
          differences && !days_.empty() ? days_.back().chunks : std::vector<ChunkReference>();
      days_.push_back(*archive(*open(), rows(10, day), yesterday));
      clock.advance(hours(24));
    }
  }
  Result<PruneReport> prune(std::vector<ObjectName> forget, const PruneOptions& options = kAtOnce) {
    auto repository = open();
    const PrunePlan plan = TRY(plan_prune(*repository, std::move(forget), options));
    return apply_prune(*repository, plan, options);
  }
  void expect_whole(std::size_t from) {
    for (std::size_t day = from; day < days_.size(); ++day)
      EXPECT_EQ(*restored(days_[day].name), joined(rows(10, static_cast<int>(day) + 1))) << day;
    const auto report = check(*open());
    EXPECT_TRUE(report->sound());
    for (const Error& finding : report->findings) ADD_FAILURE() << finding.message;
  }
  std::size_t count(std::string_view prefix) {
    std::size_t found = 0;
    for (const auto& [object, body] : store.contents()) found += object.starts_with(prefix);
    return found;
  }

  std::vector<Archived> days_;
};

TEST_F(PruneTest, FreesWhatOnlyForgottenArchivesNeeded) {
  make_days(4, false);
  const auto packs = count("packs/");
  const auto report = prune({days_[0].name, days_[1].name});
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->archives_removed, 2u);
  EXPECT_GT(report->packs_removed, 0u);
  EXPECT_LT(count("packs/"), packs);
  EXPECT_EQ(count("manifests/"), 2u);
  EXPECT_EQ(count("marks/"), 0u);
  expect_whole(2);
  EXPECT_EQ(open()->history()->archives.size(), 2u);
}

TEST_F(PruneTest, KeepsTheBasesOfLiveDifferences) {
  make_days(6, true);
  const auto report = prune({days_[0].name, days_[1].name, days_[2].name});
  ASSERT_TRUE(report);
  EXPECT_EQ(report->archives_removed, 3u);
  expect_whole(3);
}

class LeftOver : public PruneTest {
 protected:
  // A difference that nothing needs stays in a pack for the sake of others; its base is gone.
  LeftOver() {
    const auto first = *archive(*open(), rows(1, 1));
    std::vector<Bytes> second = rows(10, 1, "users");
    second.insert(second.begin(), changed_);
    const auto both = *archive(*open(), second, first.chunks);
    CHECK(both.tally.differences == 1);
    clock.advance(hours(24));
    kept_ = archive(*open(), rows(10, 1, "users"))->name;
    clock.advance(hours(24));
    CHECK(prune({first.name, both.name})->packs_removed > 0);
    CHECK(!open()->read_chunk(both.chunks[0].id));
  }

  const Bytes changed_ = rows(1, 2)[0];
  ObjectName kept_;
};

TEST_F(LeftOver, IsNoDamage) {
  EXPECT_TRUE(check(*open())->sound());
  EXPECT_TRUE(verify(*open(), {})->findings.empty());
}

TEST_F(LeftOver, IsDamageWhenSomethingThatIsNeededIsGoneToo) {
  const auto newest = archive(*open(), rows(1, 7));
  const auto places = open()->index().find(newest->chunks[0].id);
  ASSERT_TRUE(store.remove(key_of(ObjectType::pack, places->front().pack)));
  EXPECT_FALSE(verify(*open(), {})->sound());
}

TEST_F(LeftOver, IsNotReliedOnByALaterArchive) {
  const auto later = archive(*open(), {changed_});
  ASSERT_TRUE(later);
  EXPECT_EQ(later->tally.chunks_new, 1u);
  EXPECT_EQ(*restored(later->name), changed_);
  EXPECT_TRUE(check(*open())->sound());
  EXPECT_TRUE(verify(*open(), {})->findings.empty());
  // Nor as a base.
  const auto next = archive(*open(), rows(1, 3), later->chunks);
  EXPECT_EQ(*restored(next->name), rows(1, 3)[0]);
}

TEST_F(LeftOver, IsNotReliedOnWhileItsBaseIsMarked) {
  // The base is there again, in a pack that is marked and waits.
  RepositoryFixture f;
  const auto first = *f.archive(*f.open(), rows(1, 1));
  std::vector<Bytes> second = rows(10, 1, "users");
  second.insert(second.begin(), changed_);
  const auto both = *f.archive(*f.open(), second, first.chunks);
  f.clock.advance(hours(24));
  ASSERT_TRUE(f.archive(*f.open(), rows(10, 1, "users")));
  f.clock.advance(hours(24));
  const PruneOptions later{.grace = hours(24), .owner = "test"};
  auto repository = f.open();
  const auto plan = plan_prune(*repository, {first.name, both.name}, later);
  ASSERT_TRUE(apply_prune(*repository, *plan, later));
  const auto again = f.archive(*f.open(), {changed_});
  EXPECT_EQ(again->tally.chunks_new, 1u);
}

TEST_F(PruneTest, WaitsForTheGracePeriod) {
  make_days(3, false);
  PruneOptions options = kAtOnce;
  options.grace = hours(24);
  const auto first = prune({days_[0].name}, options);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->packs_removed, 0u);
  EXPECT_EQ(first->waiting, 1u);
  expect_whole(0);
  clock.advance(hours(25));
  const auto second = prune({}, options);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->archives_removed, 1u);
  EXPECT_GT(second->packs_removed, 0u);
  expect_whole(1);
}

TEST_F(PruneTest, NeverLeavesARepositoryWithoutArchives) {
  make_days(1, false);
  EXPECT_EQ(prune({days_[0].name}).error().kind, ErrorKind::unsafe);
  RepositoryFixture empty;
  EXPECT_EQ(plan_prune(*empty.open(), {}, kAtOnce).error().kind, ErrorKind::unsafe);
}

TEST_F(PruneTest, RefusesWhenAManifestIsHiddenDamagedOrGone) {
  make_days(3, false);
  const std::string manifest = key_of(ObjectType::manifest, days_[0].name);
  test::FaultyStore hiding(store);
  hiding.hide_from_list(manifest);
  // A listing that leaves it out is not believed: it is asked for by its name.
  EXPECT_EQ(open(hiding)->history()->archives.size(), 3u);
  const Bytes body = *store.get(manifest);
  store.overwrite(manifest, body.substr(1));
  EXPECT_EQ(prune({}).error().kind, ErrorKind::unsafe);
  ASSERT_TRUE(store.remove(manifest));
  EXPECT_EQ(prune({}).error().kind, ErrorKind::unsafe);
  store.overwrite(manifest, body);
  EXPECT_TRUE(prune({}));
}

TEST_F(PruneTest, RefusesWhenANeededPackIsNotListed) {
  make_days(2, true);
  test::FaultyStore hiding(store);
  for (const auto& [object, body] : store.contents())
    if (object.starts_with("packs/")) hiding.hide_from_list(object);
  auto repository = open(hiding);
  EXPECT_EQ(plan_prune(*repository, {}, kAtOnce).error().kind, ErrorKind::unsafe);
}

TEST_F(PruneTest, RefusesAPlanThatDoesNotHoldAnyMore) {
  make_days(3, false);
  auto repository = open();
  const auto plan = plan_prune(*repository, {days_[0].name}, kAtOnce);
  ASSERT_TRUE(plan);
  ASSERT_FALSE(plan->drop.empty());
  // The same rows as on day 1 once more: what the plan would drop is needed again.
  const auto again = archive(*open(), rows(10, 1));
  ASSERT_TRUE(again);
  EXPECT_EQ(apply_prune(*repository, *plan, kAtOnce).error().kind, ErrorKind::conflict);
  EXPECT_EQ(*restored(again->name), joined(rows(10, 1)));
}

TEST_F(PruneTest, LeavesAloneWhatARunningWriterStores) {
  make_days(2, false);
  auto repository = open();
  auto writer = *Writer::begin(*repository, "running");
  std::vector<ChunkReference> chunks;
  for (const Bytes& part : rows(10, 1)) chunks.push_back({*writer->add_chunk(part), 0});
  for (const Bytes& part : rows(10, 77)) chunks.push_back({*writer->add_chunk(part), 0});
  // It relies on day 1, which is forgotten meanwhile.
  const auto report = prune({days_[0].name});
  ASSERT_TRUE(report);
  EXPECT_EQ(report->packs_removed, 0u);
  ASSERT_EQ(report->waiting_for.size(), 1u);
  EXPECT_NE(report->waiting_for[0].find("writer running"), std::string::npos);
  ASSERT_TRUE(writer->add_stream({.name = "s", .meta = ""}, chunks));
  const auto name = writer->commit({.moment = {}});
  ASSERT_TRUE(name);
  clock.advance(hours(1));
  const auto later = prune({});
  ASSERT_TRUE(later);
  EXPECT_GT(later->packs_rescued, 0u);
  EXPECT_EQ(*restored(*name), joined(rows(10, 1)) + joined(rows(10, 77)));
  expect_whole(1);
}

TEST_F(PruneTest, AWriterThatBeganLaterDoesNotRelyOnMarkedPacks) {
  make_days(2, false);
  PruneOptions options = kAtOnce;
  options.grace = hours(2);
  ASSERT_TRUE(prune({days_[0].name}, options));
  clock.advance(hours(1));
  auto repository = open();
  auto writer = *Writer::begin(*repository, "late");
  std::vector<ChunkReference> chunks;
  for (const Bytes& part : rows(10, 1)) chunks.push_back({*writer->add_chunk(part), 0});
  EXPECT_GT(writer->tally().chunks_new, 0u);
  clock.advance(std::chrono::minutes(20));
  ASSERT_TRUE(writer->add_stream({.name = "s", .meta = ""}, chunks));
  const auto name = writer->commit({.moment = {}});
  ASSERT_TRUE(name) << name.error().message;
  clock.advance(hours(2));
  EXPECT_GT(prune({}, options)->packs_removed, 0u);
  EXPECT_EQ(*restored(*name), joined(rows(10, 1)));
  expect_whole(1);
}

TEST_F(PruneTest, FinishesWhatADeadWriterLeft) {
  make_days(1, false);
  {
    auto repository = open();
    auto writer = *Writer::begin(*repository, "crashes");
    for (const Bytes& part : rows(400, 50)) ASSERT_TRUE(writer->add_chunk(part));
    // Its packs reach the store, and nothing else does.
    test::FaultyStore cut(store);
  }
  {
    test::FaultyStore cut(store);
    auto repository = open(cut);
    auto writer = *Writer::begin(*repository, "crashes too");
    ASSERT_TRUE(writer->add_chunk("orphan"));
    cut.fail({.acts = {test::StoreAct::put}, .at = 2, .stays = true});
    EXPECT_FALSE(writer->commit({.moment = {}}));
  }
  EXPECT_EQ(check(*open())->unindexed_packs, 1u);
  clock.advance(hours(48));
  ASSERT_TRUE(prune({}));  // takes away the records of the dead
  clock.advance(hours(48));
  const auto report = prune({});
  ASSERT_TRUE(report);
  EXPECT_EQ(report->packs_removed, 1u);
  EXPECT_EQ(check(*open())->unindexed_packs, 0u);
  expect_whole(0);
}

TEST_F(PruneTest, PacksAnewWhatHasLittleThatLives) {
  days_.push_back(*archive(*open(), rows(10, 1)));
  clock.advance(hours(24));
  auto few = rows(10, 1);
  few.resize(3);
  const auto kept = archive(*open(), few);
  clock.advance(hours(24));
  auto repository = open();
  const auto plan = plan_prune(*repository, {days_[0].name}, kAtOnce);
  ASSERT_TRUE(plan);
  ASSERT_EQ(plan->repack.size(), 1u);
  const auto report = apply_prune(*repository, *plan, kAtOnce);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->bytes_copied + 3 * 16, plan->repack_live_bytes);
  EXPECT_EQ(report->packs_removed, 1u);
  EXPECT_EQ(*restored(kept->name), joined(few));
  EXPECT_TRUE(check(*open())->sound());
  // A reader that was open all the time finds what moved.
  EXPECT_TRUE(repository->read_chunk(kept->chunks[0].id));
}

TEST_F(PruneTest, CopiesOneOfSeveralCopiesAndNoneThatStays) {
  // A chunk in two packs that hold little else that lives, and another one in a third that stays.
  auto first = rows(10, 1, "a");
  first.push_back(rows(2, 1)[0]);
  first.push_back(rows(2, 1)[1]);
  const auto left = *archive(*open(), first);
  const auto hide_packs = [&] {
    for (const auto& [object, body] : store.contents())
      if (object.starts_with("packs/")) CHECK(store.remove(object));
  };
  const auto with_first = store.contents();
  hide_packs();  // so that they are stored again
  auto second = rows(10, 1, "b");
  second.push_back(rows(2, 1)[0]);
  const auto right = *archive(*open(), second);
  const auto with_second = store.contents();
  hide_packs();
  const auto kept = *archive(*open(), {rows(2, 1)[1]});
  auto all = store.contents();
  all.insert(with_first.begin(), with_first.end());
  all.insert(with_second.begin(), with_second.end());
  store.set_contents(all);
  const auto needed = *archive(*open(), rows(2, 1));
  ASSERT_EQ(needed.tally.chunks_new, 0u);
  clock.advance(hours(24));
  auto repository = open();
  const auto plan = plan_prune(*repository, {left.name, right.name}, kAtOnce);
  ASSERT_TRUE(plan);
  ASSERT_EQ(plan->repack.size(), 2u);
  const auto report = apply_prune(*repository, *plan, kAtOnce);
  ASSERT_TRUE(report);
  const auto places = *open()->index().find(needed.chunks[0].id);
  ASSERT_EQ(places.size(), 1u);
  EXPECT_EQ(report->bytes_copied + 16, places[0].entry.stored_bytes);
  EXPECT_EQ(*restored(needed.name), joined(rows(2, 1)));
  EXPECT_EQ(*restored(kept.name), rows(2, 1)[1]);
}

TEST_F(PruneTest, SaysBeforeWhatItWillDelete) {
  make_days(4, false);
  const PruneOptions later{.grace = hours(24), .owner = "test"};
  ASSERT_EQ(prune({days_[0].name, days_[1].name}, later)->archives_removed, 0u);
  auto plan = plan_sweep(*open(), later.grace);
  EXPECT_EQ(plan->archives, 0u);
  EXPECT_EQ(plan->waiting, 1u);
  clock.advance(hours(25));
  ASSERT_TRUE(hold_archive(open()->access(), days_[1].name, "audit"));
  const auto before = store.contents();
  plan = plan_sweep(*open(), later.grace);
  EXPECT_EQ(store.contents(), before);
  const auto report = prune({}, later);
  EXPECT_EQ(plan->archives, 1u);
  EXPECT_EQ(plan->archives, report->archives_removed);
  EXPECT_EQ(plan->archives_held, report->archives_held);
  EXPECT_GT(plan->packs, 0u);
  EXPECT_EQ(plan->packs, report->packs_removed);
  EXPECT_EQ(plan->bytes, report->bytes_removed);
}

TEST_F(PruneTest, LeavesWhatSomebodyReadsThoughItWasForgottenMeanwhile) {
  make_days(3, false);
  auto reading_repository = open();
  ReaderLease reading(reading_repository->access(), "a restore");
  const auto report = prune({days_[0].name});
  EXPECT_EQ(report->archives_removed, 0u);
  ASSERT_EQ(report->waiting_for.size(), 1u);
  EXPECT_NE(report->waiting_for[0].find("a restore"), std::string::npos);
  EXPECT_EQ(*restored(days_[0].name), joined(rows(10, 1)));
  reading.release();
  EXPECT_EQ(prune({})->archives_removed, 1u);
}

TEST_F(PruneTest, EndsUploadsThatWereLeftBehindADayAgo) {
  make_days(2, false);
  class Uploads final : public storage::StoreWrapper {
   public:
    using StoreWrapper::StoreWrapper;
    Result<std::size_t> abort_abandoned(TimePoint before) override {
      asked.push_back(before);
      if (asked.size() > 1) return Error{ErrorKind::denied, "not for you"};
      return std::size_t{3};
    }
    std::vector<TimePoint> asked;
  } uploads(std::make_unique<test::BorrowedStore>(store));
  auto repository = open(uploads);
  const auto plan = plan_prune(*repository, {}, kAtOnce);
  EXPECT_TRUE(uploads.asked.empty());
  EXPECT_EQ(apply_prune(*repository, *plan, kAtOnce)->uploads_ended, 3u);
  EXPECT_EQ(uploads.asked, std::vector{clock.now() - hours(24)});
  EXPECT_TRUE(apply_prune(*repository, *plan, kAtOnce)) << "it is no reason to fail";
}

TEST_F(PruneTest, SkipsWhatTheStoreHolds) {
  make_days(3, false);
  class Locked final : public storage::StoreWrapper {
   public:
    using StoreWrapper::StoreWrapper;
    Status remove(std::string_view) override { return Error{ErrorKind::denied, "locked"}; }
  } locked(std::make_unique<test::BorrowedStore>(store));
  auto repository = open(locked);
  const auto plan = plan_prune(*repository, {days_[0].name}, kAtOnce);
  const auto report = apply_prune(*repository, *plan, kAtOnce);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_GT(report->locked, 0u);
  EXPECT_EQ(report->packs_removed, 0u);
  clock.advance(hours(48));
  EXPECT_GT(prune({})->packs_removed, 0u);
  expect_whole(1);
}

TEST(Mark, RefusesEveryTruncation) {
  const Mark mark{.moment = {}, .manifests = {name_of("m")}, .packs = {name_of("p")}};
  const Bytes payload = encode_mark(mark);
  EXPECT_EQ(*decode_mark(payload), mark);
  for (std::size_t length = 0; length < payload.size(); ++length)
    EXPECT_FALSE(decode_mark(payload.substr(0, length)));
  EXPECT_FALSE(decode_mark(payload + '\0'));
}

}  // namespace
}  // namespace tidemark::repo
