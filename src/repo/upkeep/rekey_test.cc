#include "repo/upkeep/rekey.h"

#include <gtest/gtest.h>

#include "repo/lock/lease.h"
#include "repo/upkeep/check.h"
#include "repo/upkeep/mark.h"
#include "repo/upkeep/prune.h"
#include "tests/support/repository_fixture.h"

namespace tidemark::repo {
namespace {

using std::chrono::hours;
using test::RepositoryFixture;
using test::StoreAct;

class RekeyTest : public testing::Test, public RepositoryFixture {
 protected:
  RekeyTest() {
    day_ = *archive(*open(), rows(3, 1));
    clock.advance(hours(24));
  }

  std::vector<NewKey> new_keys() {
    return {{.slot = {.kind = SlotKind::key_file, .label = "new", .made = clock.now(), .cost = {}},
             .secret = new_key_.secret}};
  }
  Result<std::unique_ptr<Repository>> open_new(storage::ObjectStore& any) {
    return Repository::open(around(any), new_key_);
  }

  KeySecret new_key_{KeySecret::Form::key, Secret(std::string(kRootBytes, 'n'))};
  Archived day_;
};

TEST_F(RekeyTest, OldArchivesStayAndNewOnesAreSealedAnew) {
  const auto report = rekey(*open(), new_keys(), "test");
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->generation, 2u);
  EXPECT_EQ(report->slots_removed, 1u);
  EXPECT_EQ(Repository::open(around(), key).error().kind, ErrorKind::denied);
  auto repository = *open_new(store);
  EXPECT_EQ(repository->access().sealer.generation(), 2u);
  const auto next = archive(*repository, rows(3, 2), day_.chunks);
  ASSERT_TRUE(next);
  EXPECT_EQ(next->tally.differences, 3u);  // the old chunks are still known
  key = new_key_;
  EXPECT_EQ(*restored(day_.name), joined(rows(3, 1)));
  EXPECT_EQ(*restored(next->name), joined(rows(3, 2)));
  EXPECT_TRUE(check(*open())->sound());
  const auto third =
      rekey(*open(), {{.slot = new_keys()[0].slot, .secret = Secret(std::string(32, '3'))}}, "x");
  ASSERT_TRUE(third);
  key.secret = Secret(std::string(32, '3'));
  EXPECT_EQ(open()->access().sealer.generation(), 3u);
  EXPECT_EQ(*restored(day_.name), joined(rows(3, 1)));
  EXPECT_EQ(*restored(next->name), joined(rows(3, 2)));
}

TEST_F(RekeyTest, WhoHasTheOldRootCannotForgeWhatIsBelieved) {
  auto old = open();
  ASSERT_TRUE(rekey(*old, new_keys(), "test"));
  // He still has the old generation open, and the right to write.
  const auto forged = old->access().put(
      ObjectType::manifest, *encode_manifest({.sequence = 9, .previous = {}, .source = "forged"}));
  ASSERT_TRUE(forged);
  ASSERT_TRUE(old->access().put(
      ObjectType::mark, encode_mark({.moment = {}, .manifests = {day_.name}, .packs = {}})));
  ASSERT_TRUE(old->access().put(ObjectType::removal, encode_removal({day_.name})));
  auto repository = *open_new(store);
  const auto history = repository->history();
  EXPECT_FALSE(history->archives.contains(*forged));
  EXPECT_TRUE(history->archives.contains(day_.name));
  EXPECT_EQ(history->ignored, std::vector{*forged});
  EXPECT_TRUE(read_marks(repository->access())->empty());
  EXPECT_FALSE(repository->load(*forged));
}

TEST_F(RekeyTest, WaitsForWhoeverWorks) {
  auto repository = open();
  auto writer = *Writer::begin(*repository, "busy");
  EXPECT_EQ(rekey(*open(), new_keys(), "test").error().kind, ErrorKind::conflict);
  clock.advance(hours(2));  // it is dead
  EXPECT_TRUE(rekey(*open(), new_keys(), "test"));
}

TEST_F(RekeyTest, AWriterThatItMissedDoesNotReportSuccess) {
  auto repository = open();
  test::FaultyStore racing(store);
  auto rekeying = open(racing);
  std::unique_ptr<Writer> writer;
  racing.before_each = [&](StoreAct act, std::string_view object) {
    if (act != StoreAct::put || !object.starts_with("keyrings/") || writer) return;
    writer = *Writer::begin(*repository, "unseen");
    ASSERT_TRUE(writer->add_chunk("rows"));
  };
  ASSERT_TRUE(rekey(*rekeying, new_keys(), "test"));
  EXPECT_EQ(writer->commit({.moment = {}}).error().kind, ErrorKind::conflict);
}

TEST_F(RekeyTest, AnArchiveThatIsCommittedMeanwhileCounts) {
  auto repository = open();
  test::FaultyStore racing(store);
  auto rekeying = open(racing);
  std::optional<Archived> made;
  racing.before_each = [&](StoreAct act, std::string_view object) {
    if (act != StoreAct::put || !object.starts_with("keyrings/") || made) return;
    made = *archive(*repository, rows(2, 5));
  };
  ASSERT_TRUE(rekey(*rekeying, new_keys(), "test"));
  key = new_key_;
  EXPECT_EQ(*restored(made->name), joined(rows(2, 5)));
  EXPECT_TRUE(check(*open())->sound());
}

TEST_F(RekeyTest, CutAnywhereTheRepositoryOpensWithOneOfTheKeys) {
  const auto before = store.contents();
  for (const bool after : {false, true}) {
    for (int cut = 1;; ++cut) {
      SCOPED_TRACE(cut);
      store.set_contents(before);
      test::FaultyStore faulty(store);
      auto repository = open(faulty);
      faulty.fail({.acts = {StoreAct::put, StoreAct::remove},
                   .at = cut,
                   .after_the_act = after,
                   .stays = true});
      const auto outcome = rekey(*repository, new_keys(), "test");
      const bool tripped = faulty.tripped();
      clock.advance(hours(2));
      if (Repository::open(around(), key)) {
        EXPECT_EQ(*restored(day_.name), joined(rows(3, 1)));
        EXPECT_TRUE(rekey(*open(), new_keys(), "again"));
      }
      auto opened = open_new(store);
      ASSERT_TRUE(opened) << opened.error().message;
      RekeyReport report;
      EXPECT_TRUE(remove_outdated_slots((*opened)->access(), report));
      EXPECT_EQ((*list_slots(store, (*opened)->access().sealer.repository())).size(), 1u);
      const auto manifest = (*opened)->load(day_.name);
      ASSERT_TRUE(manifest);
      EXPECT_TRUE((*opened)->read_chunk(day_.chunks[0].id));
      EXPECT_TRUE(check(**opened)->sound());
      if (!tripped) {
        EXPECT_TRUE(outcome);
        break;
      }
    }
  }
}

}  // namespace
}  // namespace tidemark::repo
