// The definitions of a database, as pg_dump writes them.
#pragma once

#include <functional>

#include "base/bytes.h"
#include "postgres/dump/client_programs.h"
#include "postgres/dump/custom_archive.h"
#include "postgres/dump/snapshot.h"

namespace tidemark::postgres {

// More definitions than these are an error: they are held in memory.
inline constexpr std::size_t kDefinitionsBytesMax = 1 << 30;

// A custom-format archive without rows, of the snapshot's moment; not compressed. while_it_runs:
// see ProcessOptions.
Result<Bytes> dump_definitions(const ClientPrograms& programs, const ConnectionOptions& options,
                               const Snapshot& snapshot, Clock& clock, const StopSignal& stop,
                               const std::function<Status()>& while_it_runs = {});

struct RestoreOptions {
  Section section = Section::pre_data;
  bool owners = true;      // else all belongs to who restores it
  bool privileges = true;  // GRANT and REVOKE
  int jobs = 1;            // of post_data: indexes and constraints at a time
};

// A transaction holds a lock for each thing that it makes, three for most tables; a server has room
// for 6,400 unless it was given more.
inline constexpr std::size_t kOneTransactionEntriesMax = 2'000;

// Whether restore_definitions makes the definitions before the data in one transaction.
bool in_one_transaction(const CustomArchive& archive);

// Runs pg_restore on the definitions of an archive. Stops at the first error. What was made until
// then stays, except before the data: nothing stays, unless there are too many for one transaction.
Status restore_definitions(const ClientPrograms& programs, const ConnectionOptions& options,
                           const CustomArchive& archive, const RestoreOptions& restore,
                           Clock& clock, const StopSignal& stop);

}  // namespace tidemark::postgres
