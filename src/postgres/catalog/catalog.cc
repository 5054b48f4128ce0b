#include "postgres/catalog/catalog.h"

#include <fmt/format.h>

#include "base/remote_text.h"
#include "postgres/catalog/number.h"

namespace tidemark::postgres {
namespace {

// Reading the sizes of very many tables takes a while.
constexpr Millis kListDeadline{600'000};

// Rows per page as of the last ANALYZE or VACUUM, times the pages of now: the planner's way. No
// page, no row; no such record, no number. PostgreSQL before 14 writes 0 for "never looked".
constexpr const char* kTables = R"(
WITH sized AS (
  SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname) AS name,
         c.reltuples::float8 AS reltuples, c.relpages,
         pg_catalog.pg_relation_size(c.oid)
           / pg_catalog.current_setting('block_size')::int8 AS pages
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'm') AND c.relpersistence = 'p'
    AND n.nspname NOT IN ('pg_catalog', 'information_schema')
    AND n.nspname NOT LIKE 'pg\_toast%'),
estimated AS (
  SELECT name, pages,
         CASE WHEN pages = 0 THEN 0
              WHEN relpages > 0 AND reltuples >= 0
                THEN pg_catalog.round(reltuples / relpages * pages)::int8 END AS rows
  FROM sized WHERE pages IS NOT NULL)
SELECT name, rows, pg_catalog.count(*) OVER (),
       pg_catalog.count(*) FILTER (WHERE rows IS NULL) OVER (),
       COALESCE(pg_catalog.sum(rows) OVER (), 0)::int8
FROM estimated ORDER BY pages DESC, name LIMIT $1::int8)";

Result<core::DatabaseContents> read_database(Connection& connection, const std::string& name) {
  core::DatabaseContents database{.name = name};
  const std::string bytes = TRY(connection.query_value(
      "SELECT pg_catalog.pg_database_size(pg_catalog.current_database())", {}, kListDeadline));
  database.bytes = TRY(number_in(bytes));
  const Rows extensions = TRY(
      connection.query("SELECT extname, extversion FROM pg_catalog.pg_extension ORDER BY extname"));
  for (const Row& row : extensions.rows)
    database.extensions[TRY(text_in(row[0]))] = TRY(text_in(row[1]));

  const Rows tables =
      TRY(connection.query(kTables, {std::to_string(kTablesListed)}, kListDeadline));
  for (const Row& row : tables.rows) {
    core::TableContents table{.name = TRY(text_in(row[0])), .rows = std::nullopt};
    if (row[1]) table.rows = TRY(number_in(row[1]));
    database.tables = TRY(number_in(row[2]));
    database.tables_unknown = TRY(number_in(row[3]));
    database.rows = TRY(number_in(row[4]));
    database.largest.push_back(std::move(table));
  }
  return database;
}

// The database is closed to us, or gone since it was listed; the server is not at fault.
bool is_about_the_database(const Error& error) {
  return !error.code.empty() &&
         (error.kind == ErrorKind::denied || error.kind == ErrorKind::not_found ||
          error.kind == ErrorKind::conflict);
}

TimePoint time_of(std::int64_t millis) { return TimePoint(Millis(millis)); }

}  // namespace

Result<std::string> system_identifier(Connection& connection) {
  // Asked first: a question that is denied would end the transaction that we may be in.
  const std::string allowed = TRY(connection.query_value(
      "SELECT coalesce(pg_catalog.has_function_privilege("
      "pg_catalog.to_regprocedure('pg_catalog.pg_control_system()'), 'EXECUTE'), false)"));
  if (allowed != "t") return std::string();
  return connection.query_value("SELECT system_identifier FROM pg_catalog.pg_control_system()");
}

Result<int> other_clients(Connection& connection) {
  // Of what it is, a role without pg_read_all_stats sees nothing; workers have no user, however.
  const std::string count = TRY(connection.query_value(
      "SELECT pg_catalog.count(*) FROM pg_catalog.pg_stat_activity WHERE datid IS NOT NULL AND "
      "usename IS NOT NULL AND usename <> 'rdsadmin' AND pid <> pg_catalog.pg_backend_pid() AND "
      "COALESCE(backend_type, 'client backend') = 'client backend' AND "
      "application_name IS DISTINCT FROM 'tidemark'"));
  return static_cast<int>(TRY(number_in(count)));
}

