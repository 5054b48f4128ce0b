#include "ops/row_stream.h"

#include <gtest/gtest.h>

#include "tests/support/repository_fixture.h"

namespace tidemark::ops {
namespace {

// Rows of a part of a table, more than two chunks of them. One in a thousand is another every day.
Bytes rows_of(int part, int day) {
  Bytes rows;
  for (int row = 0; row < 60'000; ++row)
    rows += fmt::format("{}\t{}\t{}\n", part, row,
                        (static_cast<std::uint64_t>(row) * 2'654'435'761u +
                         static_cast<std::uint64_t>(row % 1000 == 7 ? day : 0)) *
                            40'503u);
  return rows;
}

std::vector<postgres::PageRange> ranges(std::size_t count) {
  std::vector<postgres::PageRange> made;
  for (std::size_t i = 0; i < count; ++i)
    made.push_back({static_cast<std::int64_t>(100 * i), static_cast<std::int64_t>(100 * i + 100)});
  made.back().end = std::nullopt;
  return made;
}

class RowStreamTest : public ::testing::Test {
 protected:
  struct Archived {
    repo::Stream stream;
    repo::WriterTally tally;
  };

  // Parts in this order, each in pieces.
  Archived archive(const std::vector<std::size_t>& order, int day) {
    auto writer = repo::Writer::begin(*repository_, "test");
    CHECK(writer);
    {
      RowStream stream(*repository_, **writer, yesterday_, {.name = "rows t", .meta = {}},
                       ranges(order.size()));
      for (std::size_t i = 0; i < order.size(); ++i) {
        RowPart part(stream, order[i]);
        // All of the table in as many parts as there are.
        const Bytes rows = order.size() == 1 ? rows_of(0, day) + rows_of(1, day) + rows_of(2, day)
                                             : rows_of(static_cast<int>(order[i]), day);
        for (std::size_t at = 0; at < rows.size(); at += 100'000)
          CHECK(part.add(ByteView(rows).substr(at, 100'000)));
        const auto last = part.finish(order.size() == 1 ? 180'000 : 60'000);
        EXPECT_TRUE(last) << last.error().message;
        EXPECT_EQ(*last, i + 1 == order.size());
      }
    }
    const auto name = (*writer)->commit({.moment = fixture_.clock.now(), .source = "t"});
    CHECK(name);
    const repo::Manifest manifest = *repository_->load(*name);
    yesterday_.clear();
    yesterday_.emplace("rows t", manifest.streams.at(0));
    return {manifest.streams.at(0), (*writer)->tally()};
  }

  Bytes joined(const repo::Stream& stream) {
    Bytes rows;
    const auto references = repository_->references(stream);
    CHECK(references);
    for (const repo::ChunkReference& one : *references) rows += *repository_->read_chunk(one.id);
    return rows;
  }

  test::RepositoryFixture fixture_;
  std::unique_ptr<repo::Repository> repository_ = fixture_.open();
  Yesterday yesterday_;
};

TEST_F(RowStreamTest, PartsStandInTheOrderOfTheTableWhoeverCameFirst) {
  const Archived parts = archive({2, 0, 1}, 0);
  EXPECT_EQ(joined(parts.stream), rows_of(0, 0) + rows_of(1, 0) + rows_of(2, 0));
  const Archived whole = archive({0}, 0);
  EXPECT_EQ(parts.stream.rows, 180'000u);
  EXPECT_EQ(parts.stream.rows, whole.stream.rows);
  EXPECT_EQ(parts.stream.bytes, whole.stream.bytes);
  EXPECT_EQ(parts.stream.checksum, whole.stream.checksum);
}

TEST_F(RowStreamTest, EachPartFindsItsOwnOfTheDayBefore) {
  const Archived first = archive({0, 1, 2}, 0);
  const Archived same = archive({1, 2, 0}, 0);
  EXPECT_EQ(same.tally.chunks_new, 0u);
  EXPECT_EQ(same.stream.references, first.stream.references);
  const Archived next = archive({2, 1, 0}, 1);
  EXPECT_GE(next.tally.chunks_new, 6u);
  EXPECT_EQ(next.tally.differences, next.tally.chunks_new);
  EXPECT_LT(next.tally.stored_bytes, first.tally.stored_bytes / 10);
}

TEST_F(RowStreamTest, ATableThatIsSplitFromTodayOnCostsLittle) {
  const Archived whole = archive({0}, 0);
  const Archived split = archive({0, 1, 2}, 0);
  // Beside each new beginning of a range the chunks fall into step again.
  EXPECT_LE(split.tally.differences, 6u);
  EXPECT_EQ(split.tally.differences, split.tally.chunks_new);
  EXPECT_LT(split.tally.stored_bytes, whole.tally.stored_bytes / 4);
  EXPECT_EQ(joined(split.stream), joined(whole.stream));
}

TEST_F(RowStreamTest, FewerRowsThanTheServerCountedAreAnError) {
  auto writer = repo::Writer::begin(*repository_, "test");
  RowStream stream(*repository_, **writer, yesterday_, {.name = "rows t", .meta = {}});
  RowPart part(stream, 0);
  ASSERT_TRUE(part.add("1\n2\n"));
  EXPECT_EQ(part.finish(3).error().kind, ErrorKind::corrupt);
}

}  // namespace
}  // namespace tidemark::ops
