#include "postgres/catalog/catalog.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/postgres_server.h"

namespace tidemark::postgres {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kHostile = "a\"b\n$(id); DROP--\u202e\u00e4";

std::string quoted(std::string name) {
  for (std::size_t at = 0; (at = name.find('"', at)) != std::string::npos; at += 2)
    name.insert(at, 1, '"');
  return '"' + name + '"';
}

class CatalogTest : public ::testing::Test {
 protected:
  core::ServerContents contents() {
    auto contents = read_contents(server_.options(), clock_, stop_);
    EXPECT_TRUE(contents) << contents.error().message;
    return *contents;
  }
  core::DatabaseContents database(const std::string& name) {
    for (core::DatabaseContents& one : contents().databases)
      if (one.name == name) return one;
    ADD_FAILURE() << name << " is not there";
    return {};
  }
  static std::optional<std::int64_t> rows_of(const core::DatabaseContents& database,
                                             const std::string& table) {
    for (const core::TableContents& one : database.largest)
      if (one.name == table) return one.rows;
    ADD_FAILURE() << table << " is not there";
    return -1;
  }
  Connection connect(const std::string& database = "postgres") {
    return *Connection::open(server_.options(database), clock_, stop_);
  }

  test::PostgresServer& server_ = test::PostgresServer::instance();
  StopSignal stop_;
  SystemClock clock_{stop_};
};

TEST_F(CatalogTest, SaysHowTheServerIs) {
  Connection connection = connect();
  const auto state = read_server_state(connection);
  ASSERT_TRUE(state) << state.error().message;
  EXPECT_EQ(state->version, connection.server_version());
  EXPECT_FALSE(state->in_recovery);
  EXPECT_LE(state->started, clock_.now());
  EXPECT_GT(state->started, clock_.now() - std::chrono::hours(1));
}

TEST_F(CatalogTest, CountsTheClientsOfOthersWhateverTheirDatabase) {
  Connection ours = connect();
  Connection ours_too = connect();
  const auto nobody = other_clients(ours);
  ASSERT_TRUE(nobody) << nobody.error().message;
  ConnectionOptions options = server_.options();
  options.application_name = "shop";
  options.database = "template1";
  const auto client = Connection::open(options, clock_, stop_);
  ASSERT_TRUE(client) << client.error().message;
  EXPECT_EQ(*other_clients(ours), *nobody + 1);
}

TEST_F(CatalogTest, TheSameServerHasOneIdentity) {
  Connection one = connect();
  Connection other = connect("template1");
  const ServerIdentity identity = *server_identity(one);
  EXPECT_EQ(identity, *server_identity(other));
  EXPECT_EQ(identity.certificate.size(), 64u);
  EXPECT_EQ(identity, *server_identity(server_.options(), clock_, stop_));
}

TEST_F(CatalogTest, AServerIsKnownByItsCertificateToWhomItDoesNotLetIn) {
  const ServerIdentity known = *server_identity(server_.options(), clock_, stop_);
  ConnectionOptions wrong_password = server_.options();
  wrong_password.password = Secret("changed since");
  ConnectionOptions other_name = server_.options();
  other_name.host = "orders-replaced.example";
  ConnectionOptions no_password = server_.options();
  no_password.password = Secret();
  for (const ConnectionOptions& options : {wrong_password, other_name, no_password}) {
    const auto identity = server_identity(options, clock_, stop_);
    ASSERT_TRUE(identity) << identity.error().message;
    EXPECT_EQ(identity->certificate, known.certificate);
    EXPECT_EQ(compare_servers(*identity, known), Likeness::same);
  }
  ConnectionOptions untrusted = server_.options();
  untrusted.ssl_root_cert = server_.other_authority();
  EXPECT_FALSE(server_identity(untrusted, clock_, stop_));
  ConnectionOptions nobody = server_.options();
  nobody.port = 1;
  EXPECT_FALSE(server_identity(nobody, clock_, stop_));
}

TEST(CompareServers, GoesByTheStartAndElseByTheCertificateAndElseDoesNotKnow) {
  const ServerIdentity one{.certificate = "a", .started = "10:00"};
  EXPECT_EQ(compare_servers(one, {.certificate = "b", .started = "10:00"}), Likeness::same);
  EXPECT_EQ(compare_servers(one, {.certificate = "a", .started = "10:01"}), Likeness::different);
  EXPECT_EQ(compare_servers(one, {.certificate = "a", .started = ""}), Likeness::same);
  EXPECT_EQ(compare_servers(one, {.certificate = "b", .started = ""}), Likeness::different);
  EXPECT_EQ(compare_servers(one, {}), Likeness::unknown);
  EXPECT_EQ(compare_servers({}, {}), Likeness::unknown);
}

TEST_F(CatalogTest, EstimatesFollowTheSizeAndUnknownIsNotZero) {
  server_.fresh_database("sizes");
  server_.run(
      {"CREATE TABLE public.analysed AS SELECT i FROM pg_catalog.generate_series(1, 20000) i",
       "ANALYZE public.analysed",
       "INSERT INTO public.analysed SELECT i FROM pg_catalog.generate_series(1, 20000) i",
       "CREATE TABLE public.fresh AS SELECT i FROM pg_catalog.generate_series(1, 9) i",
       "CREATE TABLE public.empty (i int)",
       "CREATE UNLOGGED TABLE public.unlogged AS SELECT 1 AS i",
       "CREATE MATERIALIZED VIEW public.view AS SELECT 1 AS i", "ANALYZE public.view",
       "CREATE EXTENSION pg_trgm SCHEMA public"},
      "sizes");
  const core::DatabaseContents sizes = database("sizes");
  EXPECT_NEAR(static_cast<double>(*rows_of(sizes, "public.analysed")), 40'000, 500);
  EXPECT_EQ(rows_of(sizes, "public.fresh"), std::nullopt);
  EXPECT_EQ(rows_of(sizes, "public.empty"), 0);
  EXPECT_EQ(rows_of(sizes, "public.view"), 1);
  EXPECT_EQ(sizes.tables, 4);
  EXPECT_EQ(sizes.tables_unknown, 1);
  EXPECT_NEAR(static_cast<double>(sizes.rows), 40'001, 500);
  EXPECT_EQ(sizes.largest[0].name, "public.analysed");
  EXPECT_TRUE(sizes.listed_whole());
  EXPECT_EQ(sizes.extensions.count("pg_trgm"), 1u);
  EXPECT_GT(sizes.bytes, 1'000'000);
}

TEST_F(CatalogTest, ReadsHostileNamesAndTheSameAgainIsNoProblem) {
  server_.fresh_database("plain");
  server_.run(
      {"DROP DATABASE IF EXISTS " + quoted(kHostile), "CREATE DATABASE " + quoted(kHostile)});
  server_.run({"CREATE SCHEMA " + quoted(kHostile),
               "CREATE TABLE " + quoted(kHostile) + "." + quoted(kHostile) + " AS SELECT 1 AS i",
               "CREATE TABLE public.\"select\" (i int)"},
              kHostile);
  const core::ServerContents all = contents();
  const core::DatabaseContents hostile = database(kHostile);
  EXPECT_EQ(rows_of(hostile, quoted(kHostile) + "." + quoted(kHostile)), std::nullopt);
  EXPECT_EQ(rows_of(hostile, "public.\"select\""), 0);
  EXPECT_EQ(std::count_if(all.databases.begin(), all.databases.end(),
                          [](const auto& one) { return one.name == "template0"; }),
            0);
  EXPECT_THAT(core::compare_contents(all, contents()), IsEmpty());
  server_.run({"DROP DATABASE " + quoted(kHostile)});
}

TEST_F(CatalogTest, ADatabaseThatIsClosedToUsIsListedAsUnread) {
  server_.fresh_database("closed");
  server_.run({"DROP ROLE IF EXISTS visitor", "CREATE ROLE visitor LOGIN PASSWORD 'secret'",
               "REVOKE CONNECT ON DATABASE closed FROM PUBLIC"});
  ConnectionOptions options = server_.options();
  options.user = "visitor";
  options.read_only = true;
  const auto contents = read_contents(options, clock_, stop_);
  ASSERT_TRUE(contents) << contents.error().message;
  const auto closed = std::find_if(contents->databases.begin(), contents->databases.end(),
                                   [](const auto& one) { return one.name == "closed"; });
  ASSERT_NE(closed, contents->databases.end());
  EXPECT_THAT(closed->unread, HasSubstr("permission denied"));
  server_.run({"DROP DATABASE closed"});
}

TEST_F(CatalogTest, ACheckPassesOnTrueAlone) {
  Connection connection = connect();
  EXPECT_TRUE(run_check(connection, "SELECT pg_catalog.count(*) > 0 FROM pg_catalog.pg_class"));
  EXPECT_TRUE(run_check(connection, "SELECT 'true'"));
  const std::pair<const char*, const char*> failing[] = {
      {"SELECT false", "check gave 'f', and true was wanted"},
      {"SELECT NULL::bool", "check gave NULL, and true was wanted"},
      {"SELECT 41", "check gave '41', and true was wanted"},
      {"SELECT E'a\\nb'", "check gave 'a b', and true was wanted"},
      {"SELECT true, true", "check gave 1 rows of 2 columns, and must give one value"},
      {"SELECT true WHERE false", "check gave 0 rows of 1 columns, and must give one value"},
      {"VALUES (true), (true)", "check gave 2 rows of 1 columns, and must give one value"},
  };
  for (const auto& [sql, message] : failing) {
    const Status status = run_check(connection, sql);
    ASSERT_FALSE(status) << sql;
    EXPECT_EQ(status.error().kind, ErrorKind::rejected);
    EXPECT_EQ(status.error().message, message);
  }
}

TEST_F(CatalogTest, ACheckCannotWriteAndHasADeadline) {
  Connection connection = connect();
  EXPECT_EQ(run_check(connection, "CREATE TABLE public.t ()").error().code, "25006");
  EXPECT_EQ(
      run_check(connection, "SELECT true FROM pg_catalog.pg_sleep(60)", Millis(50)).error().kind,
      ErrorKind::timed_out);
  const Status unnamed = run_check(connection, "SELECT true FROM orders");
  EXPECT_EQ(unnamed.error().kind, ErrorKind::not_found);
  EXPECT_THAT(unnamed.error().hint, HasSubstr("public.orders"));
  EXPECT_TRUE(run_check(connection, "SELECT true"));
}

}  // namespace
}  // namespace tidemark::postgres
