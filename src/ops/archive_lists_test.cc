#include "ops/archive_lists.h"

#include <gtest/gtest.h>

namespace tidemark::ops {
namespace {

const std::string kHostile = "a\tb\n\\N \"x\"\r$(id)\u202e";

TEST(ArchiveLists, HostileNamesGoRound) {
  const std::vector<postgres::TableToCopy> tables{
      {.oid = "1", .schema = kHostile, .table = "t", .name = "q.t", .columns = "", .owner = "o"},
      {.oid = "2",
       .schema = "s",
       .table = kHostile,
       .name = "n",
       .columns = kHostile,
       .condition = "WHERE x",
       .extension = "e",
       .owner = kHostile}};
  const auto again = decode_tables(encode_tables(tables));
  ASSERT_TRUE(again) << again.error().message;
  ASSERT_EQ(again->size(), 2u);
  EXPECT_EQ(again->at(0).schema, kHostile);
  EXPECT_EQ(again->at(0).columns, "");
  EXPECT_EQ(again->at(1).columns, kHostile);
  EXPECT_EQ(again->at(1).extension, "e");
  EXPECT_EQ(again->at(1).condition, "WHERE x");
  EXPECT_EQ(encode_tables(*again), encode_tables(tables));

  const std::vector<postgres::SequenceToCopy> sequences{
      {"1", kHostile, "s", "q", kHostile, "-9223372036854775808", true}};
  EXPECT_EQ(encode_sequences(*decode_sequences(encode_sequences(sequences))),
            encode_sequences(sequences));
  const std::vector<postgres::ViewToRefresh> views{{"1", kHostile, "v", "q", kHostile}};
  EXPECT_EQ(encode_views(*decode_views(encode_views(views))), encode_views(views));
  const std::vector<postgres::RoleStatement> roles{
      {postgres::RoleStatementKind::role, kHostile, "CREATE ROLE x"},
      {postgres::RoleStatementKind::member, "b", kHostile}};
  EXPECT_EQ(encode_roles(*decode_roles(encode_roles(roles))), encode_roles(roles));
  const std::vector<postgres::LargeObject> objects{{4'294'967'295, kHostile, "", kHostile},
                                                   {1, "o", kHostile, std::nullopt}};
  const auto same = decode_large_objects(encode_large_objects(objects));
  ASSERT_TRUE(same) << same.error().message;
  EXPECT_EQ(same->at(0).comment, kHostile);
  EXPECT_EQ(same->at(1).comment, std::nullopt);
  EXPECT_EQ(encode_large_objects(*same), encode_large_objects(objects));
}

TEST(ArchiveLists, PiecesOfLargeObjectsGoRound) {
  const Bytes row = encode_piece(7, 262'144, ByteView("\0\xff\n\\", 4));
  const auto piece = decode_piece(ByteView(row).substr(0, row.size() - 1));
  ASSERT_TRUE(piece) << piece.error().message;
  EXPECT_EQ(piece->oid, 7u);
  EXPECT_EQ(piece->offset, 262'144u);
  EXPECT_EQ(piece->bytes, Bytes("\0\xff\n\\", 4));
}

TEST(ArchiveLists, WhatIsNotSuchAListIsCorrupt) {
  EXPECT_EQ(decode_tables("1\tb\n").error().kind, ErrorKind::corrupt);
  EXPECT_EQ(decode_tables("\\N\tb\tc\td\te\tf\tg\th\n").error().kind, ErrorKind::corrupt);
  EXPECT_EQ(decode_sequences("1\ta\tb\tc\td\t1);DROP\tt\n").error().kind, ErrorKind::corrupt);
  EXPECT_EQ(decode_roles("other\tb\tc\n").error().kind, ErrorKind::corrupt);
  EXPECT_EQ(decode_views("1\n").error().kind, ErrorKind::corrupt);
  EXPECT_EQ(decode_large_objects("0\to\t\\N\t\\N\n").error().kind, ErrorKind::corrupt);
  EXPECT_EQ(decode_large_objects("4294967296\to\t\\N\t\\N\n").error().kind, ErrorKind::corrupt);
  for (const char* const row : {"1\t0", "1\t-1\t\\\\x", "1\t0\tx", "1\t0\t\\N"})
    EXPECT_EQ(decode_piece(row).error().kind, ErrorKind::corrupt) << row;
}

}  // namespace
}  // namespace tidemark::ops
