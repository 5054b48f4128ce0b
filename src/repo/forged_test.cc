// Objects that open, since whoever made them had the key, and say what cannot be: none is followed
// for ever, none gives wrong bytes, and each is named.
#include <gtest/gtest.h>

#include "repo/codec/chunk_codec.h"
#include "repo/lock/lease.h"
#include "repo/pack/pack_footer.h"
#include "repo/pack/pack_queue.h"
#include "repo/pack/pack_reader.h"
#include "repo/row_coder.h"
#include "repo/upkeep/check.h"
#include "repo/upkeep/prune.h"
#include "repo/upkeep/verify.h"
#include "repo/zstd.h"
#include "tests/support/repository_fixture.h"

namespace tidemark::repo {
namespace {

using test::RepositoryFixture;
using test::StoreAct;

class Forged : public testing::Test, public RepositoryFixture {
 protected:
  std::string first_key(std::string_view prefix) {
    const auto objects = store.contents();
    return objects.lower_bound(std::string(prefix))->first;
  }
};

TEST_F(Forged, ACircleOfBasesEnds) {
  auto repository = open();
  auto lease = *Lease::acquire(repository->access(), LeaseKind::writer, "test");
  PackQueue queue(repository->access(), repository->index(), *lease);
  const ChunkId id = repository->access().sealer.chunk_id("itself");
  const PackEntry entry{.id = id, .plain_bytes = 6, .depth = 1, .bases = {id}};
  ASSERT_TRUE(*queue.add(entry, "encoded"));
  ASSERT_TRUE(queue.flush());
  EXPECT_EQ(repository->read_chunk(id).error().kind, ErrorKind::corrupt);
  // Nobody needs it, so it is no damage; and nobody relies on it.
  ASSERT_TRUE(repository->index().flush());
  EXPECT_TRUE(verify(*repository, {})->findings.empty());
  auto writer = *Writer::begin(*repository, "test");
  EXPECT_EQ(*writer->add_chunk("itself"), id);
  EXPECT_EQ(writer->tally().chunks_new, 1u);
}

TEST_F(Forged, AChunkThatDoesNotOpenInAPackUnderItsRightNameIsNamed) {
  ASSERT_TRUE(archive(*open(), rows(1, 1)));
  Bytes body = *store.get(first_key("packs/"));
  body[Header::kBytes] = static_cast<char>(body[Header::kBytes] ^ 1);
  const auto name = put_named(store, ObjectType::pack, body);
  const auto report = verify(*open(), {});
  ASSERT_EQ(report->damaged_packs, std::vector{*name});
  EXPECT_NE(report->findings.at(0).message.find("chunk 0 of pack"), std::string::npos);
}

TEST_F(Forged, APackWhoseChunksDoNotFillItIsRefused) {
  const auto repository = open();
  const Sealer& sealer = repository->access().sealer;
  const ObjectSeal seal = sealer.begin(ObjectType::pack);
  Bytes object(seal.header_bytes());
  seal.seal(0, {}, "encoded", object);
  Bytes index;
  put_entry(index, {.id = {}, .stored_bytes = 22, .plain_bytes = 7});
  const Bytes footer = encode_footer(
      {.index_bytes = static_cast<std::uint32_t>(index.size() + crypto::kAeadTagBytes),
       .chunk_count = 1});
  seal.seal(kPackIndexCounter, footer, index, object);
  object += footer;
  const auto name = put_named(store, ObjectType::pack, object);
  EXPECT_NE(fetch_pack_facts(store, sealer, *name).error().message.find("do not fill it"),
            std::string::npos);
}

TEST_F(Forged, ForeignKeysAreToldAndLeft) {
  ASSERT_TRUE(archive(*open(), rows(1, 1)));
  const std::string digits(2 * ObjectName::kBytes, 'a');
  for (const std::string& object : {std::string("readme"), "odd/" + digits})
    ASSERT_TRUE(store.put(object, "x", storage::PutMode::create_only));
  EXPECT_EQ(check(*open())->foreign.size(), 2u);
  EXPECT_TRUE(check(*open())->sound());
}

TEST_F(Forged, StorageThatDoesNotAnswerIsNoDamage) {
  ASSERT_TRUE(archive(*open(), rows(1, 1)));
  test::FaultyStore faulty(store);
  auto repository = open(faulty);
  const RepositoryId id = repository->access().sealer.repository();
  faulty.fail({.acts = {StoreAct::get}, .at = 1});
  EXPECT_EQ(list_slots(faulty, id).error().kind, ErrorKind::unavailable);
  ASSERT_TRUE(repository->index().refresh());
  faulty.fail({.acts = {StoreAct::get}, .at = 1, .stays = true});
  EXPECT_EQ(verify(*repository, {}).error().kind, ErrorKind::unavailable);
}

TEST_F(Forged, AnIndexThatWasStoredWronglyIsNoticedBeforeTheOldOneGoes) {
  std::vector<Bytes> many;
  for (int row = 0; row < 100; ++row) many.push_back(fmt::format("{}\n", row));
  const auto first = *archive(*open(), many);
  clock.advance(std::chrono::hours(24));
  many[0] = "another\n";
  ASSERT_TRUE(archive(*open(), many));
  clock.advance(std::chrono::hours(24));
  test::FaultyStore faulty(store);
  auto repository = open(faulty);
  const PruneOptions at_once{.grace = Millis(0), .repack_live_share = 0, .owner = "test"};
  const auto plan = plan_prune(*repository, {first.name}, at_once);
  faulty.before_each = [&](StoreAct act, std::string_view object) {
    if (act == StoreAct::put && object.starts_with("index/"))
      faulty.damage(std::string(object), [](Bytes& bytes) { bytes.back() ^= 1; });
  };
  EXPECT_EQ(apply_prune(*repository, *plan, at_once).error().kind, ErrorKind::corrupt);
  EXPECT_TRUE(check(*open())->sound());
}

TEST_F(Forged, BasesThatAreProvenAreNotReadAgain) {
  const auto first = *archive(*open(), rows(2, 1));
  test::FaultyStore counting(store);
  auto repository = open(counting);
  auto writer = *Writer::begin(*repository, "test");
  const std::vector<ChunkId> bases{first.chunks[0].id, first.chunks[1].id};
  ASSERT_TRUE(writer->add_chunk(rows(1, 2)[0], bases));
  const int gets = counting.count(StoreAct::get);
  ASSERT_TRUE(writer->add_chunk(rows(1, 3)[0], bases));
  EXPECT_EQ(counting.count(StoreAct::get), gets);
}

TEST_F(Forged, AnIndexOfManyChunksFindsEach) {
  auto repository = open();
  ChunkIndex index(repository->access());
  constexpr std::uint32_t kPacks = 4;
  const auto id_of = [](std::uint32_t pack, std::uint32_t ordinal) {
    ChunkId id;
    const std::uint32_t number = pack * kPackChunksMax + ordinal;
    std::memcpy(id.bytes.data(), &number, sizeof number);
    return id;
  };
  for (std::uint32_t pack = 0; pack < kPacks; ++pack) {
    PackFacts facts{.name = {}, .header = {}, .bytes = 1, .entries = {}};
    facts.name.bytes[0] = static_cast<char>(pack + 1);
    for (std::uint32_t i = 0; i < kPackChunksMax; ++i)
      facts.entries.push_back({.id = id_of(pack, i), .stored_bytes = 20, .plain_bytes = 4});
    index.add_pack(std::move(facts));
  }
  EXPECT_EQ(index.chunk_count(), std::size_t{kPacks} * kPackChunksMax);
  for (std::uint32_t pack = 0; pack < kPacks; ++pack)
    EXPECT_EQ(index.find(id_of(pack, 77))->at(0).ordinal, 77u);
}

TEST(ForgedChunks, AreRefused) {
  EXPECT_EQ(read_chunk_head(Bytes("\x20xxxxxxxxxx")).error().kind, ErrorKind::unsupported);
  RowCoder coder;
  const auto encoded = coder.encode("a\tb\n", {});
  EXPECT_EQ(coder.decode(encoded->bytes, {}, 5).error().kind, ErrorKind::corrupt);
  ChunkCodec codec;
  const Bytes too_long(kChunkBytesMax + 1, 'x');
  EXPECT_EQ(codec.encode(too_long, RowSet::of_text("")).error().kind, ErrorKind::invalid_input);
  EXPECT_EQ(zstd_decompress("no frame", 10, {}).error().kind, ErrorKind::corrupt);
}

}  // namespace
}  // namespace tidemark::repo
