// What of a database has to be copied besides its definitions: rows, sequences, large objects, and
// which materialized views to fill again.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "postgres/conn/connection.h"

namespace tidemark::postgres {

struct CopiedTable {
  std::string name;       // with its schema, each quoted where SQL needs it
  std::string columns;    // quoted, with commas; without generated ones; empty when there are none
  std::string condition;  // WHERE ..., of an extension's configuration table, or empty
  std::int64_t bytes = 0;

  // COPY of its rows out of, and into, a server.
  std::string copy_out() const;
  std::string copy_in() const;
};

struct SequenceState {
  std::string name;
  std::string last_value;
  bool is_called = false;
};

struct DatabaseInventory {
  std::vector<CopiedTable> tables;  // the largest first
  std::vector<SequenceState> sequences;
  std::vector<std::string> filled_views;  // materialized, in the order they were made
  std::int64_t large_objects = 0;
};

// Like pg_dump: tables and partitions with rows of their own, unlogged ones too; no foreign or
// temporary ones; of extensions only their configuration tables. Run it inside the snapshot.
Result<DatabaseInventory> read_inventory(Connection& connection);

}  // namespace tidemark::postgres
