#include "ops/archive_selection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tidemark::ops {
namespace {

using postgres::ArchiveEntry;
using ::testing::ElementsAre;

ArchiveEntry entry(std::int32_t id, std::string kind, std::optional<std::string> schema,
                   std::string tag, std::vector<std::string> dependencies = {},
                   std::string oid = "0") {
  ArchiveEntry made{.dump_id = id, .oid = std::move(oid), .tag = std::move(tag)};
  made.kind = std::move(kind);
  made.schema = std::move(schema);
  made.dependencies = std::move(dependencies);
  return made;
}

// Two schemas, a table in each, a key from one to the other, a large object.
Assembly sample() {
  Assembly assembly;
  assembly.archive.entries = {
      entry(1, "SCHEMA", "", "side"),
      entry(2, "COMMENT", "", "SCHEMA side", {"1"}),
      entry(3, "TABLE", "public", "orders", {}, "100"),
      entry(4, "TABLE", "side", "lines", {"1"}, "200"),
      entry(5, "BLOB", std::nullopt, "9000"),
      entry(6, "ACL", std::nullopt, "LARGE OBJECT 9000", {"5"}),
      entry(7, "TABLE DATA", "public", "orders", {"3"}, "100"),
      entry(8, "TABLE DATA", "side", "lines", {"4"}, "200"),
      entry(9, "SEQUENCE SET", "side", "s"),
      entry(10, "BLOBS", std::nullopt, "BLOBS"),
      entry(11, "INDEX", "side", "lines_of_idx", {"4"}),
      entry(12, "FK CONSTRAINT", "side", "lines lines_of_fkey", {"4", "3"}),
      entry(13, "FK CONSTRAINT", "side", "lines lines_self_fkey", {"4", "4"}),
      entry(14, "PUBLICATION TABLE", "side", "all lines", {"4"}),
      entry(15, "MATERIALIZED VIEW DATA", "public", "v"),
  };
  assembly.data.tables = {{.oid = "100", .schema = "public", .table = "orders", .name = "q.o"},
                          {.oid = "200", .schema = "side", .table = "lines", .name = "side.lines"}};
  assembly.data.sequences = {{.oid = "1", .schema = "side", .sequence = "s", .name = "side.s"}};
  assembly.data.views = {{.oid = "2", .schema = "public", .view = "v", .name = "public.v"}};
  assembly.data.large_objects = {{.oid = 9000}};
  assembly.entries = {.tables = {7, 8}, .large_objects = 10};
  return assembly;
}

std::vector<std::int32_t> ids(const postgres::CustomArchive& archive) {
  std::vector<std::int32_t> all;
  for (const ArchiveEntry& one : archive.entries) all.push_back(one.dump_id);
  return all;
}

TEST(ArchiveSelection, ASchemaComesWithAllThatIsInItAndNothingElse) {
  Assembly assembly = sample();
  const auto left_out = select_schema(assembly, "side");
  ASSERT_TRUE(left_out) << left_out.error().message;
  EXPECT_THAT(*left_out, ElementsAre("lines lines_of_fkey"));
  EXPECT_THAT(ids(assembly.archive), ElementsAre(1, 2, 4, 8, 9, 11, 13));
  ASSERT_EQ(assembly.data.tables.size(), 1u);
  EXPECT_EQ(assembly.data.tables[0].table, "lines");
  EXPECT_THAT(assembly.entries.tables, ElementsAre(8));
  EXPECT_FALSE(assembly.entries.large_objects);
  EXPECT_EQ(assembly.data.sequences.size(), 1u);
  EXPECT_TRUE(assembly.data.views.empty());
  EXPECT_TRUE(assembly.data.large_objects.empty());
  EXPECT_EQ(select_schema(assembly, "none").error().kind, ErrorKind::not_found);
}

TEST(ArchiveSelection, ATableIsFoundAsPeopleTypeItAndComesWithItsRows) {
  Assembly assembly = sample();
  for (const char* const name : {"side.lines", "Side.LINES", "\"side\".lines"})
    EXPECT_THAT(find_table(assembly, name)->tables, ElementsAre(1)) << name;
  for (const char* const name : {"lines", "side.\"Lines\"", "q.o"})
    EXPECT_EQ(find_table(assembly, name).error().kind, ErrorKind::not_found) << name;
  select_table(assembly, *find_table(assembly, "side.lines"));
  EXPECT_THAT(ids(assembly.archive), ElementsAre(4, 8));
  EXPECT_THAT(assembly.entries.tables, ElementsAre(8));
  EXPECT_EQ(assembly.data.tables.size(), 1u);
  EXPECT_TRUE(assembly.data.sequences.empty());
}

TEST(ArchiveSelection, APartitionedTableComesWithAllThatIsBelowIt) {
  Assembly assembly = sample();
  const auto attached = [&](std::int32_t id, std::string child, const std::string& parent) {
    ArchiveEntry made = entry(id, "TABLE ATTACH", "side", std::move(child));
    made.definition =
        "ALTER TABLE ONLY " + parent + " ATTACH PARTITION side.x FOR VALUES IN (1);\n";
    return made;
  };
  auto& entries = assembly.archive.entries;
  entries.insert(entries.end(), {entry(20, "TABLE", "public", "all of it", {}, "300"),
                                 entry(21, "TABLE", "side", "part", {}, "400"),
                                 attached(22, "part", "public.\"all of it\""),
                                 attached(23, "lines", "side.part")});
  const auto whole = find_table(assembly, "public.\"all of it\"");
  ASSERT_TRUE(whole);
  EXPECT_TRUE(whole->partitioned());
  EXPECT_THAT(whole->tables, ElementsAre(1));
  const auto leaf = find_table(assembly, "side.lines");
  EXPECT_FALSE(leaf->partitioned());
  Assembly alone = assembly;
  select_table(alone, *leaf);
  EXPECT_THAT(ids(alone.archive), ElementsAre(4, 8));
  select_table(assembly, *whole);
  EXPECT_THAT(ids(assembly.archive), ElementsAre(4, 8, 20, 21, 22, 23));
  EXPECT_THAT(assembly.entries.tables, ElementsAre(8));
}

TEST(ArchiveSelection, LargeObjectsCanComeAloneOrStayBehind) {
  Assembly assembly = sample();
  EXPECT_THAT(ids(only_large_objects(assembly)), ElementsAre(5, 6, 10));
  drop_large_objects(assembly);
  drop_views_data(assembly.archive);
  EXPECT_THAT(ids(assembly.archive), ElementsAre(1, 2, 3, 4, 7, 8, 9, 11, 12, 13, 14));
  EXPECT_TRUE(assembly.data.large_objects.empty());
}

}  // namespace
}  // namespace tidemark::ops
