#include "ops/row_checksum.h"

#include <algorithm>
#include <random>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace tidemark::ops {
namespace {

std::vector<Bytes> sample_rows() {
  std::vector<Bytes> rows;
  for (int i = 0; i < 200; ++i) rows.push_back(fmt::format("{}\tname {}\t\\N\n", i, i % 7));
  rows.push_back("\n");  // of a table without columns
  return rows;
}

RowChecksum checksum_of(const std::vector<Bytes>& rows) {
  RowChecksum checksum;
  for (const Bytes& row : rows) checksum.add(row);
  return checksum;
}

TEST(RowChecksum, DoesNotDependOnTheOrderOfRowsOrOnHowTheyAreCut) {
  std::vector<Bytes> rows = sample_rows();
  const auto digest = checksum_of(rows).digest();
  std::mt19937 chance(7);
  std::shuffle(rows.begin(), rows.end(), chance);
  EXPECT_EQ(checksum_of(rows).digest(), digest);
  Bytes all;
  for (const Bytes& row : rows) all += row;
  RowChecksum pieces;
  for (std::size_t at = 0; at < all.size();) {
    const std::size_t length = 1 + chance() % 40;
    pieces.add(ByteView(all).substr(at, length));
    at += length;
  }
  EXPECT_EQ(pieces.digest(), digest);
  EXPECT_EQ(pieces.rows(), rows.size());
}

TEST(RowChecksum, DiffersWhenARowIsChangedLackingOrThereTwice) {
  const std::vector<Bytes> rows = sample_rows();
  const auto digest = checksum_of(rows).digest();
  std::vector<Bytes> changed = rows;
  changed[3][0] = '9';
  EXPECT_NE(checksum_of(changed).digest(), digest);
  std::vector<Bytes> lacking(rows.begin() + 1, rows.end());
  EXPECT_NE(checksum_of(lacking).digest(), digest);
  std::vector<Bytes> twice = rows;
  twice.push_back(rows.front());
  EXPECT_NE(checksum_of(twice).digest(), digest);
  std::vector<Bytes> twin = rows;  // a pair does not cancel itself out
  twin.insert(twin.end(), 2, "x\n");
  EXPECT_NE(checksum_of(twin).digest(), digest);
}

TEST(RowChecksum, OfNoRowsIsZero) {
  EXPECT_EQ(RowChecksum().digest(), (std::array<char, 32>{}));
  EXPECT_EQ(RowChecksum().rows(), 0u);
}

}  // namespace
}  // namespace tidemark::ops
