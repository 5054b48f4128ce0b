// The definitions of a database, as pg_dump writes them.
#pragma once

#include "base/bytes.h"
#include "postgres/dump/client_programs.h"
#include "postgres/dump/snapshot.h"

namespace tidemark::postgres {

// More definitions than these are an error: they are held in memory.
inline constexpr std::size_t kDefinitionsBytesMax = 1 << 30;

// A custom-format archive without rows, of the snapshot's moment; not compressed.
Result<Bytes> dump_definitions(const ClientPrograms& programs, const ConnectionOptions& options,
                               const Snapshot& snapshot, Clock& clock, const StopSignal& stop);

}  // namespace tidemark::postgres
