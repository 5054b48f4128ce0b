// In which order tables that exist can take rows, so that each foreign key finds its other row.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "postgres/conn/connection.h"

namespace tidemark::ops {

// Both are names of tables that hold rows, as quote_name() gives them; of partitioned tables their
// leaves.
struct TableReference {
  std::string from;
  std::string to;
};

// The foreign keys of the database.
Result<std::vector<TableReference>> read_references(postgres::Connection& connection);

// Those that refer to themselves: their rows must come in one statement.
std::set<std::string> self_referring(const std::vector<TableReference>& references);

// For each table the number of its wave, from 0: whatever it refers to is in an earlier one. Fails
// with unsupported when tables refer to one another in a circle, and names them. Pure.
Result<std::vector<std::size_t>> waves_of(const std::vector<std::string>& tables,
                                          const std::vector<TableReference>& references);

}  // namespace tidemark::ops
