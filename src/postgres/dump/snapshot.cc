#include "postgres/dump/snapshot.h"

#include <algorithm>

#include <fmt/format.h>

namespace tidemark::postgres {
namespace {

constexpr const char* kBegin = "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY";
constexpr std::size_t kLockedAtOnce = 500;  // tables named in one statement

// It stands in a statement as a literal, so it must be what PostgreSQL makes:
// "00000003-0000001B-1".
bool is_snapshot_id(const std::string& id) {
  return !id.empty() && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || c == '-';
  });
}

}  // namespace

Result<Snapshot> Snapshot::take(const ConnectionOptions& options, Clock& clock,
                                const StopSignal& stop) {
  Connection connection = TRY(Connection::open(options, clock, stop));
  TRY(connection.query(kBegin));
  TRY(connection.query("SET row_security = off"));
  std::string id = TRY(connection.query_value("SELECT pg_catalog.pg_export_snapshot()"));
  if (!is_snapshot_id(id))
    return Error{ErrorKind::corrupt, fmt::format("{} gave no snapshot", connection.name())};
  return Snapshot(std::move(connection), std::move(id));
}

Result<Connection> Snapshot::join(const ConnectionOptions& options, Clock& clock,
                                  const StopSignal& stop) const {
  Connection lane = TRY(Connection::open(options, clock, stop));
  TRY(lane.query(kBegin));
  TRY(lane.query(fmt::format("SET TRANSACTION SNAPSHOT '{}'", id_)));
  TRY(lane.query("SET row_security = off"));
  return lane;
}

Status Snapshot::lock(const std::vector<TableToCopy>& tables) {
  TRY(connection_.query("SELECT pg_catalog.set_config('lock_timeout', $1, true)",
                        {std::to_string(kLockWait.count())}));
  for (std::size_t at = 0; at < tables.size(); at += kLockedAtOnce) {
    std::string names;
    std::string oids = "{";
    for (std::size_t i = at; i < std::min(at + kLockedAtOnce, tables.size()); ++i) {
      names += fmt::format("{}ONLY {}", i == at ? "" : ", ", tables[i].name);
      oids += fmt::format("{}{}", i == at ? "" : ",", tables[i].oid);
    }
    TRY(connection_.query(fmt::format("LOCK TABLE {} IN ACCESS SHARE MODE", names), {},
                          kLockWait + kQuestionDeadline));
    // The catalog is read in our snapshot, and the function looks at what is there now.
    const Rows rewritten = TRY(connection_.query(
        "SELECT c.oid::pg_catalog.regclass::text FROM pg_catalog.pg_class c "
        "WHERE c.oid = ANY ($1::pg_catalog.oid[]) "
        "AND c.relfilenode IS DISTINCT FROM pg_catalog.pg_relation_filenode(c.oid) LIMIT 1",
        {oids + "}"}));
    if (!rewritten.rows.empty())
      return Error{ErrorKind::conflict,
                   fmt::format("{}: table {} was emptied or rewritten just as we began",
                               connection_.name(), rewritten.rows[0][0].value_or("?")),
                   "begin again"};
  }
  return Done{};
}

Status Snapshot::still_held() {
  TRY(connection_.query("SELECT 1"));
  return Done{};
}

}  // namespace tidemark::postgres
