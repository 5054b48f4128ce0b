#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "postgres/copy/copy_in.h"
#include "postgres/copy/copy_out.h"
#include "tests/support/postgres_server.h"

namespace tidemark::postgres {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class CopyTest : public ::testing::Test {
 protected:
  void SetUp() override { server_.run({"DROP TABLE IF EXISTS public.t, public.u"}); }
  Connection connect() { return *Connection::open(server_.options(), clock_, stop_); }

  Result<CopyTotals> copy(Connection& connection, const std::string& statement,
                          std::size_t block_bytes = 100) {
    return copy_out(connection, statement, {.block_bytes = block_bytes},
                    [this](const RowBlock& block) -> Status {
                      EXPECT_EQ(block.bytes.back(), '\n');
                      text_ += block.bytes;
                      ++blocks_;
                      return Done{};
                    });
  }
  std::string count(Connection& connection, const std::string& table = "public.t") {
    return *connection.query_value("SELECT pg_catalog.count(*) FROM " + table);
  }

  test::PostgresServer& server_ = test::PostgresServer::instance();
  StopSignal stop_;
  SystemClock clock_{stop_};
  std::string text_;
  int blocks_ = 0;
};

TEST_F(CopyTest, RowsComeInBlocksOfWholeRows) {
  Connection connection = connect();
  const auto totals =
      copy(connection,
           "COPY (SELECT pg_catalog.repeat('x', 60), i FROM pg_catalog.generate_series(1, 10) "
           "i) TO STDOUT");
  ASSERT_TRUE(totals) << totals.error().message;
  EXPECT_EQ(totals->rows, 10);
  EXPECT_EQ(totals->bytes, static_cast<std::int64_t>(text_.size()));
  EXPECT_EQ(blocks_, 5);
  EXPECT_EQ(text_.substr(0, 63), std::string(60, 'x') + "\t1\n");
  EXPECT_TRUE(connection.query("SELECT 1"));
}

TEST_F(CopyTest, NoRowIsNoBlock) {
  Connection connection = connect();
  const auto totals = copy(connection, "COPY (SELECT 1 WHERE false) TO STDOUT");
  ASSERT_TRUE(totals) << totals.error().message;
  EXPECT_EQ(totals->rows, 0);
  EXPECT_EQ(blocks_, 0);
}

TEST_F(CopyTest, ARowMayBeLargerThanABlockAndHaveNoColumn) {
  Connection connection = connect();
  const auto totals = copy(connection, "COPY (SELECT pg_catalog.repeat('y', 3000000)) TO STDOUT");
  ASSERT_TRUE(totals) << totals.error().message;
  EXPECT_EQ(totals->bytes, 3'000'001);
  text_.clear();
  const auto empty =
      copy(connection, "COPY (SELECT FROM pg_catalog.generate_series(1, 3)) TO STDOUT");
  ASSERT_TRUE(empty) << empty.error().message;
  EXPECT_EQ(empty->rows, 3);
  EXPECT_EQ(text_, "\n\n\n");
}

TEST_F(CopyTest, AnErrorAfterTheFirstRowsIsNoSuccess) {
  Connection connection = connect();
  const auto totals =
      copy(connection,
           "COPY (SELECT 1 / (100000 - i) FROM pg_catalog.generate_series(1, 100000) i) TO STDOUT");
  ASSERT_FALSE(totals);
  EXPECT_EQ(totals.error().code, "22012");
  EXPECT_GT(blocks_, 0);
  EXPECT_TRUE(connection.query("SELECT 1"));
}

TEST_F(CopyTest, AFailingSinkCancelsTheCopy) {
  Connection connection = connect();
  const auto totals = copy_out(
      connection, "COPY (SELECT i FROM pg_catalog.generate_series(1, 1000000) i) TO STDOUT", {},
      [](const RowBlock&) -> Status {
        return Error{ErrorKind::exhausted, "disk full"};
      });
  ASSERT_FALSE(totals);
  EXPECT_EQ(totals.error().message, "disk full");
  EXPECT_TRUE(connection.query("SELECT 1"));
}

TEST_F(CopyTest, ASilentServerIsGivenUp) {
  Connection connection = connect();
  const auto totals = copy_out(connection, "COPY (SELECT pg_catalog.pg_sleep(60)) TO STDOUT",
                               {.silence = Millis(100)}, [](const RowBlock&) { return Done{}; });
  ASSERT_FALSE(totals);
  EXPECT_EQ(totals.error().kind, ErrorKind::timed_out);
  EXPECT_TRUE(connection.query("SELECT 1"));
}

TEST_F(CopyTest, ARequestToStopEndsIt) {
  Connection connection = connect();
  const auto totals = copy_out(
      connection, "COPY (SELECT i FROM pg_catalog.generate_series(1, 1000000) i) TO STDOUT", {},
      [this](const RowBlock&) -> Status {
        stop_.request();
        return Done{};
      });
  ASSERT_FALSE(totals);
  EXPECT_EQ(totals.error().kind, ErrorKind::cancelled);
}

TEST_F(CopyTest, AStatementThatIsNoCopyIsRefused) {
  Connection connection = connect();
  EXPECT_EQ(copy(connection, "SELECT 1").error().kind, ErrorKind::invalid_input);
  EXPECT_TRUE(connection.query("SELECT 1"));
  EXPECT_EQ(copy(connection, "COPY nothing TO STDOUT").error().code, "42P01");
  EXPECT_EQ(CopyIn::begin(connection, "SELECT 1").error().kind, ErrorKind::invalid_input);
  EXPECT_TRUE(connection.query("SELECT 1"));
  EXPECT_EQ(connection.query("COPY pg_catalog.pg_class TO STDOUT").error().kind,
            ErrorKind::invalid_input);
  EXPECT_TRUE(connection.query("SELECT 1"));
}

TEST_F(CopyTest, WhatComesOutGoesInAgain) {
  Connection connection = connect();
  server_.run(
      {"CREATE TABLE public.t AS SELECT i, E'a\\tb\\nc\\\\' || i AS x, NULL::int AS n FROM "
       "pg_catalog.generate_series(1, 50000) i",
       "CREATE TABLE public.u (LIKE public.t)"});
  ASSERT_TRUE(copy(connection, "COPY public.t TO STDOUT", 1 << 20));
  auto in = CopyIn::begin(connection, "COPY public.u FROM STDIN");
  ASSERT_TRUE(in) << in.error().message;
  for (std::size_t at = 0; at < text_.size(); at += 100'003)
    ASSERT_TRUE(in->write(ByteView(text_).substr(at, 100'003)));
  const auto rows = in->finish();
  ASSERT_TRUE(rows) << rows.error().message;
  EXPECT_EQ(*rows, 50'000);
  EXPECT_EQ(
      *connection.query_value("SELECT pg_catalog.count(*) FROM (SELECT * FROM public.t EXCEPT "
                              "SELECT * FROM public.u) AS d"),
      "0");
}

TEST_F(CopyTest, WithoutFinishNothingIsStored) {
  Connection connection = connect();
  server_.run({"CREATE TABLE public.t (i int)"});
  {
    auto in = CopyIn::begin(connection, "COPY public.t FROM STDIN");
    ASSERT_TRUE(in && in->write("1\n2\n"));
  }
  EXPECT_EQ(count(connection), "0");
  auto in = CopyIn::begin(connection, "COPY public.t FROM STDIN");
  ASSERT_TRUE(in && in->write("1\n2\n"));
  in->abort("changed our mind");
  EXPECT_EQ(count(connection), "0");
}

TEST_F(CopyTest, ABadRowStoresNothingAndIsNamedWithoutItsValue) {
  Connection connection = connect();
  server_.run({"CREATE TABLE public.t (i int)"});
  auto in = CopyIn::begin(connection, "COPY public.t FROM STDIN");
  ASSERT_TRUE(in && in->write("1\ncanary\n3\n"));
  const auto rows = in->finish();
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().code, "22P02");
  EXPECT_THAT(rows.error().message, HasSubstr("(COPY t, line 2, column i)"));
  EXPECT_EQ(count(connection), "0");
}

TEST_F(CopyTest, ALostConnectionStoresNothing) {
  Connection connection = connect();
  Connection other = connect();
  server_.run({"CREATE TABLE public.t (i int)"});
  const auto pid = connection.query_value("SELECT pg_catalog.pg_backend_pid()");
  auto in = CopyIn::begin(connection, "COPY public.t FROM STDIN");
  ASSERT_TRUE(in && in->write("1\n"));
  server_.run({"SELECT pg_catalog.pg_terminate_backend(" + *pid + ", 5000)"});
  const std::string rows(1 << 20, '\n');
  Status status = Done{};
  for (int i = 0; i < 100 && status; ++i) status = in->write(rows);
  if (status) status = in->finish() ? Status(Done{}) : Status(Error{ErrorKind::unavailable, ""});
  EXPECT_FALSE(status);
  EXPECT_EQ(count(other), "0");
}

}  // namespace
}  // namespace tidemark::postgres