Result<ServerState> read_server_state(Connection& connection) {
  const Rows answer = TRY(connection.query(
      "SELECT pg_catalog.current_setting('server_version_num'), pg_catalog.pg_is_in_recovery(), "
      "(EXTRACT(EPOCH FROM pg_catalog.pg_postmaster_start_time()) * 1000)::int8"));
  if (answer.rows.size() != 1)
    return Error{ErrorKind::corrupt, fmt::format("{} does not say how it is", connection.name())};
  const Row& row = answer.rows[0];
  return ServerState{.version = static_cast<int>(TRY(number_in(row[0]))),
                     .in_recovery = TRY(text_in(row[1])) == "t",
                     .started = time_of(TRY(number_in(row[2])))};
}

Result<ServerIdentity> server_identity(Connection& connection) {
  return ServerIdentity{
      .certificate = connection.certificate(),
      .started = TRY(connection.query_value("SELECT pg_catalog.pg_postmaster_start_time()"))};
}

Likeness compare_servers(const ServerIdentity& one, const ServerIdentity& other) {
  if (!one.started.empty() && !other.started.empty())
    return one.started == other.started ? Likeness::same : Likeness::different;
  if (!one.certificate.empty() && !other.certificate.empty())
    return one.certificate == other.certificate ? Likeness::same : Likeness::different;
  return Likeness::unknown;
}

Result<ServerIdentity> server_identity(const ConnectionOptions& options, Clock& clock,
                                       const StopSignal& stop) {
  if (!options.password.empty() || options.password_source) {
    auto connection = Connection::open(options, clock, stop);
    if (connection) return server_identity(*connection);
    if (connection.error().kind == ErrorKind::cancelled) return std::move(connection).error();
  }
  // The name does not matter any more, and no password is shown to whoever it is.
  ConnectionOptions anybody = options;
  if (anybody.ssl_mode == SslMode::verify_full) anybody.ssl_mode = SslMode::verify_ca;
  return ServerIdentity{.certificate = TRY(answers_over_tls(anybody, clock, stop)), .started = {}};
}

Result<std::vector<std::string>> read_databases(Connection& connection) {
  const Rows answer =
      TRY(connection.query("SELECT datname FROM pg_catalog.pg_database WHERE datallowconn "
                           "AND datname NOT IN ('template0', 'rdsadmin') ORDER BY datname"));
  std::vector<std::string> names;
  for (const Row& row : answer.rows) names.push_back(TRY(text_in(row[0])));
  return names;
}

Result<core::ServerContents> read_contents(const ConnectionOptions& options, Clock& clock,
                                           const StopSignal& stop) {
  core::ServerContents contents;
  std::vector<std::string> names;
  {
    Connection first = TRY(Connection::open(options, clock, stop));
    contents.version = first.server_version();
    names = TRY(read_databases(first));
  }
  for (const std::string& name : names) {
    ConnectionOptions inside = options;
    inside.database = name;
    Result<Connection> connection = Connection::open(inside, clock, stop);
    Result<core::DatabaseContents> database =
        connection ? read_database(*connection, name)
                   : Result<core::DatabaseContents>(std::move(connection).error());
    if (database) {
      contents.databases.push_back(*std::move(database));
    } else if (is_about_the_database(database.error())) {
      contents.databases.push_back(
          core::DatabaseContents{.name = name, .unread = database.error().message});
    } else {
      return std::move(database).error();
    }
  }
  return contents;
}

Status run_check(Connection& connection, const std::string& sql, Millis deadline) {
  TRY(connection.query("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"));
  TRY(connection.query("SELECT pg_catalog.set_config('statement_timeout', $1, true)",
                       {std::to_string(deadline.count())}));
  const Result<Rows> answer = connection.query(sql, {}, deadline);
  if (!connection.lost()) {
    const Result<Rows> ended = connection.query("ROLLBACK");
    if (answer && !ended) return ended.error();
  }
  if (!answer) {
    Error error = in_context("check", answer.error());
    if (error.code == "42P01" || error.code == "42883")
      error.hint = "names need their schema here, e.g. public.orders";
    return error;
  }
  if (answer->rows.size() != 1 || answer->rows[0].size() != 1)
    return Error{ErrorKind::rejected,
                 fmt::format("check gave {} rows of {} columns, and must give one value",
                             answer->rows.size(), answer->columns.size()),
                 "write it as one SELECT of one condition, e.g. SELECT count(*) > 0 FROM t"};
  const Value& value = answer->rows[0][0];
  if (value == "t" || value == "true") return Done{};
  return Error{ErrorKind::rejected,
               fmt::format("check gave {}, and true was wanted",
                           value ? "'" + clean_remote_text(*value, 100) + "'" : "NULL")};
}

}  // namespace tidemark::postgres
