#include "repo/index/chunk_index.h"

#include <filesystem>

#include <gtest/gtest.h>

#include "crypto/hash.h"
#include "repo/limits.h"
#include "repo/pack/pack_footer.h"
#include "tests/support/faulty_store.h"
#include "tests/support/foretold_random.h"
#include "tests/support/manual_clock.h"
#include "tests/support/memory_store.h"

namespace tidemark::repo {
namespace {

class ChunkIndexTest : public testing::Test {
 protected:
  // A pack of that many chunks, as an index sees it. Chunk n of pack p has the id of "p/n".
  static PackFacts pack(int number, int chunks, std::uint8_t depth = 0) {
    PackFacts facts;
    facts.name = name_of(fmt::format("pack {}", number));
    facts.header.type = ObjectType::pack;
    facts.bytes = Header::kBytes + crypto::kAeadTagBytes + PackFooter::kBytes;
    for (int i = 0; i < chunks; ++i) {
      PackEntry entry;
      entry.id = id(number, i);
      entry.stored_bytes = 100;
      entry.plain_bytes = 1000;
      entry.depth = depth;
      if (depth > 0) entry.bases.push_back(id(999, 999));
      facts.bytes += static_cast<std::uint32_t>(100 + kPackEntryBytesMin + entry.bases.size() * 32);
      facts.entries.push_back(entry);
    }
    return facts;
  }
  static ChunkId id(int pack, int chunk) {
    return ChunkId::from(crypto::sha256(fmt::format("{}/{}", pack, chunk)));
  }
  Access access(storage::ObjectStore& store) {
    return Access{.store = store,
                  .random = random_,
                  .clock = clock_,
                  .sealer = Sealer(RepositoryId{}, {Secret(std::string(kRootBytes, 'r'))},
                                   crypto::Suite::aes256_gcm, random_),
                  .ring = {}};
  }

