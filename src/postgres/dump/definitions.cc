#include "postgres/dump/definitions.h"

#include <fmt/format.h>

namespace tidemark::postgres {

Result<Bytes> dump_definitions(const ClientPrograms& programs, const ConnectionOptions& options,
                               const Snapshot& snapshot, Clock& clock, const StopSignal& stop) {
  const ClientRun run{.program = "pg_dump",
                      .arguments = {"--format=custom", "--compress=0", "--schema-only",
                                    "--snapshot=" + snapshot.id(),
                                    fmt::format("--lock-wait-timeout={}", kLockWait.count())},
                      .output_bytes_max = kDefinitionsBytesMax};
  return run_client(programs, options, run, clock, stop);
}

}  // namespace tidemark::postgres
