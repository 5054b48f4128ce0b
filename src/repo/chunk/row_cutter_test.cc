#include "repo/chunk/row_cutter.h"

#include <set>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "repo/chunk/content_hash.h"
#include "repo/chunk/predecessors.h"

namespace tidemark::repo {
namespace {

constexpr CutSizes kSmall{.average_bytes = 1024};

struct Cut {
  Bytes bytes;
  std::uint64_t start_mark;
  std::uint64_t end_mark;
};

std::vector<Cut> cut(ByteView table, CutSizes sizes = kSmall, std::size_t piece = 1 << 20) {
  std::vector<Cut> cuts;
  RowCutter cutter(sizes, [&](const CutChunk& chunk) -> Status {
    cuts.push_back({Bytes(chunk.bytes), chunk.start_mark, chunk.end_mark});
    return Done{};
  });
  for (std::size_t at = 0; at < table.size(); at += piece)
    EXPECT_TRUE(cutter.add(table.substr(at, piece)));
  EXPECT_TRUE(cutter.finish());
  return cuts;
}

Bytes joined(const std::vector<Cut>& cuts) {
  Bytes all;
  for (const Cut& cut : cuts) all += cut.bytes;
  return all;
}

Bytes rows(int first, int count) {
  Bytes table;
  for (int i = first; i < first + count; ++i)
    table += std::to_string(i) + "\trow number " + std::to_string(i * 7919 % 1000) + "\n";
  return table;
}

RC_GTEST_PROP(RowCutter, GivesEveryByteBackInOrder, (std::vector<std::string> pieces)) {
  Bytes table;
  for (const auto& piece : pieces) table += piece + (piece.size() % 3 == 0 ? "\n" : "\t");
  RC_ASSERT(joined(cut(table, CutSizes{.average_bytes = 16})) == table);
}

TEST(RowCutter, CutsAtTheSamePlacesHoweverTheBytesArrive) {
  const Bytes table = rows(0, 2000) + Bytes(9000, 'x') + "\n" + rows(0, 50) + Bytes(40000, 'y') +
                      "\n" + rows(7, 300);
  const auto whole = cut(table);
  for (const std::size_t piece : {1, 7, 100, 1000, 5000, 17000}) {
    const auto again = cut(table, kSmall, piece);
    ASSERT_EQ(again.size(), whole.size());
    for (std::size_t i = 0; i < whole.size(); ++i) EXPECT_EQ(again[i].bytes, whole[i].bytes);
  }
}

TEST(RowCutter, CutsOnlyAtRowEndsAndNearTheAverage) {
  const Bytes table = rows(0, 40000);
  const auto cuts = cut(table);
  for (std::size_t i = 0; i < cuts.size(); ++i) {
    EXPECT_EQ(cuts[i].bytes.back(), '\n');
    EXPECT_TRUE(i + 1 == cuts.size() || cuts[i].bytes.size() >= kSmall.least_bytes());
    EXPECT_LT(cuts[i].bytes.size(), kSmall.most_bytes() + 40);
  }
  const double average = static_cast<double>(table.size()) / static_cast<double>(cuts.size());
  EXPECT_GT(average, 900);
  EXPECT_LT(average, 1150);
}

TEST(RowCutter, FallsIntoStepAfterAnInsertion) {
  const auto before = cut(rows(0, 20000));
  std::set<Bytes> known;
  for (const Cut& chunk : before) known.insert(chunk.bytes);
  const auto after = cut(rows(0, 10000) + "99999\tan inserted row\n" + rows(10000, 10000));
  const auto fresh = std::count_if(after.begin(), after.end(),
                                   [&](const Cut& chunk) { return !known.contains(chunk.bytes); });
  EXPECT_LE(fresh, 5);
}

TEST(RowCutter, GivesALongRowAChunkOfItsOwn) {
  const Bytes longer = Bytes(kSmall.most_bytes(), 'x') + "\n";
  const auto cuts = cut(rows(0, 10) + longer + rows(10, 10));
  ASSERT_EQ(cuts.size(), 3u);
  EXPECT_EQ(cuts[0].bytes, rows(0, 10));
  EXPECT_EQ(cuts[1].bytes, longer);
  EXPECT_EQ(cuts[2].bytes, rows(10, 10));
}

TEST(RowCutter, HoldsNoMoreThanOnePieceOfARowWithoutEnd) {
  const std::size_t piece = kSmall.long_row_bytes();
  const Bytes endless(3 * piece + 5, 'x');
  const auto cuts = cut(rows(0, 3) + endless + "\n" + rows(0, 3), kSmall, 100);
  ASSERT_EQ(cuts.size(), 6u);
  for (int i = 1; i <= 3; ++i) EXPECT_EQ(cuts[static_cast<std::size_t>(i)].bytes.size(), piece);
  EXPECT_EQ(cuts[4].bytes, "xxxxx\n");
  EXPECT_EQ(cuts[5].bytes, rows(0, 3));
}

TEST(RowCutter, PassesOnTheErrorOfWhoTakesTheChunks) {
  RowCutter cutter(kSmall, [](const CutChunk&) -> Status {
    return Error{ErrorKind::exhausted, "the disk is full"};
  });
  const Status status = cutter.add(rows(0, 10000));
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().kind, ErrorKind::exhausted);
}

TEST(RowCutter, MarksEachEndByTheRowBefore) {
  const auto cuts = cut(rows(0, 1000));
  EXPECT_EQ(cuts.front().start_mark, kTableStartMark);
  for (std::size_t i = 0; i + 1 < cuts.size(); ++i) {
    const std::size_t last_row = cuts[i].bytes.rfind('\n', cuts[i].bytes.size() - 2) + 1;
    EXPECT_EQ(cuts[i].end_mark, content_hash(ByteView(cuts[i].bytes).substr(last_row)));
    EXPECT_EQ(cuts[i + 1].start_mark, cuts[i].end_mark);
  }
}

// Stored in every repository: a change would make each table new.
TEST(ContentHash, NeverChanges) {
  EXPECT_EQ(content_hash(""), 12773588949699954433u);
  EXPECT_EQ(content_hash("1\talice\n"), 10272507197604770848u);
  EXPECT_EQ(content_hash(Bytes(100, 'x')), 6684358641865133050u);
}

TEST(Predecessors, FindsTheChunkThatBeganAtTheSameRow) {
  Predecessors old({{0, 10, 100}, {10, 20, 100}, {20, 30, 100}});
  const auto range = old.find({10, 20, 100});
  EXPECT_EQ(range.first, 1u);
  EXPECT_EQ(range.count, 1u);
}

TEST(Predecessors, FollowsAChunkThatLostItsEnd) {
  Predecessors old({{0, 10, 100}, {10, 20, 100}, {20, 30, 100}});
  const auto grown = old.find({0, 20, 201});
  EXPECT_EQ(grown.first, 0u);
  EXPECT_EQ(grown.count, 2u);
}

TEST(Predecessors, StaysInTheOldChunkThatWasSplit) {
  Predecessors old({{0, 10, 100}, {10, 20, 100}, {20, 30, 100}});
  EXPECT_EQ(old.find({0, 5, 60}).first, 0u);
  EXPECT_EQ(old.find({5, 10, 60}).first, 0u);
  EXPECT_EQ(old.find({10, 20, 100}).first, 1u);
}

// A chunk of the greatest length ends at another row each day.
TEST(Predecessors, GoesOnToTheNextOldChunkWhenACutHasMoved) {
  Predecessors old({{0, 10, 400}, {10, 20, 200}, {20, 30, 100}});
  EXPECT_EQ(old.find({0, 11, 398}).count, 2u);
  const auto range = old.find({11, 20, 204});
  EXPECT_LE(range.first, 1u);
  EXPECT_EQ(range.first + range.count, 2u);
}

TEST(Predecessors, OffersTheLastChunkToRowsAddedAtTheEnd) {
  Predecessors old({{0, 10, 100}, {10, 20, 100}});
  EXPECT_EQ(old.find({10, 99, 90}).first, 1u);
  EXPECT_EQ(old.find({99, 98, 90}).first, 1u);
  EXPECT_EQ(Predecessors({}).find({0, 1, 5}).count, 0u);
}

}  // namespace
}  // namespace tidemark::repo
