#include "ops/restore_target.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/remote_text.h"
#include "postgres/dump/quoted_name.h"

namespace tidemark::ops {
namespace {

constexpr Millis kCreateDeadline{600'000};
constexpr std::string_view kMaintenanceDatabase = "postgres";

// What somebody made: neither the system nor an extension. Types of tables go with their tables.
constexpr const char* kContents = R"(
SELECT kind, name FROM (
  SELECT 'pg_catalog.pg_class'::pg_catalog.regclass AS class, c.oid, 'relation' AS kind,
         c.relnamespace AS space, c.oid::pg_catalog.regclass::text AS name
    FROM pg_catalog.pg_class c WHERE c.relpersistence <> 't' AND c.relkind <> 't'
  UNION ALL
  SELECT 'pg_catalog.pg_proc'::pg_catalog.regclass, p.oid, 'function', p.pronamespace,
         p.oid::pg_catalog.regprocedure::text FROM pg_catalog.pg_proc p
  UNION ALL
  SELECT 'pg_catalog.pg_type'::pg_catalog.regclass, t.oid, 'type', t.typnamespace,
         t.oid::pg_catalog.regtype::text
    FROM pg_catalog.pg_type t WHERE t.typtype IN ('d', 'e', 'r')) things
JOIN pg_catalog.pg_namespace n ON n.oid = things.space
WHERE n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
  AND ($1::text IS NULL OR n.nspname = $1)
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                  WHERE d.classid = things.class AND d.objid = things.oid AND d.deptype = 'e')
ORDER BY kind DESC, name LIMIT 1)";

}  // namespace

Status create_database(const postgres::ConnectionOptions& connection,
                       const postgres::CustomArchive& archive, Clock& clock,
                       const StopSignal& stop) {
  const auto entry =
      std::find_if(archive.entries.begin(), archive.entries.end(),
                   [](const postgres::ArchiveEntry& one) { return one.kind == "DATABASE"; });
  std::string statement = fmt::format("CREATE DATABASE {} TEMPLATE template0",
                                      postgres::quote_name(connection.database));
  if (entry != archive.entries.end())
    statement =
        TRY(postgres::define_database_as(entry->definition.value_or(""), connection.database));
  postgres::ConnectionOptions maintenance = connection;
  maintenance.database = kMaintenanceDatabase;
  auto server = TRY(postgres::Connection::open(maintenance, clock, stop));
  const auto made = server.query(statement, {}, kCreateDeadline);
  if (made) return Done{};
  Error error =
      in_context(fmt::format("cannot create database {}", clean_remote_text(connection.database)),
                 made.error());
  error.hint = error.kind == ErrorKind::already_exists
                   ? "restore into it without --create, if it is empty"
                   : "create it by yourself, and restore into it without --create";
  return error;
}

Status require_empty(postgres::Connection& connection, const std::optional<std::string>& schema) {
  const auto found = TRY(connection.query(kContents, {schema}));
  if (found.rows.empty()) return Done{};
  return Error{ErrorKind::unsafe,
               fmt::format("{} is not empty: it has {} {}", connection.name(),
                           found.rows[0][0].value_or("?"),
                           clean_remote_text(found.rows[0][1].value_or("?"))),
               "--create makes a new one; --data-only adds rows to tables that are there"};
}

}  // namespace tidemark::ops
