// Rows into tables that are there: in the order of their keys, whole or of one table.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ops/archive.h"
#include "ops/archive_reader.h"
#include "ops/restore_archive.h"
#include "tests/support/postgres_server.h"
#include "tests/support/repository_fixture.h"

namespace tidemark::ops {
namespace {

using ::testing::HasSubstr;

class RestoreRows : public ::testing::Test {
 protected:
  // The definitions in both databases, the rows in the first one, and an archive of that.
  void make(const std::vector<std::string>& definitions, const std::vector<std::string>& rows) {
    for (const char* const database : {"rows", "again"}) {
      server_.fresh_database(database);
      server_.run(definitions, database);
    }
    server_.run(rows, "rows");
    const auto made = archive_database(server_.options("rows"), *repository_,
                                       {.source = "rows", .owner = "test"}, clock_, stop_);
    ASSERT_TRUE(made) << made.error().message;
  }

  Result<RestoredArchive> restore(RestoreArchiveOptions options,
                                  const std::string& user = "postgres") {
    auto connection = server_.options("again");
    connection.user = user;
    if (!options.table) options.part = RestoredPart::rows;
    return restore_archive(connection, *repository_, *find_archive(*repository_, "rows"), options,
                           clock_, stop_);
  }

  std::string ask(const std::string& question) {
    auto connection = postgres::Connection::open(server_.options("again"), clock_, stop_);
    return *connection->query_value(question);
  }

  test::PostgresServer& server_ = test::PostgresServer::instance();
  StopSignal stop_;
  SystemClock clock_{stop_};
  test::RepositoryFixture fixture_;
  std::unique_ptr<repo::Repository> repository_ = fixture_.open();
};

TEST_F(RestoreRows, GoInTheOrderOfTheirForeignKeys) {
  // The larger a table, the sooner it would go: here those that refer to others.
  make({"CREATE TABLE public.users (id int PRIMARY KEY)",
        "CREATE TABLE public.orders (id int, day int, user_id int REFERENCES public.users, "
        "PRIMARY KEY (id, day)) PARTITION BY LIST (day)",
        "CREATE TABLE public.monday PARTITION OF public.orders FOR VALUES IN (1)",
        "CREATE TABLE public.other PARTITION OF public.orders DEFAULT",
        "CREATE TABLE public.\"Lines\" (order_id int, day int, boss int, id int PRIMARY KEY, "
        "note text, FOREIGN KEY (order_id, day) REFERENCES public.orders, "
        "FOREIGN KEY (boss) REFERENCES public.\"Lines\")"},
       {"INSERT INTO public.users SELECT i FROM pg_catalog.generate_series(1, 10) i",
        "INSERT INTO public.orders SELECT i, i % 3, i % 10 + 1 FROM "
        "pg_catalog.generate_series(1, 100) i",
        "INSERT INTO public.\"Lines\" SELECT i % 100 + 1, (i % 100 + 1) % 3, 2000, i, "
        "pg_catalog.repeat('x', 100) FROM pg_catalog.generate_series(1, 2000) i"});
  const auto restored = restore({.jobs = 3, .range_bytes = 10'000});
  ASSERT_TRUE(restored) << restored.error().message;
  EXPECT_EQ(restored->total.rows, 2110u);
  EXPECT_EQ(ask("SELECT count(*) FROM public.\"Lines\""), "2000");
}

TEST_F(RestoreRows, OfTablesInACircleWantTriggersDisabled) {
  make({"CREATE TABLE public.egg (id int PRIMARY KEY, hen int)",
        "CREATE TABLE public.hen (id int PRIMARY KEY, egg int REFERENCES public.egg)",
        "ALTER TABLE public.egg ADD FOREIGN KEY (hen) REFERENCES public.hen"},
       {"INSERT INTO public.egg VALUES (1, NULL)", "INSERT INTO public.hen VALUES (1, 1)",
        "UPDATE public.egg SET hen = 1", "DROP ROLE IF EXISTS restorer",
        "CREATE ROLE restorer LOGIN PASSWORD 'secret'"});
  server_.run({"GRANT INSERT ON public.egg, public.hen TO restorer"}, "again");
  const auto refused = restore({});
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("\"public\".\"egg\""));
  EXPECT_THAT(refused.error().message, HasSubstr("\"public\".\"hen\""));
  EXPECT_THAT(refused.error().hint, HasSubstr("--disable-triggers"));
  EXPECT_EQ(ask("SELECT count(*) FROM public.egg"), "0") << "nothing was begun";
  const auto denied = restore({.disable_triggers = true}, "restorer");
  ASSERT_FALSE(denied);
  EXPECT_EQ(denied.error().kind, ErrorKind::denied);
  EXPECT_THAT(denied.error().message, HasSubstr("triggers cannot be disabled"));
  const auto restored = restore({.disable_triggers = true});
  ASSERT_TRUE(restored) << restored.error().message;
  EXPECT_EQ(ask("SELECT count(*) FROM public.egg JOIN public.hen ON hen = hen.id"), "1");
  server_.run({"DROP OWNED BY restorer"}, "again");
  server_.run({"DROP ROLE restorer"});
}

TEST_F(RestoreRows, OfAPartitionedTableComeWithItsPartitions) {
  make({"CREATE TABLE public.t (id int, day int) PARTITION BY LIST (day)",
        "CREATE TABLE public.one PARTITION OF public.t FOR VALUES IN (1)",
        "CREATE TABLE public.more PARTITION OF public.t DEFAULT PARTITION BY LIST (day)",
        "CREATE TABLE public.two PARTITION OF public.more FOR VALUES IN (2)",
        "CREATE TABLE public.rest PARTITION OF public.more DEFAULT"},
       {"INSERT INTO public.t SELECT i, i % 4 FROM pg_catalog.generate_series(1, 40) i"});
  // Other partitions than there were: the table itself says where rows go.
  server_.run(
      {"DROP TABLE public.more", "CREATE TABLE public.all_else PARTITION OF public.t DEFAULT"},
      "again");
  auto restored = restore({.table = "public.t"});
  ASSERT_TRUE(restored) << restored.error().message;
  EXPECT_EQ(restored->total.rows, 40u);
  EXPECT_EQ(restored->total.tables_done, 3u);
  EXPECT_EQ(ask("SELECT count(*) FROM public.all_else"), "30");
  restored = restore({.table = "public.t", .as = "flat"});
  ASSERT_TRUE(restored) << restored.error().message;
  EXPECT_EQ(ask("SELECT count(*) || ' ' || sum(id) FROM public.flat"), "40 820");
  EXPECT_EQ(restore({.table = "public.two", .as = "just_two"})->total.rows, 10u);
}

}  // namespace
}  // namespace tidemark::ops
