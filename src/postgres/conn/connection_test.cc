#include "postgres/conn/connection.h"

#include <cstdlib>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/postgres_server.h"

namespace tidemark::postgres {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ConnectionTest : public ::testing::Test {
 protected:
  Connection connect() { return *Connection::open(server_.options(), clock_, stop_); }
  Error failure(const ConnectionOptions& options) {
    const auto connection = Connection::open(options, clock_, stop_);
    EXPECT_FALSE(connection);
    return connection ? Error{ErrorKind::corrupt, "it connected"} : connection.error();
  }

  test::PostgresServer& server_ = test::PostgresServer::instance();
  StopSignal stop_;
  SystemClock clock_{stop_};
};

TEST_F(ConnectionTest, ParametersAreValuesAndNeverSql) {
  Connection connection = connect();
  const std::string hostile = "'; DROP TABLE x; --\n$1 \\ \"";
  const auto rows =
      connection.query("SELECT $1::text AS a, $2::int AS b, NULL AS c", {hostile, "7"});
  ASSERT_TRUE(rows) << rows.error().message;
  EXPECT_THAT(rows->columns, ElementsAre("a", "b", "c"));
  ASSERT_EQ(rows->rows.size(), 1u);
  EXPECT_THAT(rows->rows[0], ElementsAre(hostile, "7", std::nullopt));
  EXPECT_EQ(connection.server_version() / 10'000, 15);
}

TEST_F(ConnectionTest, AZeroByteIsRefused) {
  EXPECT_EQ(connect().query("SELECT $1::text", {std::string("a\0b", 3)}).error().kind,
            ErrorKind::invalid_input);
}

TEST_F(ConnectionTest, BeginsWithTheSameSettingsWhateverTheRolePrefers) {
  server_.run(
      {"DROP ROLE IF EXISTS odd", "CREATE ROLE odd LOGIN PASSWORD 'secret'",
       "ALTER ROLE odd SET datestyle = 'German'", "ALTER ROLE odd SET bytea_output = 'escape'",
       "ALTER ROLE odd SET statement_timeout = '1ms'", "ALTER ROLE odd SET search_path = 'public'",
       "ALTER ROLE odd SET timezone = 'Asia/Tokyo'"});
  ConnectionOptions options = server_.options();
  options.user = "odd";
  options.read_only = true;
  auto connection = Connection::open(options, clock_, stop_);
  ASSERT_TRUE(connection) << connection.error().message;
  const std::pair<const char*, const char*> settings[] = {
      {"search_path", "\"\""},       {"DateStyle", "ISO, YMD"},
      {"bytea_output", "hex"},       {"statement_timeout", "0"},
      {"TimeZone", "UTC"},           {"client_encoding", "UTF8"},
      {"extra_float_digits", "3"},   {"default_transaction_read_only", "on"},
      {"idle_session_timeout", "0"}, {"application_name", "tidemark"},
  };
  for (const auto& [name, value] : settings) {
    const auto found = connection->query_value("SELECT pg_catalog.current_setting($1)", {name});
    EXPECT_EQ(*found, std::string(value) == "\"\"" ? "" : value) << name;
  }
  EXPECT_EQ(connection->query("CREATE TABLE public.t ()").error().code, "25006");
}

TEST_F(ConnectionTest, AnErrorHasItsCodeAndLeavesTheConnectionUsable) {
  Connection connection = connect();
  const auto failed = connection.query("SELECT * FROM public.nothing_of_that_name");
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, ErrorKind::not_found);
  EXPECT_EQ(failed.error().code, "42P01");
  EXPECT_THAT(failed.error().message, HasSubstr("database postgres at localhost"));
  EXPECT_TRUE(connection.query("SELECT 1"));
}

TEST_F(ConnectionTest, HoldsOneStatementOnly) {
  EXPECT_EQ(connect().query("SELECT 1; SELECT 2").error().code, "42601");
}

TEST_F(ConnectionTest, TextOfTheServerHasNoControlBytes) {
  Connection connection = connect();
  const auto failed = connection.query(
      "DO $$BEGIN RAISE EXCEPTION E'a\\nb\\x1b[2J' USING ERRCODE = "
      "'P0001'; END$$");
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().message, HasSubstr("a b[2J"));
}

TEST_F(ConnectionTest, AtTheDeadlineTheServerCancels) {
  Connection connection = connect();
  const auto failed = connection.query("SELECT pg_catalog.pg_sleep(60)", {}, Millis(100));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, ErrorKind::timed_out);
  EXPECT_TRUE(connection.query("SELECT 1"));
}

TEST_F(ConnectionTest, ARequestToStopEndsAQuery) {
  Connection connection = connect();
  std::jthread stopper([this] {
    Connection other = connect();
    const std::string count =
        "SELECT pg_catalog.count(*) FROM pg_catalog.pg_stat_activity WHERE query LIKE "
        "'%pg_sleep(61)%' AND pid <> pg_catalog.pg_backend_pid()";
    while (*other.query_value(count) == "0") continue;
    stop_.request();
  });
  EXPECT_EQ(connection.query("SELECT pg_catalog.pg_sleep(61)").error().kind, ErrorKind::cancelled);
}

TEST_F(ConnectionTest, ALostConnectionIsUnavailable) {
  Connection connection = connect();
  const auto pid = connection.query_value("SELECT pg_catalog.pg_backend_pid()");
  server_.run({"SELECT pg_catalog.pg_terminate_backend(" + *pid + ", 5000)"});
  const auto failed = connection.query("SELECT 1");
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, ErrorKind::unavailable);
  EXPECT_EQ(connection.query("SELECT 1").error().kind, ErrorKind::unavailable);
}

