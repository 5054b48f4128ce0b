#include "postgres/catalog/warm_up.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/postgres_server.h"

namespace tidemark::postgres {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class WarmUpTest : public ::testing::Test {
 protected:
  test::PostgresServer& server_ = test::PostgresServer::instance();
  StopSignal stop_;
  SystemClock clock_{stop_};
  std::vector<WarmUpProgress> seen_;
  WarmUpListener listener_ = [this](const WarmUpProgress& progress) { seen_.push_back(progress); };
};

std::int64_t reads(Connection& connection, const std::string& column) {
  CHECK(connection.query("SELECT pg_catalog.pg_stat_clear_snapshot()"));
  return std::stoll(*connection.query_value("SELECT COALESCE(pg_catalog.sum(" + column +
                                            "), 0)::int8 FROM pg_catalog.pg_statio_all_tables "
                                            "WHERE relname = 'big\"t'"));
}

TEST_F(WarmUpTest, ReadsEveryTableAndItsLargeValuesOnce) {
  server_.fresh_database("warm");
  server_.run(
      {"CREATE TABLE public.\"big\"\"t\" (i int PRIMARY KEY, \"text\"\" x\" text, b bytea)",
       "ALTER TABLE public.\"big\"\"t\" ALTER \"text\"\" x\" SET STORAGE EXTERNAL",
       "INSERT INTO public.\"big\"\"t\" SELECT i, pg_catalog.repeat('x', 5000), '\\xab' FROM "
       "pg_catalog.generate_series(1, 1000) i",
       "CREATE TABLE public.\"none\" ()", "CREATE TABLE public.part (i int) PARTITION BY LIST (i)",
       "CREATE TABLE public.leaf PARTITION OF public.part DEFAULT",
       "INSERT INTO public.part SELECT pg_catalog.generate_series(1, 5000)"},
      "warm");
  Connection watcher = *Connection::open(server_.options("warm"), clock_, stop_);
  const auto heap = [&] { return reads(watcher, "heap_blks_read + heap_blks_hit"); };
  const auto toast = [&] { return reads(watcher, "toast_blks_read + toast_blks_hit"); };
  const std::int64_t heap_before = heap();
  const std::int64_t toast_before = toast();
  ConnectionOptions options = server_.options("warm");
  options.read_only = true;
  const auto outcome = warm_up(options, {.lanes = 2}, listener_, clock_, stop_);
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_THAT(outcome->skipped, IsEmpty());
  ASSERT_FALSE(seen_.empty());
  EXPECT_EQ(seen_.back().pages_done, seen_.back().pages_total);
  EXPECT_EQ(outcome->pages, seen_.back().pages_total);
  EXPECT_GT(outcome->pages, 700);
  EXPECT_THAT(seen_, Contains(::testing::Field(&WarmUpProgress::table, "public.leaf")));
  // The counters arrive when the lanes' backends have gone.
  for (int i = 0; i < 200 && toast() == toast_before; ++i) CHECK(clock_.sleep(Millis(20)));
  EXPECT_GT(heap(), heap_before);
  EXPECT_GE(toast() - toast_before, 700);
}

TEST_F(WarmUpTest, UsesPgPrewarmWhereItIsInstalled) {
  server_.fresh_database("warm");
  server_.run({"CREATE SCHEMA \"odd schema\"", "CREATE EXTENSION pg_prewarm SCHEMA \"odd schema\"",
               "CREATE TABLE public.t (i int PRIMARY KEY)",
               "INSERT INTO public.t SELECT pg_catalog.generate_series(1, 10000)"},
              "warm");
  const auto outcome =
      warm_up(server_.options("warm"), {.lanes = 1, .indexes = true}, listener_, clock_, stop_);
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_THAT(outcome->skipped, IsEmpty());
  EXPECT_THAT(seen_, Contains(::testing::Field(&WarmUpProgress::table, "public.t_pkey")));
}

TEST_F(WarmUpTest, WhatWeMayNotReadIsSkippedAndNamed) {
  server_.fresh_database("warm");
  server_.run(
      {"DROP ROLE IF EXISTS reader", "CREATE ROLE reader LOGIN PASSWORD 'secret'",
       "CREATE TABLE public.mine AS SELECT 1 AS i", "CREATE TABLE public.open AS SELECT 1 AS i",
       "GRANT SELECT ON public.open TO reader"},
      "warm");
  ConnectionOptions options = server_.options("warm");
  options.user = "reader";
  const auto outcome = warm_up(options, {}, listener_, clock_, stop_);
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_THAT(outcome->skipped,
              Contains(AllOf(HasSubstr("public.mine"), HasSubstr("permission denied"))));
  EXPECT_EQ(seen_.back().pages_done, seen_.back().pages_total);
  server_.run({"DROP OWNED BY reader", "DROP ROLE reader"}, "warm");
}

TEST_F(WarmUpTest, EndsWhenAskedToStop) {
  server_.fresh_database("warm");
  server_.run({"CREATE TABLE public.t AS SELECT 1 AS i"}, "warm");
  stop_.request();
  EXPECT_EQ(warm_up(server_.options("warm"), {}, listener_, clock_, stop_).error().kind,
            ErrorKind::cancelled);
}

}  // namespace
}  // namespace tidemark::postgres
