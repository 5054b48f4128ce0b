#include "repo/delta/difference.h"

#include <functional>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "repo/chunk/row_cutter.h"
#include "repo/codec/chunk_codec.h"
#include "repo/delta/find_script.h"
#include "tests/support/sample_table.h"

namespace tidemark::repo {
namespace {

Bytes encode(ByteView plain, const RowSet& reference) {
  const auto encoded = ChunkCodec().encode(plain, reference);
  EXPECT_TRUE(encoded);
  const auto again = ChunkCodec().decode(*encoded, reference);
  EXPECT_TRUE(again) << again.error().message;
  EXPECT_EQ(*again, plain);
  return *encoded;
}

ChunkForm form_of(ByteView encoded) { return read_chunk_head(encoded)->form; }

Bytes numbered_rows(int count) {
  Bytes text;
  for (int i = 0; i < count; ++i)
    text += std::to_string(i) + "\tname of " + std::to_string(i * 7919) + "\t100\tsome text\n";
  return text;
}

TEST(Difference, OfAnUnchangedChunkIsAFewBytes) {
  const Bytes rows = numbered_rows(1000);
  const Bytes encoded = encode(rows, RowSet::of_text(rows));
  EXPECT_EQ(form_of(encoded), ChunkForm::difference);
  EXPECT_LT(encoded.size(), 24u);
}

TEST(Difference, OfAChangedNumberIsAFewBytes) {
  const Bytes before = numbered_rows(1000);
  Bytes after = before;
  after.replace(after.find("\t100\t", 20000), 5, "\t107\t");
  EXPECT_LT(encode(after, RowSet::of_text(before)).size(), 48u);
}

TEST(Difference, OfALongTextIsWhatChangedInIt) {
  std::mt19937 random(5);
  const auto noise = [&](int size) {
    Bytes text;
    for (int i = 0; i < size; ++i) text.push_back(static_cast<char>('a' + random() % 26));
    return text;
  };
  const Bytes begin = "1\t" + noise(3000);
  const Bytes end = noise(3000) + "\n";
  const Bytes encoded = encode(begin + "new" + end, RowSet::of_text(begin + "old one" + end));
  EXPECT_EQ(form_of(encoded), ChunkForm::difference);
  EXPECT_LT(encoded.size(), 64u);
}

TEST(Difference, FindsARowThatChangedAndMoved) {
  const auto before = Grid::parse("1\ta\tx\n2\tb\tx\n3\tc\tx\n4\td\tx\n");
  const auto after = Grid::parse("1\ta\tx\n3\tc\tx\n4\td\tx\n2\tb\ty\n");
  const RowScript script = find_script(*after, *before);
  EXPECT_TRUE(script.literals.empty());
  ASSERT_EQ(script.changes.size(), 1u);
  EXPECT_EQ(script.changes[0].row, 3u);
  EXPECT_EQ(script.changes[0].reference_row, 1u);
}

Bytes rows_of(int count, const std::function<std::string(int)>& row) {
  Bytes text;
  for (int i = 0; i < count; ++i) text += row(i) + "\n";
  return text;
}

// One row changed and moved: it is found by whatever tells the rows apart.
void expect_found_again(const std::function<std::string(int)>& row) {
  Bytes before = rows_of(40, row);
  Bytes after = before;
  const std::size_t at = after.find('\n', after.size() / 2) + 1;
  const std::size_t end = after.find('\n', at) + 1;
  Bytes moved = after.substr(at, end - at);
  moved.replace(moved.size() - 2, 1, "!");
  after.erase(at, end - at);
  after += moved;
  const RowScript script = find_script(*Grid::parse(after), *Grid::parse(before));
  EXPECT_TRUE(script.literals.empty());
  EXPECT_EQ(script.changes.size(), 1u);
}

TEST(Difference, FindsTheKeyInOneColumnOrInTwo) {
  expect_found_again([](int i) { return fmt::format("{}\tx\ty\tz", i); });
  expect_found_again([](int i) { return fmt::format("{}\t{}\ty\tz", i / 7, i % 7); });
  expect_found_again([](int i) { return fmt::format("tenant\tx\t{}\tz", i); });
}

TEST(Difference, TakesRowsWithoutAnyKeyAsNewOnes) {
  const Bytes before = rows_of(40, [](int) { return "a\tb\tc\td\te\tf"; });
  const Bytes after = rows_of(40, [](int) { return "b\tb\tc\td\te\tg"; });
  EXPECT_EQ(find_script(*Grid::parse(after), *Grid::parse(before)).literals.size(), 40u);
}

TEST(Difference, GoesOnAfterManyRowsWereRemoved) {
  const Bytes before = numbered_rows(1000);
  const std::size_t from = before.find("\n100\t") + 1;
  const std::size_t to = before.find("\n900\t") + 1;
  EXPECT_LT(encode(before.substr(0, from) + before.substr(to), RowSet::of_text(before)).size(),
            32u);
}

TEST(Difference, GivesBackAnyDayAfterAnyDay) {
  EXPECT_TRUE(rc::check([](unsigned seed) {
    SampleTable table(seed);
    table.grow(*rc::gen::inRange(0, 120));
    const Bytes before = table.text();
    table.live_a_day(*rc::gen::inRange(0, 40));
    const Bytes after = table.text();
    ChunkCodec codec;
    const RowSet reference = RowSet::of_text(before);
    RC_ASSERT(*codec.decode(*codec.encode(after, reference), reference) == after);
  }));
}

TEST(Difference, GivesBackAnyBytesWithAnyReference) {
  EXPECT_TRUE(rc::check([](const std::string& noise) {
    const auto lines = [] {
      return rc::gen::container<std::string>(
          rc::gen::element('a', 'b', '1', '\t', '\n', '\\', 'N'));
    };
    const Bytes before = *lines();
    const Bytes after = *lines();
    ChunkCodec codec;
    for (const Bytes& first : {before, noise})
      for (const Bytes& second : {after, before + after, noise}) {
        RowSet reference = RowSet::of_text(first);
        reference.append(RowSet::of_text(before));
        RC_ASSERT(*codec.decode(*codec.encode(second, reference), reference) == second);
      }
  }));
}

TEST(Difference, WorksThroughAChainWithoutJoiningIt) {
  SampleTable table(11);
  table.grow(500);
  ChunkCodec codec;
  RowSet rows;
  for (int day = 0; day < 40; ++day) {
    const Bytes encoded = *codec.encode(table.text(), rows);
    rows = *codec.decode_rows(encoded, rows);
    EXPECT_EQ(*codec.join(rows, encoded), table.text());
    table.live_a_day(10);
  }
}

TEST(Difference, RefersToSeveralChunks) {
  const Bytes all = numbered_rows(3000);
  const std::size_t first_end = all.find("\n1000\t") + 1;
  const std::size_t second_end = all.find("\n2000\t") + 1;
  RowSet reference = RowSet::of_text(all.substr(0, first_end));
  reference.append(RowSet::of_text(all.substr(first_end, second_end - first_end)));
  reference.append(RowSet::of_text(all.substr(second_end)));
  const Bytes middle = all.substr(first_end - 2000, second_end - first_end + 4000);
  EXPECT_LT(encode(middle, reference).size(), 32u);
}

// A long row is cut within; then the rows of joined text are not the rows of the chunks.
TEST(Difference, IsNotMadeOverAChunkThatEndsWithinARow) {
  const Bytes rows = numbered_rows(300);
  RowSet reference = RowSet::of_text(rows.substr(0, rows.size() / 2));
  reference.append(RowSet::of_text(rows.substr(rows.size() / 2)));
  const Bytes encoded = encode(rows, reference);
  EXPECT_EQ(form_of(encoded), ChunkForm::prefixed);
}

TEST(Difference, FallsBackToThePrefixWhenTheColumnsChanged) {
  Bytes before = numbered_rows(500);
  Bytes after = before;
  for (std::size_t at = 0; (at = after.find('\n', at)) != Bytes::npos; at += 4)
    after.insert(at, "\t\\N");
  encode(after, RowSet::of_text(before));
  const Bytes text = "no table\there\n at all " + Bytes(300, 'x') + before;
  EXPECT_EQ(form_of(encode(text + "!", RowSet::of_text(text))), ChunkForm::prefixed);
}

TEST(Difference, IsRefusedWithAnotherReference) {
  SampleTable table(12);
  table.grow(100);
  const RowSet right = RowSet::of_text(table.text());
  table.live_a_day(5);
  const Bytes encoded = encode(table.text(), right);
  ASSERT_EQ(form_of(encoded), ChunkForm::difference);
  table.live_a_day(5);
  EXPECT_FALSE(ChunkCodec().decode(encoded, RowSet::of_text(table.text())));
  EXPECT_FALSE(ChunkCodec().decode(encoded));
}

TEST(Difference, RefusesEveryTruncationAndSurvivesEveryFlippedBit) {
  SampleTable table(13);
  table.grow(150);
  const RowSet reference = RowSet::of_text(table.text());
  table.live_a_day(30);
  const Bytes prefixed_text = "no table\there\n" + reference.text();
  ChunkCodec codec;
  for (const Bytes& plain : {table.text(), prefixed_text}) {
    const Bytes encoded = *codec.encode(plain, reference);
    for (std::size_t size = 0; size < encoded.size(); ++size)
      EXPECT_FALSE(codec.decode(ByteView(encoded).substr(0, size), reference));
    for (std::size_t bit = 0; bit < encoded.size() * 8; ++bit) {
      Bytes flipped = encoded;
      flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ 1 << bit % 8);
      const auto decoded = codec.decode(flipped, reference);
      EXPECT_TRUE(!decoded || *decoded == plain);
    }
  }
}

TEST(Difference, OfEqualRowsTakesTimeThatGrowsWithTheirNumber) {
  const Bytes equal(kFieldsMax / 2, '\n');
  encode(equal + "1\n" + equal.substr(1), RowSet::of_text(equal + equal));
}

}  // namespace
}  // namespace tidemark::repo
