// PostgreSQL's own client programs, run as child processes.
//
// They get the server and the user as arguments, the password in a sealed file that exists in
// memory only, and nothing from our environment. They run apart from our memory, because a hostile
// server can attack its client.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/process.h"
#include "postgres/conn/options.h"

namespace tidemark::postgres {

// Where Debian keeps them: <root>/15/bin/pg_dump.
inline constexpr const char* kClientRoot = "/usr/lib/postgresql";

struct ClientPrograms {
  std::string folder;
  int major = 0;
};

// Those of the server's major version, else of the next newer one. Fails with unsupported when all
// are older than the server, because pg_dump cannot read a newer one, and with not_found when there
// are none.
Result<ClientPrograms> find_client_programs(int server_version,
                                            const std::string& root = kClientRoot);

// The same, except that the newest there are serve a server that is newer still: definitions that
// an older pg_dump wrote are restored by an older pg_restore, which asks nothing of the server.
Result<ClientPrograms> find_restore_programs(int server_version,
                                             const std::string& root = kClientRoot);

// The programs of this folder, which someone asked for by name.
Result<ClientPrograms> client_programs_in(const std::string& folder, int server_version,
                                          Clock& clock, const StopSignal& stop);

struct ClientRun {
  std::string program;                 // "pg_dump"
  std::vector<std::string> arguments;  // beyond those that say which server
  std::vector<int> descriptors;        // that it gets as 4, 5, ...
  Millis deadline{3'600'000};
  std::size_t output_bytes_max = 1 << 20;
  std::function<Status()> while_it_runs = {};  // see ProcessOptions
};

// Runs it against the database and gives what it wrote to standard output. Fails when it does not
// end with 0, with what it said.
Result<std::string> run_client(const ClientPrograms& programs, const ConnectionOptions& connection,
                               const ClientRun& run, Clock& clock, const StopSignal& stop);

}  // namespace tidemark::postgres
