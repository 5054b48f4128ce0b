// A pack whose bytes changed at equal size: nobody builds on it, nothing takes it for a copy.
#include "repo/upkeep/distrust.h"

#include <gtest/gtest.h>

#include "repo/pack/pack_queue.h"
#include "repo/upkeep/check.h"
#include "repo/upkeep/mark.h"
#include "repo/upkeep/prune.h"
#include "repo/upkeep/repair.h"
#include "repo/upkeep/verify.h"
#include "storage/wrap/read_only_store.h"
#include "tests/support/borrowed_store.h"
#include "tests/support/repository_fixture.h"

namespace tidemark::repo {
namespace {

using std::chrono::hours;
using test::RepositoryFixture;

const PruneOptions kAtOnce{.grace = Millis(0), .owner = "test"};

class DistrustTest : public testing::Test, public RepositoryFixture {
 protected:
  // One archive of three chunks in one pack, of which one bit is flipped.
  DistrustTest() : first_(*archive(*open(), rows(3, 1))) {
    const auto place = open()->index().find(first_.chunks[0].id)->front();
    damaged_ = place.pack;
    whole_ = *store.get(key_of(ObjectType::pack, damaged_));
    flip(place.offset);
    clock.advance(hours(24));
  }

  void flip(std::size_t at) {
    Bytes bytes = whole_;
    bytes[at] = static_cast<char>(bytes[at] ^ 1);
    store.overwrite(key_of(ObjectType::pack, damaged_), bytes);
  }

  Result<PruneReport> prune(std::vector<ObjectName> forget) {
    auto repository = open();
    const PrunePlan plan = TRY(plan_prune(*repository, std::move(forget), kAtOnce));
    return apply_prune(*repository, plan, kAtOnce);
  }

  bool has(const ObjectName& pack) const {
    return store.contents().contains(key_of(ObjectType::pack, pack));
  }

  std::vector<ObjectName> distrusted() { return read_distrusts(open()->access())->packs; }

