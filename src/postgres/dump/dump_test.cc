#include <algorithm>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "postgres/copy/copy_out.h"
#include "postgres/dump/definitions.h"
#include "postgres/dump/large_objects.h"
#include "postgres/dump/snapshot.h"
#include "postgres/dump/tables.h"
#include "tests/support/postgres_server.h"

namespace tidemark::postgres {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class DumpTest : public ::testing::Test {
 protected:
  void SetUp() override { server_.fresh_database("dump"); }

  ConnectionOptions options(std::string user = "postgres") {
    ConnectionOptions options = server_.options("dump");
    options.read_only = true;
    options.user = std::move(user);
    return options;
  }
  Snapshot take() {
    auto snapshot = Snapshot::take(options(), clock_, stop_);
    EXPECT_TRUE(snapshot) << snapshot.error().message;
    return *std::move(snapshot);
  }
  void run(const std::vector<std::string>& statements) { server_.run(statements, "dump"); }

  std::string copied(Connection& connection, const TableToCopy& table, const PageRange& range) {
    std::string text;
    const auto totals = copy_out(connection, copy_out_statement(table, range), {},
                                 [&](const RowBlock& block) -> Status {
                                   text += block.bytes;
                                   return Done{};
                                 });
    EXPECT_TRUE(totals) << totals.error().message;
    return text;
  }
  static const TableToCopy& named(const std::vector<TableToCopy>& tables, const std::string& name) {
    const auto at = std::find_if(tables.begin(), tables.end(),
                                 [&](const TableToCopy& table) { return table.table == name; });
    CHECK(at != tables.end());
    return *at;
  }

