#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "repo/limits.h"
#include "repo/pack/pack_footer.h"
#include "repo/pack/pack_reader.h"
#include "tests/support/foretold_random.h"
#include "tests/support/memory_store.h"
#include "tests/support/soak.h"

namespace tidemark::repo {
namespace {

class PackTest : public testing::Test {
 protected:
  PackEntry entry(ByteView plain, std::vector<ChunkId> bases = {}) {
    PackEntry made;
    made.id = sealer_.chunk_id(plain);
    made.plain_bytes = static_cast<std::uint32_t>(plain.size());
    made.depth = bases.empty() ? 0 : 1;
    made.bases = std::move(bases);
    return made;
  }
  BuiltPack sample() {
    PackBuilder builder(sealer_);
    builder.add(entry("first"), "encoded 1");
    builder.add(entry("second", {sealer_.chunk_id("first")}), "encoded 2");
    return builder.finish();
  }
  Result<PackFacts> read(ByteView object) { return read_pack_facts(sealer_, {}, object); }

  test::ForetoldRandom random_;
  Sealer sealer_{
      RepositoryId{}, {Secret(std::string(kRootBytes, 'r'))}, crypto::Suite::aes256_gcm, random_};
  test::MemoryStore store_;
};

TEST_F(PackTest, SaysWhatIsInIt) {
  const BuiltPack pack = sample();
  const auto facts = read(pack.object);
  ASSERT_TRUE(facts) << facts.error().message;
  EXPECT_EQ(facts->entries, pack.facts.entries);
  EXPECT_EQ(facts->bytes, pack.object.size());
  EXPECT_EQ(pack.facts.name, name_of(pack.object));
  EXPECT_EQ(place_in(*facts, 1).offset, Header::kBytes + facts->entries[0].stored_bytes);
}

TEST_F(PackTest, GivesBackEachChunk) {
  const BuiltPack pack = sample();
  ASSERT_TRUE(put_named(store_, ObjectType::pack, pack.object));
  const auto facts = fetch_pack_facts(store_, sealer_, pack.facts.name);
  ASSERT_TRUE(facts);
  EXPECT_EQ(*fetch_chunk(store_, sealer_, place_in(*facts, 0)), "encoded 1");
  EXPECT_EQ(*fetch_chunk(store_, sealer_, place_in(*facts, 1)), "encoded 2");
  std::vector<Bytes> all;
  ASSERT_TRUE(for_each_chunk(store_, sealer_, pack.facts.name,
                             [&](const ChunkPlace&, Bytes encoded) -> Status {
                               all.push_back(std::move(encoded));
                               return Done{};
                             }));
  EXPECT_EQ(all, (std::vector<Bytes>{"encoded 1", "encoded 2"}));
}

TEST_F(PackTest, AChunkDoesNotOpenInAnotherPlace) {
  const BuiltPack pack = sample();
  ASSERT_TRUE(put_named(store_, ObjectType::pack, pack.object));
  ChunkPlace place = place_in(pack.facts, 0);
  place.ordinal = 1;
  EXPECT_EQ(fetch_chunk(store_, sealer_, place).error().kind, ErrorKind::corrupt);
  place = place_in(pack.facts, 0);
  place.header = sample().facts.header;  // the same chunks in another pack
  EXPECT_EQ(fetch_chunk(store_, sealer_, place).error().kind, ErrorKind::corrupt);
}

TEST_F(PackTest, RefusesEveryTruncation) {
  const Bytes object = sample().object;
  for (std::size_t length = 0; length < object.size(); ++length)
    EXPECT_FALSE(read(object.substr(0, length))) << length;
  EXPECT_FALSE(read(object + '\0'));
}

TEST_F(PackTest, RefusesEveryFlippedBitOfHeaderIndexAndFooter) {
  const BuiltPack pack = sample();
  const std::size_t chunks_end = Header::kBytes + stored_bytes_of(pack.facts.entries);
  for (std::size_t bit = 0; bit < pack.object.size() * 8; ++bit) {
    const bool chunk = bit / 8 >= Header::kBytes && bit / 8 < chunks_end;
    Bytes flipped = pack.object;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    EXPECT_EQ(static_cast<bool>(read(flipped)), chunk) << bit;  // chunks have their own seals
  }
}

TEST_F(PackTest, IsFullAtItsTargetAndNeverTooLarge) {
  PackBuilder builder(sealer_);
  const Bytes large(4 * kMiB, 'x');
  int added = 0;
  for (; builder.room(); ++added) builder.add(entry("plain"), large);
  EXPECT_EQ(added, 4);
  EXPECT_LT(builder.finish().object.size(), kPackBytesMax);
}

TEST_F(PackTest, ManySmallChunksWithManyBasesStayWithinTheIndexLimit) {
  PackBuilder builder(sealer_);
  std::vector<ChunkId> bases(kBasesMax, sealer_.chunk_id("base"));
  while (builder.room()) builder.add(entry("plain", bases), "x");
  const BuiltPack pack = builder.finish();
  EXPECT_GT(pack.facts.entries.size(), 10'000u);
  EXPECT_TRUE(read(pack.object));
}

TEST(PackFooter, RefusesImpossibleLengths) {
  const Bytes good = encode_footer({.index_bytes = 100, .chunk_count = 1});
  EXPECT_TRUE(decode_footer(good, 1000));
  EXPECT_FALSE(decode_footer(good, 179));
  EXPECT_FALSE(decode_footer(good, kPackBytesMax + 1));
  EXPECT_FALSE(decode_footer(encode_footer({.index_bytes = 100, .chunk_count = 0}), 1000));
  EXPECT_FALSE(decode_footer(encode_footer({.index_bytes = 100, .chunk_count = 3}), 1000));
  EXPECT_FALSE(decode_footer(encode_footer({.index_bytes = 1u << 30, .chunk_count = 1}), 1000));
  for (std::size_t length = 0; length < good.size(); ++length)
    EXPECT_FALSE(decode_footer(good.substr(0, length), 1000));
}

TEST(PackEntry, IsReadBack) {
  test::check_property(200, [] {
    PackEntry entry;
    entry.id = ChunkId::from(name_of(*rc::gen::arbitrary<std::string>()).view());
    entry.stored_bytes = *rc::gen::inRange<std::uint32_t>(16, kStoredChunkBytesMax);
    entry.plain_bytes = *rc::gen::inRange<std::uint32_t>(0, kPlainChunkBytesMax);
    entry.bases.resize(*rc::gen::inRange<std::size_t>(0, kBasesMax + 1));
    entry.depth = static_cast<std::uint8_t>(
        entry.bases.empty() ? 0 : *rc::gen::inRange<int>(1, kChainMax + 1));
    Bytes bytes;
    put_entry(bytes, entry);
    FieldReader reader(bytes);
    RC_ASSERT(take_entry(reader) == entry);
    RC_ASSERT(reader.at_end());
    for (std::size_t length = 0; length < bytes.size(); ++length) {
      FieldReader cut(ByteView(bytes).substr(0, length));
      take_entry(cut);
      RC_ASSERT(!cut.good());
    }
  });
}

}  // namespace
}  // namespace tidemark::repo
