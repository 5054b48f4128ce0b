// Whose rows belong into an archive, and the statements that copy them.
//
// As pg_dump does it: ordinary tables and the leaves of partitioned ones, each for itself. Views,
// foreign tables and temporary tables hold no rows of the database; materialized views are filled
// anew. Unlogged tables are copied, except from a standby, which cannot read them. Of an
// extension's own tables, only those rows that it declares as the user's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "postgres/conn/connection.h"

namespace tidemark::postgres {

// Older servers do not know all that we ask for.
inline constexpr int kOldestServer = 120'000;

struct TableToCopy {
  std::string oid;
  std::string schema;     // as it is, not quoted
  std::string table;      // likewise
  std::string name;       // of both, quoted for SQL
  std::string columns;    // quoted, with commas; without generated ones; may be empty
  std::string condition;  // of an extension: "WHERE ...", or empty
  std::string extension;  // whose configuration table it is, or empty
  std::string owner;      // not quoted
  std::int64_t pages = 0;
  bool is_heap = true;  // other kinds of storage may number their rows as they like
};

// Largest first. To be asked in the snapshot's own connection or one that joined it.
Result<std::vector<TableToCopy>> read_tables(Connection& connection);

// Rows of the pages from first on, before end; without end, to the last.
struct PageRange {
  std::int64_t first = 0;
  std::optional<std::int64_t> end;
};

// Ranges that together are the whole table, in its order. One, when the table is small or no heap,
// or the server (before 14) would read all of the table for each.
std::vector<PageRange> split_by_pages(const TableToCopy& table, std::int64_t range_pages,
                                      int server_version);

std::string copy_out_statement(const TableToCopy& table, const PageRange& range);
std::string copy_in_statement(const TableToCopy& table);

struct SequenceToCopy {
  std::string oid;
  std::string schema;
  std::string sequence;
  std::string name;   // of both, quoted
  std::string owner;  // not quoted
  std::string last_value;
  bool is_called = false;
};

// Values of now, which may be later than the snapshot: a sequence never goes back.
Result<std::vector<SequenceToCopy>> read_sequences(Connection& connection);

struct ViewToRefresh {
  std::string oid;
  std::string schema;
  std::string view;
  std::string name;   // of both, quoted
  std::string owner;  // not quoted
};

// The materialized views that hold rows, in an order in which each can be filled.
Result<std::vector<ViewToRefresh>> read_views_to_refresh(Connection& connection);

}  // namespace tidemark::postgres
