// An archive and time: how fast it reads, how its lease lives, whose clock says when it was.
#include <atomic>

#include <gtest/gtest.h>

#include "ops/archive.h"
#include "ops/archive_reader.h"
#include "repo/lock/lease.h"
#include "tests/support/postgres_server.h"
#include "tests/support/repository_fixture.h"

namespace tidemark::ops {
namespace {

using std::chrono::minutes;

// Time that passes only by sleeping, for several threads.
class SleptClock final : public Clock {
 public:
  TimePoint now() const override { return begun + slept_.load(); }
  Millis steady() const override { return Millis(1'000'000) + slept_.load(); }
  Status sleep(Millis length) override {
    longest = std::max(longest.load(), length);
    slept_ = slept_.load() + length;
    return Done{};
  }
  Millis slept() const { return slept_; }

  // Years from the server's.
  const TimePoint begun = *parse_time("2031-05-06T07:08:09Z");
  std::atomic<Millis> longest = Millis(0);

 private:
  std::atomic<Millis> slept_ = Millis(0);
};

class ArchivePace : public ::testing::Test {
 protected:
  ArchivePace() {
    server_.fresh_database("paced");
    server_.run({"CREATE TABLE public.t AS SELECT i, pg_catalog.md5(i::text) AS x "
                 "FROM pg_catalog.generate_series(1, 200000) i"},
                "paced");
  }

  Result<ArchiveOutcome> archive(std::uint64_t bytes_per_second,
                                 OtherServer other = OtherServer::told) {
    return archive_database(server_.options("paced"), *repository_,
                            {.source = "paced",
                             .owner = "test",
                             .other_server = other,
                             .jobs = 1,
                             .read_bytes_per_second = bytes_per_second},
                            clock_, stop_);
  }

  // An archive of that name, as another server would have left it.
  void archive_elsewhere(const std::map<std::string, std::string>& facts) {
    auto writer = *repo::Writer::begin(*repository_, "test");
    ASSERT_TRUE(writer->commit({.moment = clock_.now(), .source = "paced", .facts = facts}));
  }

  std::map<std::string, std::string> facts() { return find_archive(*repository_, "paced")->facts; }

  test::PostgresServer& server_ = test::PostgresServer::instance();
  StopSignal stop_;
  SleptClock clock_;
  test::RepositoryFixture fixture_;
  std::unique_ptr<repo::Repository> repository_ = *repo::Repository::open(
      {fixture_.store, fixture_.random, clock_, fixture_.coder}, fixture_.key);
};

TEST_F(ArchivePace, ReadsAsFastAsItIsAllowedAndKeepsItsLease) {
  const std::uint64_t rate = 3'000;
  const auto made = archive(rate);
  ASSERT_TRUE(made) << made.error().message;
  const double seconds = std::chrono::duration<double>(clock_.slept()).count();
  const double least = static_cast<double>(made->total.bytes) / rate;
  const double blocks = std::chrono::duration<double>(clock_.longest.load()).count();
  // The last block is paid for by whoever comes next; a second is given in advance.
  EXPECT_GT(seconds, least - 2 * blocks - 1);
  EXPECT_LT(seconds, least + 1);
  EXPECT_GT(clock_.slept(), minutes(30)) << "longer than a lease that nobody renews";
  const auto leases = repo::read_leases(repository_->access());
  ASSERT_EQ(leases->size(), 1u);
  EXPECT_GE(leases->front().keys.size(), 5u);
  EXPECT_TRUE(leases->front().ended);
}

TEST_F(ArchivePace, SaysNothingOfARateWhenThereIsNone) {
  ASSERT_TRUE(archive(0));
  EXPECT_EQ(clock_.slept(), Millis(0));
}

TEST_F(ArchivePace, IsOfTheMomentThatOurClockSays) {
  const auto made = archive(0);
  EXPECT_EQ(made->moment, clock_.begun);
  EXPECT_EQ(find_archive(*repository_, "paced")->moment, clock_.begun);
  const auto server = parse_time(facts().at("server_moment"));
  ASSERT_TRUE(server);
  EXPECT_GT(clock_.begun - *server, std::chrono::hours(24)) << "its own clock, as a fact";
}

TEST_F(ArchivePace, TellsOrRefusesAnotherServerUnderTheSameName) {
  ASSERT_TRUE(archive(0, OtherServer::refused)->problems.empty());
  EXPECT_FALSE(facts().at("system_identifier").empty());
  EXPECT_TRUE(archive(0, OtherServer::refused)->problems.empty()) << "the same server";
  archive_elsewhere({{"system_identifier", "1234"}});
  const auto refused = archive(0, OtherServer::refused);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::conflict);
  EXPECT_NE(refused.error().message.find("1234"), std::string::npos);
  // A source whose server was replaced goes on.
  EXPECT_EQ(archive(0)->problems.size(), 1u);
  EXPECT_TRUE(archive(0)->problems.empty()) << "told once";
  archive_elsewhere({});
  EXPECT_TRUE(archive(0, OtherServer::refused)->problems.empty())
      << "of a server that tells nothing";
}

TEST_F(ArchivePace, AsksNobodyWhoMayNotKnowWhichServerItIs) {
  server_.run({"REVOKE EXECUTE ON FUNCTION pg_catalog.pg_control_system() FROM PUBLIC",
               "DROP ROLE IF EXISTS asks_little", "CREATE ROLE asks_little LOGIN PASSWORD 'secret'",
               "GRANT SELECT ON public.t TO asks_little"},
              "paced");
  auto options = server_.options("paced");
  options.user = "asks_little";
  const auto made =
      archive_database(options, *repository_, {.source = "paced", .owner = "test"}, clock_, stop_);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_FALSE(facts().contains("system_identifier"));
}

}  // namespace
}  // namespace tidemark::ops
