#include "postgres/dump/roles.h"

#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/postgres_server.h"

namespace tidemark::postgres {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

// What the server's own program says, without the random words that guard each dump.
std::string by_pg_dumpall(test::PostgresServer& server) {
  std::istringstream lines(server.program({"pg_dumpall", "--roles-only", "--no-role-passwords",
                                           "--username=postgres", "--host=" + server.sockets(),
                                           fmt::format("--port={}", server.options().port)}));
  std::string kept;
  for (std::string line; std::getline(lines, line);)
    if (!line.starts_with("\\")) kept += line + "\n";
  return kept;
}

class RolesTest : public ::testing::Test {
 protected:
  void SetUp() override { TearDown(); }
  void TearDown() override {
    server_.run({"DROP ROLE IF EXISTS \"odd \"\"role\n\"", "DROP ROLE IF EXISTS team",
                 "DROP ROLE IF EXISTS plain"});
  }
  // Of those that this test made; other tests have roles of their own.
  std::vector<std::string> statements(const std::string& user) {
    ConnectionOptions options = server_.options();
    options.user = user;
    auto connection = Connection::open(options, clock_, stop_);
    CHECK(connection);
    const auto roles = read_roles(*connection);
    EXPECT_TRUE(roles) << roles.error().message;
    std::vector<std::string> mine;
    for (const RoleStatement& one : *roles)
      if (one.role == kOdd || one.role == "team" || one.role == "plain") mine.push_back(one.sql);
    return mine;
  }

  static inline const std::string kOdd = "odd \"role\n";
  test::PostgresServer& server_ = test::PostgresServer::instance();
  StopSignal stop_;
  SystemClock clock_{stop_};
};

TEST_F(RolesTest, AnyoneGetsStatementsThatMakeThemAgain) {
  server_.run(
      {"CREATE ROLE \"odd \"\"role\n\" LOGIN CREATEDB NOINHERIT CONNECTION LIMIT 3 VALID "
       "UNTIL '2030-01-01 00:00:00+00'",
       "CREATE ROLE team", "CREATE ROLE plain LOGIN PASSWORD 'secret'",
       "ALTER ROLE team SET search_path TO \"$user\", public",
       "ALTER ROLE team SET app.note TO 'it''s; one'", "ALTER ROLE team SET work_mem TO '8MB'",
       "COMMENT ON ROLE team IS 'all of ''us'", "GRANT team TO plain WITH ADMIN OPTION",
       "GRANT pg_monitor TO plain"});
  const std::string expected = by_pg_dumpall(server_);
  const auto found = statements("plain");
  EXPECT_EQ(found, statements("postgres"));
  EXPECT_THAT(found, Not(Contains(HasSubstr("secret"))));
  EXPECT_THAT(found, Contains("CREATE ROLE team"));

  server_.run({"DROP ROLE \"odd \"\"role\n\"", "DROP ROLE team", "DROP ROLE plain"});
  server_.run(found);
  EXPECT_EQ(by_pg_dumpall(server_), expected);
}

TEST(RoleStatements, TheirKindsGoRound) {
  for (const auto kind : {RoleStatementKind::role, RoleStatementKind::setting,
                          RoleStatementKind::comment, RoleStatementKind::member})
    EXPECT_EQ(*parse_role_statement_kind(word_of(kind)), kind);
  EXPECT_EQ(parse_role_statement_kind("other").error().kind, ErrorKind::corrupt);
}

}  // namespace
}  // namespace tidemark::postgres
