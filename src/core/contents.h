// What a database server holds, as a recovery point records it, and how a restored server differs.
//
// Row counts are the planner's estimates: rows per page when the table was last analysed or
// vacuumed, times the pages it has now. Both survive a crash and a storage snapshot, which the
// counters of the statistics collector do not. A table that was never analysed has an unknown
// number of rows, not none; a table without pages has none.
//
// Unlogged and temporary tables are left out: recovery from a snapshot empties them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/problem.h"

namespace tidemark::core {

struct TableContents {
  std::string name;                  // with its schema, quoted where SQL needs it: public.orders
  std::optional<std::int64_t> rows;  // estimated; absent when nobody knows
};

struct DatabaseContents {
  std::string name;
  std::int64_t bytes = 0;
  std::map<std::string, std::string> extensions;  // name to version
  std::int64_t tables = 0;                        // all of them, partitions each
  std::int64_t tables_unknown = 0;                // of these, without an estimate
  std::int64_t rows = 0;                          // estimated, of all tables that have an estimate
  std::vector<TableContents> largest;             // the largest by pages, first; maybe not all
  std::string unread;  // why we could not look inside, or empty; then only the name counts

  bool listed_whole() const { return static_cast<std::int64_t>(largest.size()) == tables; }
};

struct ServerContents {
  int version = 0;  // as PostgreSQL numbers it: 150020 is 15.20
  std::vector<DatabaseContents> databases;
};

// The same with at most this many tables a database: what is worth keeping in a small place.
ServerContents abridged(ServerContents contents, std::size_t tables_max);

// "15.20"
std::string version_text(int version);

// How far estimates may differ before it counts. The record is made within minutes of the snapshot
// and estimates are the same before and after recovery, so only what was written in between makes a
// difference. Half is far beyond that for a table of some size; a small one, such as a queue, may
// be emptied in a second, so losing it is a warning.
inline constexpr std::int64_t kRowsCompared = 1'000;        // smaller tables only warn
inline constexpr std::int64_t kBytesCompared = 64'000'000;  // smaller databases are not compared

// What is missing or far off in `found`, worst first. Empty when all that was recorded is there.
// `found` should list all its tables: one that is not listed cannot be called missing otherwise.
std::vector<Problem> compare_contents(const ServerContents& recorded, const ServerContents& found);

}  // namespace tidemark::core
