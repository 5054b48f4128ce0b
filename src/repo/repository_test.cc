#include "repo/repository.h"

#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "repo/row_coder.h"
#include "tests/support/repository_fixture.h"

namespace tidemark::repo {
namespace {

using test::RepositoryFixture;

TEST(Repository, GivesBackWhatWasArchived) {
  RepositoryFixture f;
  const auto rows = f.rows(5, 1);
  const auto archived = f.archive(*f.open(), rows);
  ASSERT_TRUE(archived) << archived.error().message;
  EXPECT_EQ(*f.restored(archived->name), f.joined(rows));
  const auto history = f.open()->history();
  ASSERT_EQ(history->archives.size(), 1u);
  const Archive& archive = history->archives.begin()->second;
  EXPECT_EQ(archive.sequence, 1u);
  EXPECT_EQ(archive.rows, 1000u);
  EXPECT_EQ(archive.source, "orders");
  EXPECT_EQ(archive.facts.at("server"), "15.20");
  EXPECT_EQ(archive.bytes, f.joined(rows).size());
}

TEST(Repository, StoresAChangedDayAsSmallDifferences) {
  RepositoryFixture f;
  auto day = f.archive(*f.open(), f.rows(20, 0));
  const auto first_bytes = day->tally.stored_bytes;
  for (int i = 1; i <= 5; ++i) {
    const auto next = f.archive(*f.open(), f.rows(20, i), day->chunks);
    ASSERT_TRUE(next);
    EXPECT_EQ(next->tally.chunks_new, 20u);
    EXPECT_EQ(next->tally.differences, 20u);
    EXPECT_LT(next->tally.stored_bytes, first_bytes / 5);
    EXPECT_EQ(*f.restored(next->name), f.joined(f.rows(20, i))) << i;
    day = next;
  }
}

TEST(Repository, StoresAnUnchangedDayOnce) {
  RepositoryFixture f;
  auto repository = f.open();
  const auto first = f.archive(*repository, f.rows(200, 1));
  const auto second = f.archive(*f.open(), f.rows(200, 1), first->chunks);
  EXPECT_EQ(second->tally.chunks_new, 0u);
  EXPECT_EQ(second->tally.chunks_known, 201u);  // and the list of them
  EXPECT_EQ(second->tally.stored_bytes, 0u);
  EXPECT_EQ(*f.restored(second->name), f.joined(f.rows(200, 1)));
}

TEST(Repository, AChainAtItsEndGoesOnFromItsBeginning) {
  RepositoryFixture f;
  auto day = f.archive(*f.open(), f.rows(2, 0));
  std::vector<int> depths;
  for (int i = 1; i <= 12; ++i) {
    day = f.archive(*f.open(), f.rows(2, i), day->chunks, {.depth_max = 3});
    EXPECT_GT(day->tally.differences, 0u) << i;
    EXPECT_EQ(*f.restored(day->name), f.joined(f.rows(2, i))) << i;
    depths.push_back((*f.open()->index().find(day->chunks[0].id)).front().entry.depth);
  }
  EXPECT_THAT(depths, testing::ElementsAre(1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3));
}

TEST(Repository, ChainsEndOnDifferentDaysAndNoneIsTooLong) {
  RepositoryFixture f;
  constexpr int kDepthMax = 16;
  auto day = f.archive(*f.open(), f.rows(12, 0));
  std::set<int> begun_again;
  for (int i = 1; i <= 40; ++i) {
    day = f.archive(*f.open(), f.rows(12, i), day->chunks, {.depth_max = kDepthMax});
    auto repository = f.open();
    for (const ChunkReference& chunk : day->chunks) {
      const int depth = (*repository->index().find(chunk.id)).front().entry.depth;
      EXPECT_LE(depth, kDepthMax);
      if (i > 1 && depth == 1) begun_again.insert(i);
    }
  }
  EXPECT_EQ(*f.restored(day->name), f.joined(f.rows(12, 40)));
  EXPECT_GE(begun_again.size(), 3u) << "all chunks began again on the same day";
}

TEST(Repository, LongListsOfChunksAreListsThemselves) {
  RepositoryFixture f;
  std::vector<Bytes> rows;
  for (int i = 0; i < 5000; ++i) rows.push_back(fmt::format("row {}\n", i));
  const auto first = f.archive(*f.open(), rows);
  ASSERT_TRUE(first);
  EXPECT_EQ(*f.restored(first->name), f.joined(rows));
  auto repository = f.open();
  const auto manifest = repository->load(first->name);
  EXPECT_EQ(manifest->streams[0].level, 1);
  EXPECT_LT(manifest->streams[0].references.size(), 64u);
  EXPECT_EQ(*repository->references(manifest->streams[0]), first->chunks);
  rows[4000] = "another\n";
  const auto second = f.archive(*f.open(), rows);
  EXPECT_LE(second->tally.chunks_new, 3u);  // the row, and one or two lists
}

TEST(Repository, ManyThreadsWriteOneArchive) {
  RepositoryFixture f;
  auto repository = f.open();
  auto writer = *Writer::begin(*repository, "test");
  const auto rows = f.rows(64, 1);
  std::vector<std::vector<ChunkReference>> chunks(4);
  std::vector<std::thread> lanes;
  for (int lane = 0; lane < 4; ++lane)
    lanes.emplace_back([&, lane] {
      // Each lane has every chunk: the same one comes from all of them at once.
      for (const Bytes& part : rows) chunks[lane].push_back({*writer->add_chunk(part), 0});
    });
  for (std::thread& lane : lanes) lane.join();
  ASSERT_TRUE(writer->add_stream({.name = "a", .meta = ""}, chunks[0]));
  const auto name = writer->commit({.moment = f.clock.now(), .source = "s"});
  ASSERT_TRUE(name);
  EXPECT_EQ(writer->tally().chunks_new, 64u);
  EXPECT_EQ(*f.restored(*name), f.joined(rows));
  EXPECT_EQ(chunks[0], chunks[3]);
}

TEST(Repository, OpensWithItsKeysOnly) {
  RepositoryFixture f;
  const KeySecret wrong{KeySecret::Form::key, Secret(std::string(kRootBytes, 'x'))};
  EXPECT_EQ(Repository::open(f.around(), wrong).error().kind, ErrorKind::denied);
  test::MemoryStore empty;
  EXPECT_EQ(Repository::open(f.around(empty), f.key).error().kind, ErrorKind::not_found);
}

TEST(Repository, IsNeverMadeOverAnotherOne) {
  RepositoryFixture f;
  ASSERT_TRUE(f.archive(*f.open(), f.rows(1, 1)));
  const NewSlot slot{.kind = SlotKind::key_file, .label = "", .made = {}, .cost = {}};
  EXPECT_EQ(Repository::init(f.around(), slot, f.key.secret).error().kind,
            ErrorKind::already_exists);
  ASSERT_TRUE(f.store.remove("config"));
  EXPECT_EQ(Repository::init(f.around(), slot, f.key.secret).error().kind, ErrorKind::unsafe);
}

TEST(Repository, KeysCanBeAddedAndRemovedButTheLast) {
  RepositoryFixture f;
  auto repository = f.open();
  const Access& access = repository->access();
  const Secret second(std::string(kRootBytes, 's'));
  const NewSlot slot{
      .kind = SlotKind::recovery_sheet, .label = "safe", .made = f.clock.now(), .cost = {}};
  const auto added = add_slot(f.store, slot, second, access.sealer, f.random);
  ASSERT_TRUE(added);
  const auto by_second = Repository::open(f.around(), {KeySecret::Form::key, second});
  ASSERT_TRUE(by_second);
  EXPECT_EQ((*by_second)->access().slot, *added);
  EXPECT_NE(access.slot, *added);
  const auto slots = list_slots(f.store, access.sealer.repository());
  ASSERT_EQ(slots->size(), 2u);
  const ObjectName first = (*slots)[0].name == *added ? (*slots)[1].name : (*slots)[0].name;
  ASSERT_TRUE(remove_slot(f.store, access.sealer, first));
  EXPECT_EQ(Repository::open(f.around(), f.key).error().kind, ErrorKind::denied);
  EXPECT_EQ(remove_slot(f.store, access.sealer, *added).error().kind, ErrorKind::unsafe);
  EXPECT_EQ(remove_slot(f.store, access.sealer, first).error().kind, ErrorKind::not_found);
}

TEST(Repository, ADamagedSlotDoesNotKeepTheOthersFromOpening) {
  RepositoryFixture f;
  f.store.overwrite(key_of(ObjectType::key_slot, name_of("x")), "garbage");
  EXPECT_TRUE(Repository::open(f.around(), f.key));
}

TEST(Writer, ACoderThatDecodesToSomethingElseIsFoundOut) {
  // It breaks its promise to compare: what a fault in it would do.
  class WrongCoder final : public ChunkCoder {
   public:
    Result<Encoded> encode(ByteView, const std::vector<SharedChunk>&) override {
      return Encoded{"wrong", false};
    }
    Result<SharedChunk> decode(ByteView, const std::vector<SharedChunk>&, std::size_t) override {
      return ZstdCoder().decode(ZstdCoder().encode("wrong", {})->bytes, {}, 5);
    }
  } wrong;
  RepositoryFixture f;
  auto repository = *Repository::open(
      {.store = f.store, .random = f.random, .clock = f.clock, .coder = wrong}, f.key);
  const auto archived = f.archive(*repository, {"rows"});
  ASSERT_TRUE(archived);
  EXPECT_EQ(repository->read_chunk(archived->chunks[0].id).error().kind, ErrorKind::corrupt);
}

TEST(Writer, RowsAreStoredAsDifferencesOfRows) {
  RepositoryFixture f;
  RowCoder coder;
  const Surroundings around{.store = f.store, .random = f.random, .clock = f.clock, .coder = coder};
  std::optional<RepositoryFixture::Archived> day;
  for (int i = 0; i < 40; ++i) {
    auto repository = *Repository::open(around, f.key);
    const auto rows = f.rows(4, i);
    const auto next =
        f.archive(*repository, rows, day ? day->chunks : std::vector<ChunkReference>());
    ASSERT_TRUE(next) << next.error().message;
    EXPECT_EQ(next->tally.differences, i == 0 ? 0u : 4u) << i;
    auto reading = *Repository::open(around, f.key);
    Bytes joined;
    for (const ChunkReference& chunk : next->chunks) joined += *reading->read_chunk(chunk.id);
    EXPECT_EQ(joined, f.joined(rows)) << i;
    day = *next;
  }
}

TEST(Writer, SeveralBasesAreJoinedInTheirOrder) {
  RepositoryFixture f;
  RowCoder coder;
  const Surroundings around{.store = f.store, .random = f.random, .clock = f.clock, .coder = coder};
  auto repository = *Repository::open(around, f.key);
  const auto rows = f.rows(3, 0);
  const auto first = f.archive(*repository, rows);
  auto writer = *Writer::begin(*repository, "test");
  std::vector<ChunkId> bases;
  for (const ChunkReference& chunk : first->chunks) bases.push_back(chunk.id);
  const Bytes all = f.joined(rows) + "orders\t9\t9\t9\n";
  const auto id = writer->add_chunk(all, bases);
  ASSERT_TRUE(id);
  EXPECT_EQ(writer->tally().differences, 1u);
  ASSERT_TRUE(writer->add_stream({.name = "s", .meta = ""}, {{*id, 0}}));
  ASSERT_TRUE(writer->commit({.moment = {}}));
  EXPECT_LT(writer->tally().stored_bytes, 1000u);
  auto reading = *Repository::open(around, f.key);
  EXPECT_EQ(*reading->read_chunk(*id), all);
}

TEST(Writer, ALongDayWithoutChangesKeepsItsLease) {
  RepositoryFixture f;
  const auto rows = f.rows(30, 1);
  ASSERT_TRUE(f.archive(*f.open(), rows));
  auto repository = f.open();
  auto writer = *Writer::begin(*repository, "slow");
  std::vector<ChunkReference> chunks;
  for (const Bytes& part : rows) {
    f.clock.advance(std::chrono::minutes(6));
    chunks.push_back({*writer->add_chunk(part), 0});
  }
  f.clock.advance(std::chrono::minutes(20));
  ASSERT_TRUE(writer->keep_alive());
  f.clock.advance(std::chrono::minutes(20));
  ASSERT_TRUE(writer->add_stream({.name = "s", .meta = ""}, chunks));
  EXPECT_TRUE(writer->commit({.moment = {}}));
  EXPECT_EQ(writer->tally().chunks_new, 0u);
}

TEST(Writer, CannotCommitAfterItsLeaseLapsed) {
  RepositoryFixture f;
  auto repository = f.open();
  auto writer = *Writer::begin(*repository, "test");
  ASSERT_TRUE(writer->add_chunk("rows"));
  f.clock.advance(std::chrono::minutes(31));
  EXPECT_EQ(writer->commit({.moment = {}}).error().kind, ErrorKind::conflict);
  EXPECT_TRUE(f.open()->history()->archives.empty());
}

TEST(Writer, SaysSoWhenItsLeaseLapsedDuringTheCommit) {
  RepositoryFixture f;
  test::FaultyStore store(f.store);
  auto repository = f.open(store);
  auto writer = *Writer::begin(*repository, "test");
  ASSERT_TRUE(writer->add_chunk("rows"));
  store.before_each = [&](test::StoreAct act, std::string_view key) {
    if (act == test::StoreAct::put && key.starts_with("manifests/"))
      f.clock.advance(std::chrono::hours(3));
  };
  const auto name = writer->commit({.moment = {}});
  ASSERT_FALSE(name);
  EXPECT_NE(name.error().hint.find("verify"), std::string::npos);
}

TEST(Writer, DoesNotRelyOnAPackThatTheListingLeavesOut) {
  RepositoryFixture f;
  const auto first = f.archive(*f.open(), f.rows(3, 1));
  test::FaultyStore store(f.store);
  for (const auto& [key, body] : f.store.contents())
    if (key.starts_with("packs/")) store.hide_from_list(key);
  const auto second = f.archive(*f.open(store), f.rows(3, 1), first->chunks);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->tally.chunks_new, 3u);
  EXPECT_EQ(second->tally.differences, 0u);
}

TEST(Writer, RefusesChunksBeyondTheLimits) {
  RepositoryFixture f;
  auto repository = f.open();
  auto writer = *Writer::begin(*repository, "test");
  EXPECT_EQ(writer->add_chunk("").error().kind, ErrorKind::invalid_input);
  EXPECT_EQ(writer->add_chunk(Bytes(kPlainChunkBytesMax + 1, 'x')).error().kind,
            ErrorKind::invalid_input);
}

TEST(Writer, AFailedUploadFailsTheArchive) {
  RepositoryFixture f;
  test::FaultyStore store(f.store);
  auto repository = f.open(store);
  auto writer = *Writer::begin(*repository, "test");
  ASSERT_TRUE(writer->add_chunk("rows"));
  store.fail({.acts = {test::StoreAct::put}, .at = 1});
  EXPECT_EQ(writer->commit({.moment = {}}).error().kind, ErrorKind::unavailable);
  EXPECT_EQ(writer->commit({.moment = {}}).error().kind, ErrorKind::conflict);
  EXPECT_TRUE(f.open()->history()->archives.empty());
}

TEST(Writer, ManifestsFormAChain) {
  RepositoryFixture f;
  const auto first = f.archive(*f.open(), f.rows(1, 1));
  const auto second = f.archive(*f.open(), f.rows(1, 2));
  const auto history = f.open()->history();
  EXPECT_EQ(history->heads(), std::vector{second->name});
  EXPECT_EQ(history->archives.at(second->name).previous, std::vector{first->name});
  EXPECT_EQ(history->archives.at(second->name).sequence, 2u);
}

}  // namespace
}  // namespace tidemark::repo
