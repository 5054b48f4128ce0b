// What is in a server: enough to tell a restored one from a damaged or a wrong one.
//
// Any role that may connect may ask all of this.
#pragma once

#include <string>
#include <vector>

#include "core/contents.h"
#include "postgres/conn/connection.h"

namespace tidemark::postgres {

struct ServerState {
  int version = 0;
  bool in_recovery = false;  // a standby, or a server that still replays its log
  TimePoint started;
};

Result<ServerState> read_server_state(Connection& connection);

// What tells one server from another, under whatever names it is reached. A restored copy has
// another certificate, and started at another time.
struct ServerIdentity {
  std::string certificate;  // SHA-256 of it; empty without TLS
  std::string started;      // empty when nobody could log in to ask

  bool operator==(const ServerIdentity&) const = default;
};

enum class Likeness { same, different, unknown };

// By the start when both are known; else by the certificate; else nobody can tell.
Likeness compare_servers(const ServerIdentity& one, const ServerIdentity& other);

Result<ServerIdentity> server_identity(Connection& connection);

// Of whoever answers there. Where nobody can log in, or the certificate is for another name, what
// can be seen without is enough. Fails when nobody answers with a certificate that can be trusted.
Result<ServerIdentity> server_identity(const ConnectionOptions& options, Clock& clock,
                                       const StopSignal& stop);

// What initdb gave the cluster. Physical copies have it too: standbys, and instances that were
// restored from a snapshot. Empty when this role may not know.
Result<std::string> system_identifier(Connection& connection);

// How many clients are connected to the server, whatever the database: none of ours, and not RDS's
// own.
Result<int> other_clients(Connection& connection);

// The databases that we may be interested in, in the order of their names: all that take
// connections but template0 and RDS's own.
Result<std::vector<std::string>> read_databases(Connection& connection);

// More tables than these are counted, but not listed.
inline constexpr std::size_t kTablesListed = 20'000;

// Visits every database, one after the other; options name the one to begin with. A database that
// does not let us in is listed as unread. Fails when the server does, or when the time for one
// question is up.
Result<core::ServerContents> read_contents(const ConnectionOptions& options, Clock& clock,
                                           const StopSignal& stop);

// Runs a check of the operator: one statement, in a transaction that reads only and is rolled back,
// with an empty search_path. It passes when it gives one row with one value, which is true. Else it
// fails with rejected and the value in the message, or with the statement's own error.
inline constexpr Millis kCheckDeadline{300'000};
Status run_check(Connection& connection, const std::string& sql, Millis deadline = kCheckDeadline);

}  // namespace tidemark::postgres
