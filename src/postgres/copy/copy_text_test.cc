#include "postgres/copy/copy_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "postgres/copy/copy_in.h"
#include "postgres/copy/copy_out.h"
#include "tests/support/postgres_server.h"

namespace tidemark::postgres {
namespace {

std::vector<Row> parsed(ByteView text) {
  std::vector<Row> rows;
  const Status done = parse_copy_rows(text, [&](const Row& row) -> Status {
    rows.push_back(row);
    return Done{};
  });
  EXPECT_TRUE(done) << done.error().message;
  return rows;
}

TEST(CopyText, EveryRowOfAnyBytesGoesRound) {
  EXPECT_TRUE(rc::check("put then parse", [](std::vector<std::vector<std::string>> texts) {
    std::vector<Row> rows;
    Bytes bytes;
    for (const auto& fields : texts) {
      Row row(fields.begin(), fields.end());
      row.push_back(fields.size() % 2 == 0 ? Value() : Value("\\N\t\n"));
      put_copy_row(bytes, row);
      rows.push_back(row);
    }
    RC_ASSERT(parsed(bytes) == rows);
  }));
}

TEST(CopyText, ARowThatIsCutShortOrHasAnUnknownBackslashIsCorrupt) {
  const auto take = [](const Row&) -> Status { return Done{}; };
  for (const char* const text : {"a", "a\nb", "a\\\n", "\\x41\n", "\\Nx\n", "\\q\n"})
    EXPECT_EQ(parse_copy_rows(text, take).error().kind, ErrorKind::corrupt) << text;
}

TEST(CopyText, AServerReadsAndWritesItAlike) {
  test::PostgresServer& server = test::PostgresServer::instance();
  server.fresh_database("copy_text");
  server.run({"CREATE TABLE public.t (a text, b text)"}, "copy_text");
  StopSignal stop;
  SystemClock clock(stop);
  Connection connection = *Connection::open(server.options("copy_text"), clock, stop);
  const std::vector<Row> rows{{"\b\f\v\t\r\n\\", std::nullopt}, {"", "\\N"}, {"\\.", "\u202e"}};
  Bytes bytes;
  for (const Row& row : rows) put_copy_row(bytes, row);
  auto copy = CopyIn::begin(connection, "COPY public.t FROM STDIN");
  ASSERT_TRUE(copy->write(bytes));
  ASSERT_TRUE(copy->finish());
  const auto stored = connection.query("SELECT a, b FROM public.t");
  EXPECT_EQ(stored->rows, rows);
  Bytes back;
  ASSERT_TRUE(
      copy_out(connection, "COPY public.t TO STDOUT", {}, [&](const RowBlock& block) -> Status {
        back += block.bytes;
        return Done{};
      }));
  EXPECT_EQ(back, bytes);
  EXPECT_EQ(parsed(back), rows);
}

}  // namespace
}  // namespace tidemark::postgres
