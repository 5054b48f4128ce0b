#include "ops/archive.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ops/archive_reader.h"
#include "ops/restore_archive.h"
#include "postgres/copy/copy_out.h"
#include "tests/support/postgres_server.h"
#include "tests/support/repository_fixture.h"

namespace tidemark::ops {
namespace {

using postgres::Connection;

class ArchiveTest : public ::testing::Test {
 protected:
  Result<ArchiveOutcome> archive() {
    return archive_database(server_.options("big"), *repository_,
                            {.source = "big", .owner = "test", .jobs = 3, .range_pages = 7}, clock_,
                            stop_);
  }
  Bytes copied(const std::string& database) {
    auto connection = Connection::open(server_.options(database), clock_, stop_);
    CHECK(connection);
    Bytes text;
    CHECK(copy_out(*connection, "COPY public.\"big one\" TO STDOUT", {},
                   [&](const postgres::RowBlock& block) -> Status {
                     text += block.bytes;
                     return Done{};
                   }));
    return text;
  }

  static std::vector<Bytes> sorted(const Bytes& text) {
    std::vector<Bytes> lines;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = text.find('\n', at);
      lines.push_back(text.substr(at, end - at));
      at = end + 1;
    }
    std::sort(lines.begin(), lines.end());
    return lines;
  }

  test::PostgresServer& server_ = test::PostgresServer::instance();
  StopSignal stop_;
  SystemClock clock_{stop_};
  test::RepositoryFixture fixture_;
  std::unique_ptr<repo::Repository> repository_ = fixture_.open();
};

TEST_F(ArchiveTest, LanesThatShareATableLeaveItsRowsInTheirOrder) {
  server_.fresh_database("big");
  server_.run({"CREATE TABLE public.\"big one\" AS SELECT i, pg_catalog.md5(i::text) AS x "
               "FROM pg_catalog.generate_series(1, 9000) i",
               "DELETE FROM public.\"big one\" WHERE i % 7 = 0",
               "CREATE SEQUENCE public.\"a\tb\nc\" START 5"},
              "big");
  const auto made = archive();
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->total.tables_done, 1u);
  EXPECT_EQ(made->total.rows, 7715u);
  EXPECT_EQ(made->total.done, 1.0);
  const auto found = find_archive(*repository_, "big");
  ASSERT_TRUE(found);
  const auto reader = ArchiveReader::open(*repository_, *found);
  Bytes rows;
  ASSERT_TRUE(
      reader->read_rows(*reader->find("rows public.\"big one\""), [&](ByteView bytes) -> Status {
        rows += bytes;
        return Done{};
      }));
  EXPECT_EQ(rows, copied("big"));

  server_.run({"DROP DATABASE IF EXISTS again"});
  const auto restored = restore_archive(server_.options("again"), *repository_, *found,
                                        {.create = true}, clock_, stop_);
  ASSERT_TRUE(restored) << restored.error().message;
  EXPECT_EQ(copied("again"), rows);

  server_.run({"DROP DATABASE IF EXISTS shared"});
  const auto shared =
      restore_archive(server_.options("shared"), *repository_, *found,
                      {.create = true, .jobs = 3, .range_bytes = 10'000}, clock_, stop_);
  ASSERT_TRUE(shared) << shared.error().message;
  EXPECT_EQ(shared->total.rows, 7715u);
  EXPECT_EQ(sorted(copied("shared")), sorted(rows)) << "lanes share a large table";

  const auto next = archive();
  ASSERT_TRUE(next) << next.error().message;
  EXPECT_EQ(next->tally.chunks_new, 0u) << "also the definitions are known";
}

}  // namespace
}  // namespace tidemark::ops
