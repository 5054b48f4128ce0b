#include "aws/rds/contents_tags.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace tidemark::aws::rds {
namespace {

core::ServerContents sample(int tables) {
  core::ServerContents contents{.version = 150020, .databases = {}};
  core::DatabaseContents shop{.name = "shop \"odd\" \xc3\xa9", .bytes = 1 << 30};
  shop.extensions = {{"pgcrypto", "1.3"}, {"hstore", "1.8"}};
  shop.tables = tables;
  shop.tables_unknown = 1;
  for (int i = 0; i < tables; ++i)
    shop.largest.push_back({fmt::format("public.table_{}_of_many", i * 7919 % 10007), i * 1009});
  if (!shop.largest.empty()) shop.largest.back().rows.reset();
  contents.databases = {shop, {.name = "closed", .unread = "permission denied"}};
  return contents;
}

TEST(ContentsTags, ReadBackWhatFits) {
  const auto tags = encode_contents(sample(20), kContentsTagsMax);
  ASSERT_TRUE(tags);
  const auto read = decode_contents(*tags);
  ASSERT_TRUE(read);
  EXPECT_EQ(contents_to_json(*read), contents_to_json(sample(20)));
  EXPECT_FALSE(read->databases[0].largest.back().rows.has_value());
}

TEST(ContentsTags, KeepTheLargestTablesWhenNotAllFit) {
  const auto tags = encode_contents(sample(5000), kContentsTagsMax);
  ASSERT_TRUE(tags);
  EXPECT_LE(tags->size(), kContentsTagsMax);
  const auto read = decode_contents(*tags);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->databases[0].tables, 5000);
  ASSERT_FALSE(read->databases[0].largest.empty());
  EXPECT_LT(read->databases[0].largest.size(), 300u);
  EXPECT_EQ(read->databases[0].largest.front().name, sample(1).databases[0].largest.front().name);
}

TEST(ContentsTags, AreRefusedWhenNotEvenTheDatabasesFit) {
  core::ServerContents contents = sample(0);
  for (int i = 0; i < 3000; ++i)
    contents.databases.push_back(
        {.name = fmt::format("database {} of a tenant", i * 7919 % 10007)});
  EXPECT_EQ(encode_contents(contents, 1).error().kind, ErrorKind::exhausted);
}

TEST(ContentsTags, OfWrongFormAreCorruptAndOfNoneNotFound) {
  EXPECT_EQ(decode_contents({}).error().kind, ErrorKind::not_found);
  for (const char* json :
       {"", "[]", "{}", R"({"version":"x","databases":[]})", R"({"version":1,"databases":[{}]})",
        R"({"version":1,"databases":[1]})", R"({"version":1})"})
    EXPECT_EQ(contents_from_json(json).error().kind, ErrorKind::corrupt) << json;
}

}  // namespace
}  // namespace tidemark::aws::rds
