#include "postgres/dump/exported_snapshot.h"

#include <fmt/format.h>

namespace tidemark::postgres {
namespace {

constexpr const char* kBegin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
// A policy on a table must be an error, never fewer rows.
constexpr const char* kNoRowSecurity = "SET row_security = off";

}  // namespace

Result<ExportedSnapshot> ExportedSnapshot::take(Connection connection) {
  TRY(connection.query(kNoRowSecurity));
  TRY(connection.query(kBegin));
  std::string id = TRY(connection.query_value("SELECT pg_catalog.pg_export_snapshot()"));
  const std::string moment = TRY(connection.query_value(
      "SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"));
  const TimePoint time = TRY(parse_time(moment));
  return ExportedSnapshot(std::move(connection), std::move(id), time);
}

Status ExportedSnapshot::join(Connection& other) const {
  TRY(other.query(kNoRowSecurity));
  TRY(other.query(kBegin));
  // An id is the server's: digits, letters and hyphens. It cannot be a parameter.
  if (id_.find_first_not_of("0123456789ABCDEFabcdef-") != std::string::npos)
    return Error{ErrorKind::corrupt, "the server's snapshot has a name that cannot be"};
  TRY(other.query(fmt::format("SET TRANSACTION SNAPSHOT '{}'", id_)));
  return Done{};
}

}  // namespace tidemark::postgres