TEST_F(ConnectionTest, RefusalsAreToldApart) {
  ConnectionOptions options = server_.options();
  options.password = Secret("canary-password");
  Error error = failure(options);
  EXPECT_EQ(error.code, "28P01");
  EXPECT_EQ(error.message.find("canary"), std::string::npos);

  options.password = Secret();
  EXPECT_THAT(failure(options).message, HasSubstr("asks user postgres for a password"));

  options = server_.options();
  options.ssl_mode = SslMode::disable;
  EXPECT_EQ(failure(options).code, "28000");

  options = server_.options("no such database");
  EXPECT_EQ(failure(options).kind, ErrorKind::not_found);

  options = server_.options();
  options.port = 1;
  EXPECT_EQ(failure(options).kind, ErrorKind::unavailable);

  options = server_.options();
  options.hostaddr.clear();
  options.host = "nothing.invalid";
  EXPECT_EQ(failure(options).kind, ErrorKind::unavailable);
}

TEST_F(ConnectionTest, ASourceOfPasswordsIsAskedForEachConnection) {
  ConnectionOptions options = server_.options();
  options.password = Secret("old");
  int asked = 0;
  options.password_source = [&]() -> Result<Secret> {
    ++asked;
    return Secret("secret");
  };
  EXPECT_TRUE(Connection::open(options, clock_, stop_));
  EXPECT_TRUE(Connection::open(options, clock_, stop_));
  EXPECT_EQ(asked, 2);
  options.password_source = []() -> Result<Secret> {
    return Error{ErrorKind::denied, "no token today"};
  };
  EXPECT_EQ(failure(options).message, "no token today");
}

TEST_F(ConnectionTest, TheCertificateMustBeGoodForTheName) {
  ConnectionOptions options = server_.options();
  options.ssl_root_cert = server_.other_authority();
  Error error = failure(options);
  EXPECT_EQ(error.kind, ErrorKind::denied);
  EXPECT_THAT(error.hint, HasSubstr(server_.other_authority()));

  options = server_.options();
  options.host = "db.example";
  error = failure(options);
  EXPECT_EQ(error.kind, ErrorKind::denied);
  EXPECT_THAT(error.message, HasSubstr("does not match host name"));

  options.ssl_mode = SslMode::verify_ca;
  EXPECT_TRUE(Connection::open(options, clock_, stop_));

  options = server_.options();
  options.ssl_root_cert = "/nonexistent/bundle.pem";
  EXPECT_EQ(failure(options).kind, ErrorKind::invalid_input);
}

TEST_F(ConnectionTest, AnswersOverTlsWithoutAPassword) {
  ConnectionOptions options = server_.options();
  const auto certificate = answers_over_tls(options, clock_, stop_);
  ASSERT_TRUE(certificate);
  EXPECT_EQ(*certificate, connect().certificate());
  options.user = "nobody_of_that_name";
  options.password = Secret();
  EXPECT_TRUE(answers_over_tls(options, clock_, stop_));

  ConnectionOptions wrong = options;
  wrong.ssl_root_cert = server_.other_authority();
  EXPECT_FALSE(answers_over_tls(wrong, clock_, stop_));
  wrong = options;
  wrong.host = "db.example";
  EXPECT_FALSE(answers_over_tls(wrong, clock_, stop_));
  wrong = options;
  wrong.port = 1;
  EXPECT_FALSE(answers_over_tls(wrong, clock_, stop_));
}

TEST_F(ConnectionTest, AServerThatIsSilentIsGivenUpAtTheDeadline) {
  const Fd silent(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  ASSERT_EQ(::bind(silent.get(), reinterpret_cast<sockaddr*>(&address), length), 0);
  ASSERT_EQ(::listen(silent.get(), 1), 0);
  ASSERT_EQ(::getsockname(silent.get(), reinterpret_cast<sockaddr*>(&address), &length), 0);
  ConnectionOptions options = server_.options();
  options.port = ntohs(address.sin_port);
  options.connect_deadline = Millis(100);
  const Error error = failure(options);
  EXPECT_EQ(error.kind, ErrorKind::unavailable);
  EXPECT_THAT(error.message, HasSubstr("did not answer within"));
}

// The variables of whoever runs the program have no say.
TEST_F(ConnectionTest, TheEnvironmentHasNoSay) {
  const std::pair<const char*, const char*> variables[] = {
      {"PGHOST", "nothing.invalid"},
      {"PGHOSTADDR", "192.0.2.1"},
      {"PGPORT", "1"},
      {"PGDATABASE", "nothing"},
      {"PGUSER", "nobody"},
      {"PGPASSWORD", "wrong"},
      {"PGSSLMODE", "disable"},
      {"PGOPTIONS", "-c role=none"},
      {"PGSSLROOTCERT", "/none"},
      {"PGCLIENTENCODING", "LATIN1"},
      {"PGTARGETSESSIONATTRS", "standby"},
      {"PGDATESTYLE", "German"},
      {"PGTZ", "Asia/Tokyo"},
      {"PGAPPNAME", "other"},
  };
  for (const auto& [name, value] : variables) ::setenv(name, value, 1);
  auto connection = Connection::open(server_.options(), clock_, stop_);
  ConnectionOptions without = server_.options();
  without.password = Secret();
  const auto unasked = Connection::open(without, clock_, stop_);
  for (const auto& [name, value] : variables) ::unsetenv(name);
  ASSERT_TRUE(connection) << connection.error().message;
  EXPECT_EQ(*connection->query_value("SELECT pg_catalog.current_setting('client_encoding')"),
            "UTF8");
  EXPECT_EQ(*connection->query_value("SELECT pg_catalog.current_setting('timezone')"), "UTC");
  ASSERT_FALSE(unasked);
  EXPECT_THAT(unasked.error().message, HasSubstr("there is none"));
}

}  // namespace
}  // namespace tidemark::postgres
