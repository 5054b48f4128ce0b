// An archive back into a server: definitions, rows, sequences, then indexes and constraints, views.
//
// Every chunk is proven by its digest as it is read, and every table by its count and checksum
// before its rows count; that of a large table, which several connections share, before the restore
// goes on.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/problem.h"
#include "ops/archive.h"
#include "ops/archive_reader.h"
#include "postgres/conn/options.h"

namespace tidemark::ops {

enum class RestoredPart { all, definitions, rows };

struct RestoreArchiveOptions {
  // Only the rows of this table, with those of its partitions, into the one that exists, or as a
  // new table of that name, which is not partitioned.
  std::optional<std::string> table;
  std::optional<std::string> as;
  std::optional<std::string> schema;  // only this one
  RestoredPart part = RestoredPart::all;
  bool create = false;  // the database first, which must not exist
  bool roles = false;   // before all else, those that are missing
  // Of rows into what is there: no foreign key is checked and no trigger runs. Otherwise tables go
  // in the order that their keys want.
  bool disable_triggers = false;
  bool owners = true;
  bool privileges = true;
  int jobs = 2;
  std::uint64_t range_bytes = 64 * repo::kMiB;  // of a table that several connections share
  std::function<void(const ArchiveProgress&)> on_progress = {};
};

struct RestoredArchive {
  ArchiveProgress total;
  std::vector<std::string> roles_made;
  std::vector<core::Problem> problems;  // a view that could not be filled, say
};

// Without `create` the database must exist; it must be empty unless only rows are wanted. On
// failure the message says what was restored and is left there.
Result<RestoredArchive> restore_archive(const postgres::ConnectionOptions& connection,
                                        repo::Repository& repository, const repo::Archive& archive,
                                        const RestoreArchiveOptions& options, Clock& clock,
                                        const StopSignal& stop);

}  // namespace tidemark::ops