  Archived first_;
  ObjectName damaged_;
  Bytes whole_;
};

TEST_F(DistrustTest, ComesBackAsItWasWritten) {
  const Distrust distrust{.moment = clock.now(), .packs = {ObjectName{}, damaged_}};
  const Bytes payload = encode_distrust(distrust);
  EXPECT_EQ(*decode_distrust(payload), distrust);
  for (std::size_t length = 0; length < payload.size(); ++length)
    EXPECT_FALSE(decode_distrust(payload.substr(0, length))) << length;
  EXPECT_FALSE(decode_distrust(payload + '\0'));
  EXPECT_FALSE(decode_distrust(encode_distrust({.moment = {}, .packs = {damaged_, damaged_}})));
  EXPECT_FALSE(decode_distrust(encode_distrust({.moment = {}, .packs = {damaged_, {}}})));
}

TEST_F(DistrustTest, VerifyNamesTheArchivesAndLeavesWord) {
  EXPECT_TRUE(distrusted().empty());
  EXPECT_TRUE(check(*open())->sound());
  for (int i = 0; i < 2; ++i) {
    const auto report = verify(*open(), {});
    EXPECT_FALSE(report->sound());
    EXPECT_EQ(report->damaged, (HurtArchives{{first_.name, {{"public.orders", 1}}}}));
    EXPECT_EQ(distrusted(), std::vector{damaged_});
  }
  EXPECT_EQ(read_distrusts(open()->access())->records.size(), 1u);
  // What is in it is doubtful as a whole to who does not read it.
  const auto checked = check(*open());
  EXPECT_FALSE(checked->sound());
  EXPECT_TRUE(checked->damaged.empty());
  EXPECT_EQ(checked->doubtful, (HurtArchives{{first_.name, {{"public.orders", 3}}}}));
}

TEST_F(DistrustTest, TheNextArchiveIsWholeAndHealsTheOneBefore) {
  ASSERT_FALSE(verify(*open(), {})->sound());
  EXPECT_FALSE(restored(first_.name));
  // One chunk as it was, one that changed, one gone.
  const std::vector<Bytes> second{rows(3, 1)[0], rows(3, 2)[1]};
  const auto next = archive(*open(), second, first_.chunks);
  ASSERT_TRUE(next);
  EXPECT_EQ(next->tally.chunks_new, 2u);
  EXPECT_EQ(next->tally.differences, 0u);
  EXPECT_EQ(*restored(next->name), joined(second));
  // The chunk that was lost is there again.
  EXPECT_EQ(*restored(first_.name), joined(rows(3, 1)));
  const auto report = verify(*open(), {});
  EXPECT_TRUE(report->damaged.empty());
  EXPECT_EQ(report->damaged_packs, std::vector{damaged_});
  EXPECT_EQ(check(*open())->doubtful, (HurtArchives{{first_.name, {{"public.orders", 2}}}}));
}

TEST_F(DistrustTest, WhatHangsOnADamagedPackIsNotReliedOnEither) {
  // Day 2 is differences to day 1, in a pack that is whole.
  store.overwrite(key_of(ObjectType::pack, damaged_), whole_);
  const auto second = archive(*open(), rows(3, 2), first_.chunks);
  ASSERT_EQ(second->tally.differences, 3u);
  flip(100);
  ASSERT_FALSE(verify(*open(), {})->sound());
  EXPECT_EQ(distrusted(), std::vector{damaged_});  // and not the pack of day 2
  const auto third = archive(*open(), rows(3, 2), second->chunks);
  EXPECT_EQ(third->tally.chunks_new, 3u);
  EXPECT_EQ(third->tally.differences, 0u);
  EXPECT_EQ(*restored(third->name), joined(rows(3, 2)));
}

TEST_F(DistrustTest, PruneKeepsTheLastOfADamagedPackAndTakesItWhenItWasStoredAgain) {
  ASSERT_FALSE(verify(*open(), {})->sound());
  const auto second = archive(*open(), {rows(3, 1)[0]});
  clock.advance(hours(24));
  ASSERT_TRUE(prune({}));
  // Two chunks of the first archive are nowhere else, and can be read.
  EXPECT_TRUE(has(damaged_));
  EXPECT_EQ(*restored(first_.name), joined(rows(3, 1)));
  const auto third = archive(*open(), rows(3, 1));
  clock.advance(hours(24));
  ASSERT_TRUE(prune({}));
  EXPECT_FALSE(has(damaged_));
  EXPECT_TRUE(verify(*open(), {})->sound());
  EXPECT_TRUE(check(*open())->sound());
  for (const ObjectName& name : {first_.name, third->name})
    EXPECT_EQ(*restored(name), joined(rows(3, 1)));
  EXPECT_EQ(*restored(second->name), rows(3, 1)[0]);
}

TEST_F(DistrustTest, ADamagedCopyIsNoReasonToDeleteTheGoodOne) {
  ASSERT_FALSE(verify(*open(), {})->sound());
  std::vector<Bytes> more = rows(20, 1, "users");
  more.push_back(rows(3, 1)[0]);
  const auto second = archive(*open(), more);
  const auto third = archive(*open(), {rows(3, 1)[0]});
  ASSERT_EQ(open()->index().find(third->chunks[0].id)->size(), 2u);
  clock.advance(hours(24));
  // The good pack holds little that is needed now: it is copied, marked and swept.
  ASSERT_TRUE(prune({second->name}));
  EXPECT_EQ(*restored(third->name), rows(3, 1)[0]);
  EXPECT_EQ(*restored(first_.name), joined(rows(3, 1)));
}

TEST_F(DistrustTest, IsLeftByAPruneThatFindsDamageWhereItCopies) {
  // Of three chunks one is needed.
  const auto kept = archive(*open(), {rows(3, 1)[1]});
  clock.advance(hours(24));
  EXPECT_EQ(prune({first_.name}).error().kind, ErrorKind::corrupt);
  EXPECT_EQ(distrusted(), std::vector{damaged_});
  ASSERT_TRUE(prune({first_.name}));
  EXPECT_TRUE(has(damaged_));
  EXPECT_EQ(*restored(kept->name), rows(3, 1)[1]);
}

TEST_F(DistrustTest, APackThatWasMarkedStaysWhenTheOtherCopyIsFoundDamaged) {
  // Both packs have the chunk; the good one is marked, and then the other one is found damaged.
  store.overwrite(key_of(ObjectType::pack, damaged_), whole_);
  auto repository = open();
  auto queue_lease = *Lease::acquire(repository->access(), LeaseKind::writer, "test");
  PackQueue queue(repository->access(), repository->index(), *queue_lease);
  ASSERT_TRUE(for_each_chunk(store, repository->access().sealer, damaged_,
                             [&](const ChunkPlace& place, const Bytes& encoded) -> Status {
                               TRY(queue.add(place.entry, encoded));
                               return Done{};
                             }));
  ASSERT_TRUE(queue.flush());
  ASSERT_TRUE(repository->index().flush());
  ASSERT_TRUE(queue_lease->release());
  const auto places = *open()->index().find(first_.chunks[0].id);
  ASSERT_EQ(places.size(), 2u);
  const ObjectName good = places[0].pack == damaged_ ? places[1].pack : places[0].pack;
  ASSERT_TRUE(repository->access().put(
      ObjectType::mark, encode_mark({.moment = clock.now(), .manifests = {}, .packs = {good}})));
  flip(100);
  ASSERT_FALSE(verify(*open(), {})->findings.empty());
  clock.advance(hours(24));
  const auto report = prune({});
  ASSERT_TRUE(report);
  EXPECT_EQ(report->packs_rescued, 1u);
  EXPECT_TRUE(has(good));
  EXPECT_EQ(*restored(first_.name), joined(rows(3, 1)));
}

TEST_F(DistrustTest, IsTakenBackWhenThePackIsWholeAgain) {
  ASSERT_FALSE(verify(*open(), {})->sound());
  store.overwrite(key_of(ObjectType::pack, damaged_), whole_);
  // It is read whatever the sample is.
  for (std::uint64_t day = 0; day < 3; ++day) {
    EXPECT_TRUE(verify(*open(), {.days = 3, .day = day})->sound());
    EXPECT_TRUE(distrusted().empty());
  }
  EXPECT_EQ(archive(*open(), rows(3, 1))->tally.chunks_new, 0u);
}

TEST_F(DistrustTest, OneRecordMayLoseAPartOfItsPacks) {
  auto repository = open();
  ASSERT_TRUE(distrust_packs(repository->access(), {damaged_, ObjectName{}}));
  ASSERT_TRUE(distrust_packs(repository->access(), {ObjectName{}}));
  ASSERT_TRUE(trust_packs(repository->access(), {ObjectName{}}));
  EXPECT_EQ(distrusted(), std::vector{damaged_});
  EXPECT_EQ(read_distrusts(repository->access())->records.size(), 1u);
}

TEST_F(DistrustTest, WhoMayOnlyReadVerifiesAndSaysThatNoWordIsLeft) {
  storage::ReadOnlyStore read_only(std::make_unique<test::BorrowedStore>(store));
  const auto report = verify(*open(read_only), {});
  ASSERT_TRUE(report);
  EXPECT_TRUE(report->unrecorded.has_value());
  EXPECT_EQ(report->damaged_packs.size(), 1u);
}

TEST_F(DistrustTest, ADamagedRecordStopsAPruneAndNoArchive) {
  ASSERT_FALSE(verify(*open(), {})->sound());
  const auto name = read_distrusts(open()->access())->records.front().name;
  const std::string object = key_of(ObjectType::distrust, name);
  store.overwrite(object, store.get(object)->substr(1));
  EXPECT_EQ(prune({}).error().kind, ErrorKind::unsafe);
  EXPECT_TRUE(archive(*open(), rows(1, 5, "users")));
  EXPECT_FALSE(check(*open())->findings.empty());
  // Who reads only some packs cannot say all that it said.
  ASSERT_FALSE(verify(*open(), {.days = 3, .day = 0})->sound());
  EXPECT_EQ(prune({}).error().kind, ErrorKind::unsafe);
  // Who reads all of them says it again, and it goes.
  ASSERT_FALSE(verify(*open(), {})->sound());
  EXPECT_EQ(distrusted(), std::vector{damaged_});
  EXPECT_TRUE(prune({}));
}

TEST_F(DistrustTest, RepairLeavesWordOfWhatShowsItsDamage) {
  store.overwrite(key_of(ObjectType::pack, damaged_), whole_.substr(1));
  ASSERT_FALSE(repair(*open())->after.sound());
  EXPECT_EQ(distrusted(), std::vector{damaged_});
}

TEST_F(DistrustTest, CountsAfterARekeyToo) {
  ASSERT_FALSE(verify(*open(), {})->sound());
  auto repository = open();
  Roots roots = repository->access().sealer.roots();
  roots.emplace_back(random.bytes(kRootBytes));
  const Access newer{.store = store,
                     .random = random,
                     .clock = clock,
                     .sealer = Sealer(repository->access().sealer.repository(), roots,
                                      crypto::Suite::aes256_gcm, random),
                     .ring = {}};
  EXPECT_EQ(read_distrusts(newer)->packs, std::vector{damaged_});
}

}  // namespace
}  // namespace tidemark::repo
