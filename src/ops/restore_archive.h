// An archive back into a server: definitions, rows, sequences, views, then indexes and constraints.
//
// Every chunk is proven by its digest as it is read, and every table by its count and checksum.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/problem.h"
#include "ops/archive.h"
#include "postgres/conn/options.h"

namespace tidemark::ops {

struct RestoreArchiveOptions {
  std::vector<std::string> tables;  // only the rows of these, into tables that exist; empty: all
  bool owners = true;
  bool privileges = true;
  int jobs = 2;
  std::function<void(const ArchiveProgress&)> on_progress = {};
};

struct RestoredArchive {
  ArchiveProgress total;
  std::vector<core::Problem> problems;  // a view that could not be filled, say
};

// The newest archive whose name begins so, or the newest of that source. Fails with not_found.
Result<repo::Archive> find_archive(repo::Repository& repository, const std::string& name);

// The database must exist, and be empty unless only tables are wanted. On failure the message says
// what was restored and is left there.
Result<RestoredArchive> restore_archive(const postgres::ConnectionOptions& connection,
                                        repo::Repository& repository, const repo::Archive& archive,
                                        const RestoreArchiveOptions& options, Clock& clock,
                                        const StopSignal& stop);

}  // namespace tidemark::ops