  test::PostgresServer& server_ = test::PostgresServer::instance();
  StopSignal stop_;
  SystemClock clock_{stop_};
};

TEST_F(DumpTest, LanesSeeTheMomentOfTheSnapshot) {
  run({"CREATE TABLE public.t AS SELECT 1 AS i"});
  Snapshot snapshot = take();
  run({"INSERT INTO public.t VALUES (2)"});
  auto lane = snapshot.join(options(), clock_, stop_);
  ASSERT_TRUE(lane) << lane.error().message;
  EXPECT_EQ(*lane->query_value("SELECT pg_catalog.count(*) FROM public.t"), "1");
  EXPECT_FALSE(lane->query("INSERT INTO public.t VALUES (3)"));
  EXPECT_TRUE(snapshot.still_held());
}

TEST_F(DumpTest, ALostLeaderIsNoticed) {
  Snapshot snapshot = take();
  const auto pid = snapshot.connection().query_value("SELECT pg_catalog.pg_backend_pid()");
  server_.run({"SELECT pg_catalog.pg_terminate_backend(" + *pid + ", 5000)"});
  EXPECT_EQ(snapshot.still_held().error().kind, ErrorKind::unavailable);
  EXPECT_FALSE(snapshot.join(options(), clock_, stop_));
}

TEST_F(DumpTest, ATruncatedTableIsAConflictInsteadOfAnEmptyCopy) {
  run({"CREATE TABLE public.t AS SELECT 1 AS i", "CREATE TABLE public.u AS SELECT 1 AS i"});
  Snapshot snapshot = take();
  const auto tables = read_tables(snapshot.connection());
  ASSERT_TRUE(tables) << tables.error().message;
  run({"TRUNCATE public.u"});
  const Status locked = snapshot.lock(*tables);
  ASSERT_FALSE(locked);
  EXPECT_EQ(locked.error().kind, ErrorKind::conflict);
  EXPECT_THAT(locked.error().message, HasSubstr("public.u"));
}

TEST_F(DumpTest, LockedTablesCannotBeRewritten) {
  run({"CREATE TABLE public.t AS SELECT 1 AS i"});
  Snapshot snapshot = take();
  const auto tables = read_tables(snapshot.connection());
  ASSERT_TRUE(snapshot.lock(*tables));
  Connection other = *Connection::open(server_.options("dump"), clock_, stop_);
  ASSERT_TRUE(other.query("SELECT pg_catalog.set_config('lock_timeout', '50ms', false)"));
  EXPECT_EQ(other.query("TRUNCATE public.t").error().code, "55P03");
}

TEST_F(DumpTest, ListsWhatHoldsRows) {
  run(
      {"CREATE TABLE public.plain (i int, g int GENERATED ALWAYS AS (i + 1) STORED, \"a\"\"b\" "
       "text)",
       "ALTER TABLE public.plain ADD gone int", "ALTER TABLE public.plain DROP gone",
       "CREATE TABLE public.none ()", "CREATE UNLOGGED TABLE public.unlogged (i int)",
       "CREATE TABLE public.part (i int) PARTITION BY LIST (i)",
       "CREATE TABLE public.leaf PARTITION OF public.part DEFAULT",
       "CREATE TABLE public.child () INHERITS (public.plain)",
       "CREATE VIEW public.v AS SELECT 1 AS i",
       "CREATE MATERIALIZED VIEW public.m AS SELECT 1 AS i",
       "CREATE EXTENSION file_fdw SCHEMA public",
       "CREATE SERVER files FOREIGN DATA WRAPPER file_fdw",
       "CREATE FOREIGN TABLE public.f (i text) SERVER files OPTIONS (filename '/dev/null')"});
  Connection connection = *Connection::open(options(), clock_, stop_);
  const auto tables = read_tables(connection);
  ASSERT_TRUE(tables) << tables.error().message;
  std::vector<std::string> names;
  for (const TableToCopy& table : *tables) names.push_back(table.table);
  std::sort(names.begin(), names.end());
  EXPECT_THAT(names, ElementsAre("child", "leaf", "none", "plain", "unlogged"));
  const TableToCopy& plain = named(*tables, "plain");
  EXPECT_EQ(plain.columns, "i, \"a\"\"b\"");
  EXPECT_EQ(plain.name, "public.plain");
  EXPECT_EQ(copy_out_statement(plain, {}), "COPY public.plain (i, \"a\"\"b\") TO STDOUT");
  EXPECT_EQ(copy_out_statement(named(*tables, "none"), {}), "COPY public.\"none\" TO STDOUT");
}

TEST_F(DumpTest, OfAnExtensionOnlyTheRowsThatItDeclares) {
  run({"CREATE EXTENSION pg_trgm SCHEMA public", "CREATE TABLE public.inner AS SELECT 1 AS i",
       "CREATE TABLE public.settings AS SELECT i FROM pg_catalog.generate_series(1, 5) i",
       "ALTER EXTENSION pg_trgm ADD TABLE public.inner",
       "ALTER EXTENSION pg_trgm ADD TABLE public.settings", "SET allow_system_table_mods = on",
       "UPDATE pg_catalog.pg_extension SET extconfig = ARRAY['public.settings'::regclass::oid], "
       "extcondition = ARRAY['WHERE i > 3'] WHERE extname = 'pg_trgm'"});
  Connection connection = *Connection::open(options(), clock_, stop_);
  const auto tables = read_tables(connection);
  ASSERT_TRUE(tables) << tables.error().message;
  ASSERT_EQ(tables->size(), 1u);
  EXPECT_EQ(tables->at(0).table, "settings");
  EXPECT_EQ(tables->at(0).extension, "pg_trgm");
  EXPECT_EQ(copied(connection, tables->at(0), {}), "4\n5\n");
}

TEST_F(DumpTest, RangesOfPagesAreTheWholeTableInItsOrder) {
  run(
      {"CREATE TABLE public.t AS SELECT i, pg_catalog.repeat('x', 100) AS x FROM "
       "pg_catalog.generate_series(1, 2000) i",
       "DELETE FROM public.t WHERE i % 7 = 0"});
  Connection connection = *Connection::open(options(), clock_, stop_);
  const auto tables = read_tables(connection);
  const TableToCopy& table = named(*tables, "t");
  const auto ranges = split_by_pages(table, 7, connection.server_version());
  ASSERT_GT(ranges.size(), 3u);
  std::string joined;
  for (const PageRange& range : ranges) joined += copied(connection, table, range);
  EXPECT_EQ(joined, copied(connection, table, {}));
}

TEST(SplitByPages, SmallTablesAndOldServersAreNotSplit) {
  const auto ranges = [](std::int64_t pages, int version) {
    return split_by_pages(TableToCopy{.columns = "i", .pages = pages}, 10, version).size();
  };
  EXPECT_EQ(ranges(0, 150'000), 1u);
  EXPECT_EQ(ranges(10, 150'000), 1u);
  EXPECT_EQ(ranges(11, 150'000), 2u);
  EXPECT_EQ(ranges(1000, 150'000), 100u);
  EXPECT_EQ(ranges(1000, 130'000), 1u);
  EXPECT_EQ(split_by_pages({.pages = 1000}, 10, 150'000).size(), 1u) << "it has no columns";
  EXPECT_EQ(split_by_pages({.columns = "i", .pages = 1000, .is_heap = false}, 10, 150'000).size(),
            1u);
}

TEST_F(DumpTest, RowSecurityIsAnErrorAndNeverFewerRows) {
  run({"DROP ROLE IF EXISTS watched", "CREATE ROLE watched LOGIN PASSWORD 'secret'",
       "CREATE TABLE public.t AS SELECT 1 AS i", "GRANT SELECT ON public.t TO watched",
       "ALTER TABLE public.t ENABLE ROW LEVEL SECURITY"});
  auto snapshot = Snapshot::take(options("watched"), clock_, stop_);
  ASSERT_TRUE(snapshot) << snapshot.error().message;
  auto lane = snapshot->join(options("watched"), clock_, stop_);
  ASSERT_TRUE(lane);
  const auto totals =
      copy_out(*lane, "COPY public.t TO STDOUT", {}, [](const RowBlock&) { return Done{}; });
  ASSERT_FALSE(totals);
  EXPECT_EQ(totals.error().kind, ErrorKind::denied);
  EXPECT_THAT(totals.error().message, HasSubstr("row-level security"));
  run({"DROP OWNED BY watched", "DROP ROLE watched"});
}

TEST_F(DumpTest, SequencesHaveTheirValues) {
  std::vector<std::string> statements{"CREATE SEQUENCE public.\"s\"\"1\" START 7",
                                      "CREATE TABLE public.t (i int GENERATED ALWAYS AS IDENTITY)",
                                      "INSERT INTO public.t DEFAULT VALUES",
                                      "INSERT INTO public.t DEFAULT VALUES"};
  for (int i = 0; i < 150; ++i)
    statements.push_back(fmt::format("CREATE SEQUENCE public.many_{} START {}", i, i + 1));
  run(statements);
  Connection connection = *Connection::open(options(), clock_, stop_);
  const auto sequences = read_sequences(connection);
  ASSERT_TRUE(sequences) << sequences.error().message;
  ASSERT_EQ(sequences->size(), 152u);
  for (const SequenceToCopy& sequence : *sequences) {
    if (sequence.sequence == "s\"1") {
      EXPECT_EQ(sequence.last_value, "7");
      EXPECT_FALSE(sequence.is_called);
    } else if (sequence.sequence == "t_i_seq") {
      EXPECT_EQ(sequence.last_value, "2");
      EXPECT_TRUE(sequence.is_called);
    } else {
      EXPECT_EQ("many_" + std::to_string(std::stoi(sequence.last_value) - 1), sequence.sequence);
    }
  }
}

TEST_F(DumpTest, ViewsAreRefreshedInTheOrderOfTheirNeeds) {
  run({"CREATE TABLE public.t AS SELECT 1 AS i",
       "CREATE MATERIALIZED VIEW public.first AS SELECT * FROM public.t",
       "CREATE VIEW public.between AS SELECT * FROM public.first",
       "CREATE MATERIALIZED VIEW public.third AS SELECT * FROM public.between",
       "CREATE MATERIALIZED VIEW public.empty AS SELECT * FROM public.t WITH NO DATA",
       "CREATE MATERIALIZED VIEW public.second AS SELECT * FROM public.t",
       "CREATE OR REPLACE VIEW public.between AS SELECT f.i FROM public.first f, public.second s"});
  Connection connection = *Connection::open(options(), clock_, stop_);
  const auto views = read_views_to_refresh(connection);
  ASSERT_TRUE(views) << views.error().message;
  std::vector<std::string> names;
  for (const ViewToRefresh& view : *views) names.push_back(view.view);
  EXPECT_THAT(names, ElementsAre("first", "second", "third"));
}

TEST_F(DumpTest, LargeObjectsComeInPiecesWithTheirRights) {
  const std::string big(600'000, 'z');
  run({"DROP ROLE IF EXISTS lo_reader", "CREATE ROLE lo_reader",
       "SELECT pg_catalog.lo_from_bytea(1001, '\\x00ff0a')",
       "SELECT pg_catalog.lo_from_bytea(1002, '')",
       "SELECT pg_catalog.lo_from_bytea(1003, pg_catalog.convert_to(pg_catalog.repeat('z', "
       "600000), "
       "'UTF8'))",
       "GRANT SELECT ON LARGE OBJECT 1001 TO lo_reader",
       "COMMENT ON LARGE OBJECT 1001 IS 'it''s one'"});
  Connection connection = *Connection::open(options(), clock_, stop_);
  const auto objects = read_large_objects(connection, 0);
  ASSERT_TRUE(objects) << objects.error().message;
  ASSERT_EQ(objects->size(), 3u);
  EXPECT_EQ(objects->at(0).owner, "postgres");
  EXPECT_EQ(objects->at(0).comment, "it's one");
  EXPECT_THAT(objects->at(0).grants,
              HasSubstr("GRANT SELECT ON LARGE OBJECT 1001 TO lo_reader;\n"));
  EXPECT_EQ(objects->at(1).grants, "");
  EXPECT_THAT(*read_large_objects(connection, 1003), IsEmpty());

  std::map<std::uint32_t, std::string> contents;
  std::vector<std::uint32_t> ended;
  const Status copied =
      copy_large_objects(connection, *objects, [&](std::uint32_t oid, ByteView piece) -> Status {
        contents[oid] += piece;
        if (piece.empty()) ended.push_back(oid);
        return Done{};
      });
  ASSERT_TRUE(copied) << copied.error().message;
  EXPECT_EQ(contents[1001], std::string("\0\xff\n", 3));
  EXPECT_EQ(contents[1002], "");
  EXPECT_EQ(contents[1003], big);
  EXPECT_THAT(ended, ElementsAre(1001, 1002, 1003));
  run({"SELECT pg_catalog.lo_unlink(oid) FROM pg_catalog.pg_largeobject_metadata",
       "DROP ROLE lo_reader"});
}

TEST(DecodeBytea, TakesHexadecimalAlone) {
  EXPECT_EQ(*decode_bytea("\\x00ff0a"), std::string("\0\xff\n", 3));
  EXPECT_EQ(*decode_bytea("\\x"), "");
  for (const char* const text : {"", "x", "\\x0", "\\xzz", "00ff", "\\XFF"})
    EXPECT_EQ(decode_bytea(text).error().kind, ErrorKind::corrupt) << text;
}

TEST_F(DumpTest, DefinitionsAreOfTheSnapshotsMomentAndNoPasswordIsShown) {
  run({"CREATE TABLE public.before (i int)"});
  Snapshot snapshot = take();
  run({"CREATE TABLE public.after (i int)"});
  const auto programs = find_client_programs(snapshot.connection().server_version());
  ASSERT_TRUE(programs) << programs.error().message;
  EXPECT_EQ(programs->major, 15);
  const auto definitions = dump_definitions(*programs, options(), snapshot, clock_, stop_);
  ASSERT_TRUE(definitions) << definitions.error().message;
  EXPECT_EQ(definitions->substr(0, 5), "PGDMP");
  EXPECT_THAT(*definitions, HasSubstr("CREATE TABLE public.before"));
  EXPECT_EQ(definitions->find("public.after"), std::string::npos);
}

TEST_F(DumpTest, AFailureOfAProgramIsItsErrorLine) {
  Snapshot snapshot = take();
  const auto programs = find_client_programs(150'000);
  ConnectionOptions wrong = options();
  wrong.password = Secret("canary:pass\\word");
  auto failed = dump_definitions(*programs, wrong, snapshot, clock_, stop_);
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().message, HasSubstr("pg_dump ended with 1: pg_dump: error: "));
  EXPECT_EQ(failed.error().message.find("canary"), std::string::npos);
  wrong = options();
  wrong.database = "a=b'c\\";
  failed = dump_definitions(*programs, wrong, snapshot, clock_, stop_);
  EXPECT_THAT(failed.error().message, HasSubstr("database \"a=b'c\\\" does not exist"));
  wrong.password = Secret("two\nlines");
  EXPECT_EQ(dump_definitions(*programs, wrong, snapshot, clock_, stop_).error().kind,
            ErrorKind::invalid_input);
}

TEST(ClientPrograms, FitTheServerOrAreRefused) {
  std::string root = "/tmp/tidemark-programs-XXXXXX";
  ASSERT_NE(::mkdtemp(root.data()), nullptr);
  EXPECT_EQ(find_client_programs(150'020, root).error().kind, ErrorKind::not_found);
  for (const char* const major : {"13", "15", "17", "other"}) {
    std::filesystem::create_directories(root + "/" + major + "/bin");
    std::ofstream(root + "/" + major + "/bin/pg_dump") << "";
  }
  EXPECT_EQ(find_client_programs(120'000, root)->major, 13);
  EXPECT_EQ(find_client_programs(150'020, root)->major, 15);
  EXPECT_EQ(find_client_programs(160'001, root)->major, 17);
  const auto refused = find_client_programs(180'001, root);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::unsupported);
  EXPECT_THAT(refused.error().message, HasSubstr("PostgreSQL 18"));
  EXPECT_THAT(refused.error().hint, HasSubstr("postgresql-client-18"));
  EXPECT_EQ(find_restore_programs(160'001, root)->major, 17);
  EXPECT_EQ(find_restore_programs(180'001, root)->major, 17) << "a newer server is no obstacle";
  std::filesystem::remove_all(root);
}

TEST(ClientPrograms, AFolderThatWasNamedIsAskedForItsVersion) {
  StopSignal stop;
  SystemClock clock(stop);
  const std::string folder = "/usr/lib/postgresql/15/bin";
  EXPECT_EQ(client_programs_in(folder, 150'020, clock, stop)->major, 15);
  EXPECT_EQ(client_programs_in(folder, 160'000, clock, stop).error().kind, ErrorKind::unsupported);
  EXPECT_EQ(client_programs_in("/nonexistent", 150'000, clock, stop).error().kind,
            ErrorKind::not_found);
}

}  // namespace
}  // namespace tidemark::postgres
