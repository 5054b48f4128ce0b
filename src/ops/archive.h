// An archive: one database, whole, as of one moment, into the repository.
//
// Definitions by pg_dump, rows by COPY on several connections, all in one exported snapshot. A
// table is cut into chunks by content; one that is new is stored as a difference to those that it
// resembles in the source's last archive. Nothing is visible before everything is stored: the
// manifest is written last.
//
// Streams of an archive (docs/repository-format.md, Manifests): "definitions", a file of pg_dump's
// custom format; "sequences", rows of name, last value, is called; "views", names of materialized
// views to fill again; "rows <table>" for each table, whose meta is its list of columns; and of
// large objects their content and the statements that give them owner, comment and grants.
#pragma once

#include <functional>
#include <string>

#include "postgres/conn/options.h"
#include "repo/writer.h"

namespace tidemark::ops {

inline constexpr std::string_view kDefinitionsStream = "definitions";
inline constexpr std::string_view kSequencesStream = "sequences";
inline constexpr std::string_view kViewsStream = "views";
inline constexpr std::string_view kRowsPrefix = "rows ";
inline constexpr std::string_view kLargeObjectsStream = "large objects";
inline constexpr std::string_view kLargeObjectStatementsStream = "large object statements";

struct ArchiveProgress {
  std::uint64_t tables_done = 0;
  std::uint64_t tables_total = 0;
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;  // of rows as text
};

struct ArchiveOptions {
  std::string source;  // what the archive is of; the last one of the same name is built upon
  std::string owner;   // who holds the lease, for people
  std::string tool_version;
  int jobs = 2;  // connections that copy at a time
  // Called by any of the lanes, one at a time.
  std::function<void(const ArchiveProgress&)> on_progress = {};
};

struct ArchiveOutcome {
  repo::ObjectName name;
  TimePoint moment;
  ArchiveProgress total;
  repo::WriterTally tally;
};

// Fails as a whole when any lane fails; then nothing is visible.
Result<ArchiveOutcome> archive_database(const postgres::ConnectionOptions& connection,
                                        repo::Repository& repository, const ArchiveOptions& options,
                                        Clock& clock, const StopSignal& stop);

}  // namespace tidemark::ops
