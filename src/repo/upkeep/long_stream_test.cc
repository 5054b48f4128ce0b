// Streams of so many chunks that the manifest names lists of them: all upkeep follows the lists.
#include <gtest/gtest.h>

#include "repo/upkeep/check.h"
#include "repo/upkeep/live_set.h"
#include "repo/upkeep/prune.h"
#include "repo/upkeep/repair.h"
#include "tests/support/repository_fixture.h"

namespace tidemark::repo {
namespace {

using std::chrono::hours;
using test::RepositoryFixture;

constexpr int kChunks = 3 * static_cast<int>(kInlineReferencesMax);

class LongStream : public testing::Test, public RepositoryFixture {
 protected:
  LongStream() {
    first_ = *archive(*open(), many(0));
    clock.advance(hours(24));
    second_ = *archive(*open(), many(1));
    clock.advance(hours(24));
  }
  // Chunks of a row each; on another day one in sixteen is another.
  static std::vector<Bytes> many(int day) {
    std::vector<Bytes> rows;
    for (int row = 0; row < kChunks; ++row)
      rows.push_back(fmt::format("{}\t{}\n", row, row % 16 == 0 ? day : 0));
    return rows;
  }
  // The list chunks of an archive.
  std::vector<ChunkReference> lists(const Archived& archived) {
    return open()->load(archived.name)->streams.at(0).references;
  }

  Archived first_;
  Archived second_;
};

TEST_F(LongStream, IsNamedByListsAndComesBack) {
  EXPECT_EQ(open()->load(first_.name)->streams.at(0).level, 1);
  EXPECT_LT(lists(first_).size(), kInlineReferencesMax);
  EXPECT_EQ(*restored(first_.name), joined(many(0)));
  EXPECT_TRUE(check(*open())->sound());
  EXPECT_GT(check(*open())->chunks, static_cast<std::uint64_t>(kChunks));
}

TEST_F(LongStream, ThatIsForgottenTakesItsListsAndLeavesTheRest) {
  const PruneOptions at_once{.grace = Millis(0), .repack_live_share = 0, .owner = "test"};
  auto repository = open();
  const auto plan = plan_prune(*repository, {first_.name}, at_once);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->drop.size(), 1u) << "the pack of its lists; that of its rows stays";
  ASSERT_TRUE(apply_prune(*repository, *plan, at_once));
  EXPECT_EQ(*restored(second_.name), joined(many(1)));
  EXPECT_TRUE(check(*open())->sound());
}

TEST_F(LongStream, LacksWhatItsListsNameAndNobodyHas) {
  const auto place = open()->index().find(first_.chunks[1].id);
  ASSERT_TRUE(store.remove(key_of(ObjectType::pack, place->front().pack)));
  const auto report = check(*open());
  EXPECT_EQ(report->damaged.at(first_.name).at("public.orders"),
            static_cast<std::uint64_t>(kChunks));
  EXPECT_GT(report->damaged.at(second_.name).at("public.orders"), 0u);
}

TEST_F(LongStream, WhoseListIsDamagedLacksIt) {
  const auto place = open()->index().find(lists(first_)[0].id)->front();
  const std::string pack = key_of(ObjectType::pack, place.pack);
  Bytes body = *store.get(pack);
  body[place.offset] = static_cast<char>(body[place.offset] ^ 1);
  store.overwrite(pack, body);
  EXPECT_EQ(check(*open())->damaged.at(first_.name).at("public.orders"), lists(first_).size());
}

TEST_F(LongStream, WhoseListIsNoListIsAFinding) {
  Manifest manifest = *open()->load(second_.name);
  manifest.previous = {second_.name};
  manifest.streams.at(0).references = {second_.chunks[0]};  // rows
  ASSERT_TRUE(open()->access().put(ObjectType::manifest, *encode_manifest(manifest)));
  const auto report = check(*open());
  EXPECT_FALSE(report->findings.empty());
  EXPECT_EQ(report->damaged.size(), 1u);
}

TEST(LiveSetOfMany, KnowsEachOfThem) {
  LiveSet live;
  const auto id_of = [](std::uint32_t number) {
    ChunkId id;
    std::memcpy(id.bytes.data(), &number, sizeof number);
    id.bytes[7] = static_cast<char>(number * 31);
    return id;
  };
  constexpr std::uint32_t kMany = 200'000;
  for (std::uint32_t i = 0; i < kMany; ++i) ASSERT_TRUE(live.add(id_of(i)));
  EXPECT_FALSE(live.add(id_of(17)));
  EXPECT_EQ(live.size(), kMany);
  for (std::uint32_t i = 0; i < kMany; i += 997) EXPECT_TRUE(live.contains(id_of(i)));
  EXPECT_FALSE(live.contains(id_of(kMany)));
}

}  // namespace
}  // namespace tidemark::repo
