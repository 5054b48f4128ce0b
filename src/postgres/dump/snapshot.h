// Snapshot: one moment of a database, seen alike by pg_dump and by every lane that copies rows.
//
// The connection that exports it must live until the last lane has joined. It can sit idle for
// hours: the session has no idle time-out, and TCP keep-alive keeps routers from forgetting it.
#pragma once

#include <string>
#include <vector>

#include "postgres/conn/connection.h"
#include "postgres/dump/tables.h"

namespace tidemark::postgres {

inline constexpr Millis kLockWait{600'000};  // for a migration that holds a table

class Snapshot {
 public:
  static Result<Snapshot> take(const ConnectionOptions& options, Clock& clock,
                               const StopSignal& stop);

  // A connection in a read-only transaction of this very snapshot. Row-level security is off in it,
  // which means that a policy is an error instead of silently fewer rows.
  Result<Connection> join(const ConnectionOptions& options, Clock& clock,
                          const StopSignal& stop) const;

  // Keeps the tables from being dropped or rewritten until the snapshot goes. Fails with conflict
  // when one was emptied or rewritten since the snapshot was taken: TRUNCATE does not heed
  // snapshots, and its old rows would be missing.
  Status lock(const std::vector<TableToCopy>& tables);

  // Fails when the connection was lost, and with it the promise to those who have yet to join.
  Status still_held();

  const std::string& id() const { return id_; }
  Connection& connection() { return connection_; }

 private:
  Snapshot(Connection connection, std::string id)
      : connection_(std::move(connection)), id_(std::move(id)) {}

  Connection connection_;
  std::string id_;
};

}  // namespace tidemark::postgres
