// RowScript: how a chunk's rows come from the rows of its reference, step by step.
//
// A place moves through the reference. Rows are copied from it, left out, changed in some columns,
// or come from nowhere. A row that changed and moved, as an update in PostgreSQL's heap does, is
// borrowed: changed from a row at a distance, while the place stays.
#pragma once

#include <cstdint>
#include <vector>

namespace tidemark::repo {

// The values are part of the format.
enum class RowStep : std::uint8_t {
  copy = 0,     // count rows
  skip = 1,     // move the place over count rows
  literal = 2,  // count rows that the difference holds whole
  update = 3,   // count rows: the same rows of the reference, changed
  borrow = 4,   // one row: the row at place + distance, changed
};
inline constexpr unsigned kRowSteps = 5;

struct ScriptStep {
  RowStep step;
  std::int64_t count;  // for borrow: the distance
};

// A row and the reference row that it was changed from.
struct ChangedRow {
  std::uint32_t row;
  std::uint32_t reference_row;
};

struct RowScript {
  std::vector<ScriptStep> steps;
  std::vector<std::uint32_t> literals;  // row numbers, in order
  std::vector<ChangedRow> changes;      // in the order of the steps
};

}  // namespace tidemark::repo
