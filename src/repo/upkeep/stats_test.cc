#include "repo/upkeep/stats.h"

#include <gtest/gtest.h>

#include "tests/support/repository_fixture.h"

namespace tidemark::repo {
namespace {

using test::RepositoryFixture;

TEST(Stats, SayWhatEachArchiveAddedToThoseBefore) {
  RepositoryFixture f;
  const auto first = *f.archive(*f.open(), f.rows(5, 1));
  const auto second = *f.archive(*f.open(), f.rows(5, 2), first.chunks);
  ASSERT_TRUE(f.archive(*f.open(), f.rows(5, 2), second.chunks));
  const auto stats = repo::stats(*f.open());
  ASSERT_TRUE(stats);
  ASSERT_EQ(stats->archives.size(), 3u);
  EXPECT_EQ(stats->archives[0].archive.name, first.name);
  EXPECT_EQ(stats->archives[0].chunks, 5u);
  EXPECT_EQ(stats->archives[0].added_chunks, 5u);
  EXPECT_EQ(stats->archives[1].added_chunks, 5u) << "differences; their bases were there";
  EXPECT_LT(stats->archives[1].added_bytes, stats->archives[0].added_bytes / 5);
  EXPECT_EQ(stats->archives[2].added_bytes, 0u);
  EXPECT_EQ(stats->plain_bytes, f.joined(f.rows(5, 1)).size() + 2 * f.joined(f.rows(5, 2)).size());
  EXPECT_EQ(stats->live_bytes, stats->archives[0].added_bytes + stats->archives[1].added_bytes);
  EXPECT_GT(stats->pack_bytes, stats->live_bytes);
  EXPECT_EQ(stats->packs, 2u);
}

TEST(Stats, CountBasesForWhomeverIsLeftToNeedThem) {
  RepositoryFixture f;
  const auto first = *f.archive(*f.open(), f.rows(5, 1));
  const auto second = *f.archive(*f.open(), f.rows(5, 2), first.chunks);
  ASSERT_TRUE(f.store.remove(key_of(ObjectType::manifest, first.name)));
  const auto stats = repo::stats(*f.open());
  ASSERT_EQ(stats->archives.size(), 1u);
  EXPECT_EQ(stats->archives[0].chunks, 5u);
  EXPECT_EQ(stats->archives[0].added_chunks, 10u);
}

TEST(Stats, PassOverWhatIsMissing) {
  RepositoryFixture f;
  ASSERT_TRUE(f.archive(*f.open(), f.rows(2, 1)));
  const auto objects = f.store.contents();
  for (const auto& [object, body] : objects)
    if (object.starts_with("index/")) {
      ASSERT_TRUE(f.store.remove(object));
    }
  EXPECT_EQ(repo::stats(*f.open())->archives[0].added_chunks, 0u);
}

}  // namespace
}  // namespace tidemark::repo
