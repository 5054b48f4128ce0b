#include "repo/codec/chunk_codec.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "tests/support/sample_table.h"

namespace tidemark::repo {
namespace {

Bytes sample(unsigned seed, int rows) {
  SampleTable table(seed);
  table.grow(rows);
  return table.text();
}

void expect_round_trip(ByteView plain, const RowSet& reference = {}) {
  ChunkCodec codec;
  const auto encoded = codec.encode(plain, reference);
  ASSERT_TRUE(encoded);
  const auto again = codec.decode(*encoded, reference);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(*again, plain);
}

ChunkForm form_of(ByteView encoded) { return read_chunk_head(encoded)->form; }

TEST(ChunkCodec, GivesBackAnyBytes) {
  EXPECT_TRUE(rc::check([](const std::string& plain) {
    ChunkCodec codec;
    RC_ASSERT(*codec.decode(*codec.encode(plain)) == plain);
  }));
}

TEST(ChunkCodec, GivesBackAnyTable) {
  EXPECT_TRUE(rc::check([] {
    const auto field = rc::gen::oneOf(
        rc::gen::element<std::string>("", "\\N", "0", "-0", "007", "-17", "1.50", "t", "f", "x",
                                      "2026-11-24", "2026-02-30", "2026-11-24 08:05:30.250+00",
                                      "2026-11-24 08:05:30.25+00", "999999999999999999999",
                                      "\\\\xdeadbeef00", "deadbeef0", "1.", ".5", "-.5", "1e5",
                                      "8c1e4f0a-0000-4000-8000-0123456789ab", "NaN", "infinity"),
        rc::gen::map(rc::gen::arbitrary<std::int64_t>(),
                     [](std::int64_t value) { return std::to_string(value); }),
        rc::gen::container<std::string>(rc::gen::element('a', 'b', '0', '1', '.', '-', '\\', 'x')));
    const auto columns = *rc::gen::inRange<std::size_t>(1, 6);
    const auto rows = *rc::gen::inRange<std::size_t>(0, 40);
    Bytes plain;
    for (std::size_t row = 0; row < rows; ++row)
      for (std::size_t column = 0; column < columns; ++column)
        plain += *field + (column + 1 == columns ? "\n" : "\t");
    if (*rc::gen::inRange(0, 4) == 0 && !plain.empty()) plain.pop_back();
    ChunkCodec codec;
    RC_ASSERT(*codec.decode(*codec.encode(plain)) == plain);
  }));
}

TEST(ChunkCodec, StoresCopyTextAsColumnsMuchSmaller) {
  const Bytes plain = sample(1, 2000);
  const Bytes encoded = *ChunkCodec().encode(plain);
  EXPECT_EQ(form_of(encoded), ChunkForm::columns);
  EXPECT_LT(encoded.size() * 5, plain.size());
  expect_round_trip(plain);
}

TEST(ChunkCodec, KeepsOddTables) {
  expect_round_trip("");
  expect_round_trip("\n");
  expect_round_trip(Bytes(5000, '\n'));  // rows of a table without columns
  expect_round_trip(Bytes(5000, '\t'));
  expect_round_trip("1\t2\n3\n");
  expect_round_trip("no end");
  expect_round_trip(Bytes(100000, '\0') + "\n");
  Bytes wide;
  for (int row = 0; row < 20; ++row) wide += Bytes(1599, '\t') + "\n";
  expect_round_trip(wide);
  expect_round_trip(Bytes(3000, '\t') + "\n" + Bytes(3000, '\t') + "\n");
  expect_round_trip(Bytes(kFieldsMax + 1, '\n'));
}

TEST(ChunkCodec, StoresAPieceOfALongValueAsTheBytesItStandsFor) {
  Bytes piece;
  std::mt19937 random(7);
  for (int i = 0; i < 100001; ++i) piece.push_back("0123456789abcdef"[random() % 16]);
  const Bytes encoded = *ChunkCodec().encode(piece);
  EXPECT_LT(encoded.size(), piece.size() / 2 + 200);
  expect_round_trip(piece);
}

TEST(ChunkCodec, StoresWhatDoesNotShrinkAsItIs) {
  std::mt19937 random(7);
  Bytes noise;
  for (int i = 0; i < 10000; ++i) noise.push_back(static_cast<char>(random()));
  const Bytes encoded = *ChunkCodec().encode(noise);
  EXPECT_EQ(form_of(encoded), ChunkForm::plain);
  EXPECT_LE(encoded.size(), noise.size() + 8);
  expect_round_trip(noise);
}

TEST(ChunkCodec, RefusesChunksAboveTheLimit) {
  EXPECT_EQ(ChunkCodec().encode(Bytes(kChunkBytesMax + 1, 'x')).error().kind,
            ErrorKind::invalid_input);
  expect_round_trip(Bytes(kChunkBytesMax, 'x'));
}

TEST(ChunkCodec, KeepsAColumnWithOneValueFarFromTheOthers) {
  // One value that is far from the others would give each of them eight planes.
  Bytes rows;
  for (int i = 0; i < 20000; ++i)
    rows += std::to_string(i % 10) + "\n" + std::to_string(i % 7) + "\n";
  rows += "999999999999999999\n-999999999999999999\n";
  expect_round_trip(rows);
}

TEST(ChunkCodec, NamesANewerFormat) {
  const auto decoded = ChunkCodec().decode("\x21zzzzzzzz");
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().kind, ErrorKind::unsupported);
}

void expect_error_or_same(ChunkCodec& codec, ByteView encoded, ByteView plain) {
  const auto decoded = codec.decode(encoded);
  if (decoded)
    EXPECT_EQ(*decoded, plain);
  else
    EXPECT_TRUE(decoded.error().kind == ErrorKind::corrupt ||
                decoded.error().kind == ErrorKind::unsupported);
}

TEST(ChunkCodec, RefusesEveryTruncationAndSurvivesEveryFlippedBit) {
  ChunkCodec codec;
  for (const Bytes& plain : {sample(3, 40), Bytes("just text, no table\n\twith a tab"),
                             Bytes(300, 'x') + "\n", Bytes("\xff\x00\x80", 3)}) {
    const Bytes encoded = *codec.encode(plain);
    for (std::size_t size = 0; size < encoded.size(); ++size)
      EXPECT_FALSE(codec.decode(ByteView(encoded).substr(0, size)));
    EXPECT_FALSE(codec.decode(encoded + "x"));
    for (std::size_t bit = 0; bit < encoded.size() * 8; ++bit) {
      Bytes flipped = encoded;
      flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ 1 << bit % 8);
      expect_error_or_same(codec, flipped, plain);
    }
  }
}

}  // namespace
}  // namespace tidemark::repo
