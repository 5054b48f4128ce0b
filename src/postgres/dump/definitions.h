// The definitions of a database, as pg_dump writes them.
#pragma once

#include "base/bytes.h"
#include "postgres/dump/client_programs.h"
#include "postgres/dump/custom_archive.h"
#include "postgres/dump/snapshot.h"

namespace tidemark::postgres {

// More definitions than these are an error: they are held in memory.
inline constexpr std::size_t kDefinitionsBytesMax = 1 << 30;

// A custom-format archive without rows, of the snapshot's moment; not compressed.
Result<Bytes> dump_definitions(const ClientPrograms& programs, const ConnectionOptions& options,
                               const Snapshot& snapshot, Clock& clock, const StopSignal& stop);

struct RestoreOptions {
  Section section = Section::pre_data;
  bool owners = true;      // else all belongs to who restores it
  bool privileges = true;  // GRANT and REVOKE
  int jobs = 1;            // of post_data: indexes and constraints at a time
};

// Runs pg_restore on an archive that dump_definitions made. Stops at the first error; what was made
// until then stays.
Status restore_definitions(const ClientPrograms& programs, const ConnectionOptions& options,
                           ByteView archive, const RestoreOptions& restore, Clock& clock,
                           const StopSignal& stop);

}  // namespace tidemark::postgres
