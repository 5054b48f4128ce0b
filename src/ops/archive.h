// An archive: one database, whole, as of one moment, into the repository.
//
// Definitions by pg_dump, rows by COPY on several connections, all in one exported snapshot. A
// table is cut into chunks by content; one that is new is stored as a difference to those that it
// resembles in the source's last archive. Nothing is visible before everything is stored: the
// manifest is written last.
//
// What is stored of it: ops/archive_lists.h, and docs/repository-format.md, "The streams of an
// archive".
#pragma once

#include <functional>
#include <string>

#include "core/problem.h"
#include "ops/archive_lists.h"
#include "postgres/conn/options.h"
#include "repo/writer.h"

namespace tidemark::ops {

struct ArchiveProgress {
  std::uint64_t tables_done = 0;
  std::uint64_t tables_total = 0;
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;  // of rows as text
  double done = 0;          // the share that is done, as far as it can be known: 0 to 1
};

// What to do when the last archive of the name is of another server, as far as servers tell. A
// restored instance, a standby and a failover are the same server.
enum class OtherServer { told, refused };

struct ArchiveOptions {
  std::string source;  // what the archive is of; the last one of the same name is built upon
  std::string owner;   // who holds the lease, for people
  std::string tool_version;
  OtherServer other_server = OtherServer::told;
  int jobs = 2;  // connections that copy at a time
  // A query for the keys of the files that rows name; empty: none. Its answer is of the moment of
  // the archive, and a stream of it.
  std::string references_sql = {};
  // A table is copied in ranges of so many pages, so that all connections can work on it. 64 MiB:
  // long enough that one works for a while, short enough that they end together. With another
  // length each range finds its chunks of the last archive by their place only, once.
  std::int64_t range_pages = 8192;
  std::uint64_t read_bytes_per_second = 0;  // of rows, by all of them together; 0: no limit
  // Called by any of the lanes, one at a time.
  std::function<void(const ArchiveProgress&)> on_progress = {};
};

struct ArchiveOutcome {
  repo::ObjectName name;
  TimePoint moment;  // by our clock, before the snapshot: what was committed by then is in it
  ArchiveProgress total;
  repo::WriterTally tally;
  std::vector<core::Problem> problems;
  std::optional<Error> references_error;  // the archive is whole without them
};

// Fails as a whole when any lane fails; then nothing is visible.
Result<ArchiveOutcome> archive_database(const postgres::ConnectionOptions& connection,
                                        repo::Repository& repository, const ArchiveOptions& options,
                                        Clock& clock, const StopSignal& stop);

}  // namespace tidemark::ops