  test::ManualClock clock_{"2026-11-22T02:00:00Z"};
  test::ForetoldRandom random_;
  test::MemoryStore store_;
  Access access_ = access(store_);
};

TEST_F(ChunkIndexTest, FindsWhatWasAddedAndWhatWasStored) {
  ChunkIndex index(access_);
  index.add_pack(pack(1, 3));
  EXPECT_EQ(index.find(id(1, 2))->at(0).offset, Header::kBytes + 200);
  ASSERT_TRUE(index.flush());
  EXPECT_EQ(index.find(id(1, 2))->at(0).pack, name_of("pack 1"));
  EXPECT_TRUE(index.find(id(2, 0))->empty());
  ChunkIndex again(access_);
  ASSERT_TRUE(again.refresh());
  EXPECT_EQ(again.find(id(1, 0))->at(0).entry, pack(1, 3).entries[0]);
  EXPECT_EQ(again.chunk_count(), 3u);
  EXPECT_EQ((*again.pack(name_of("pack 1")))->entries, pack(1, 3).entries);
}

TEST_F(ChunkIndexTest, GivesTheShallowestPlaceFirst) {
  ChunkIndex index(access_);
  PackFacts deep = pack(1, 1, 5);
  PackFacts whole = pack(2, 1);
  whole.entries[0].id = deep.entries[0].id;
  index.add_pack(deep);
  index.add_pack(whole);
  const auto places = index.find(id(1, 0));
  ASSERT_EQ(places->size(), 2u);
  EXPECT_EQ(places->at(0).pack, whole.name);
}

TEST_F(ChunkIndexTest, OnlyGrows) {
  ChunkIndex first(access_);
  first.add_pack(pack(1, 2));
  ASSERT_TRUE(first.flush());
  ChunkIndex second(access_);
  ASSERT_TRUE(second.refresh());
  test::FaultyStore hiding(store_);
  for (const auto& [key, body] : store_.contents()) hiding.hide_from_list(key);
  second.add_pack(pack(2, 2));
  ASSERT_TRUE(second.flush());
  ASSERT_TRUE(second.refresh());
  EXPECT_EQ(second.find(id(1, 1))->size(), 1u);
  EXPECT_EQ(second.find(id(2, 1))->size(), 1u);
}

TEST_F(ChunkIndexTest, FollowsARewriteAndForgetsWhatWasTakenOut) {
  ChunkIndex writer(access_);
  writer.add_pack(pack(1, 2));
  writer.add_pack(pack(2, 2));
  ASSERT_TRUE(writer.flush());
  ChunkIndex reader(access_);
  ASSERT_TRUE(reader.refresh());
  // A prune drops pack 1: new object first, then the old one goes.
  Bytes kept;
  put_section(kept, pack(2, 2));
  const auto old = reader.objects().at(0);
  ASSERT_TRUE(access_.put(ObjectType::index, kept));
  ASSERT_TRUE(store_.remove(key_of(ObjectType::index, old)));
  EXPECT_EQ(reader.find(id(2, 1))->size(), 1u);
  EXPECT_TRUE(reader.find(id(1, 1))->empty());
}

TEST_F(ChunkIndexTest, ADamagedObjectIsNamedAndTheOthersAreRead) {
  ChunkIndex writer(access_);
  writer.add_pack(pack(1, 2));
  ASSERT_TRUE(writer.flush());
  const std::string damaged = store_.contents().begin()->first;
  writer.add_pack(pack(2, 2));
  ASSERT_TRUE(writer.flush());
  store_.overwrite(damaged, "garbage");
  ChunkIndex reader(access_);
  ASSERT_TRUE(reader.refresh());
  EXPECT_EQ(reader.damaged().size(), 1u);
  EXPECT_EQ(reader.find(id(2, 1))->size(), 1u);
}

TEST_F(ChunkIndexTest, ACacheSavesReadingAndIsNeverTrusted) {
  const auto folder =
      std::filesystem::temp_directory_path() / fmt::format("tidemark-cache-{}", ::getpid());
  std::filesystem::create_directory(folder);
  const ObjectCache cache(folder.string());
  test::FaultyStore counting(store_);
  Access cached = access(counting);
  cached.cache = &cache;
  ChunkIndex writer(cached);
  writer.add_pack(pack(1, 2));
  ASSERT_TRUE(writer.flush());
  ChunkIndex reader(cached);
  ASSERT_TRUE(reader.refresh());
  EXPECT_EQ(counting.count(test::StoreAct::get), 0);
  for (const auto& file : std::filesystem::directory_iterator(folder))
    std::filesystem::resize_file(file.path(), 50);
  ChunkIndex wary(cached);
  ASSERT_TRUE(wary.refresh());
  EXPECT_EQ(counting.count(test::StoreAct::get), 1);
  EXPECT_EQ(wary.find(id(1, 1))->size(), 1u);
  std::filesystem::remove_all(folder);
}

TEST_F(ChunkIndexTest, TenMillionChunksFitInto256MiB) {
  // A two-hundredth of them, measured; what a chunk takes does not grow with their number.
  ChunkIndex index(access_);
  constexpr int kPacks = 250;
  for (int i = 0; i < kPacks; ++i) {
    index.add_pack(pack(i, 400));
    if (i % 50 == 49) {
      ASSERT_TRUE(index.flush());
    }
  }
  const std::size_t chunks = index.chunk_count();
  EXPECT_EQ(chunks, 100'000u);
  // The unsorted tail is of constant size.
  const double tail = 65'536.0 * 64;
  const double each = (static_cast<double>(index.memory_bytes()) - tail) / 65'536;
  EXPECT_LT(each * 10e6 + tail, 256.0 * kMiB);
  for (int i = 0; i < kPacks; i += 17) EXPECT_EQ(index.find(id(i, 399))->size(), 1u);
}

TEST(IndexObject, RefusesTruncationsAndLies) {
  PackFacts facts;
  facts.name = name_of("p");
  facts.header.type = ObjectType::pack;
  PackEntry entry;
  entry.stored_bytes = 20;
  facts.entries = {entry};
  facts.bytes =
      Header::kBytes + 20 + kPackEntryBytesMin + crypto::kAeadTagBytes + PackFooter::kBytes;
  Bytes payload;
  put_section(payload, facts);
  const RepositoryId repository;
  ASSERT_TRUE(decode_index(payload, repository));
  EXPECT_EQ(decode_index(payload, repository)->at(0).pack.entries, facts.entries);
  EXPECT_TRUE(decode_index(payload + payload, repository));
  EXPECT_TRUE(decode_index("", repository)->empty());
  for (std::size_t length = 1; length < payload.size(); ++length)
    EXPECT_FALSE(decode_index(payload.substr(0, length), repository)) << length;
  EXPECT_FALSE(decode_section(payload, static_cast<std::uint32_t>(payload.size() + 1), repository));
  Bytes lie = payload;
  lie[69] = static_cast<char>(lie[69] ^ 1);  // the pack's size
  EXPECT_FALSE(decode_index(lie, repository));
}

}  // namespace
}  // namespace tidemark::repo
