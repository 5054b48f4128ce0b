// Differences: a chunk's rows, told by the rows of its reference.
// docs/chunk-format.md, "Differences", is normative.
#pragma once

#include "repo/codec/row_columns.h"

namespace tidemark::repo {

// False when the grids have no difference that could be told: another number of columns, a last row
// without its end.
bool write_difference(const Grid& rows, const Grid& reference, StreamWriter& streams);

// The rows, sharing what they can with the reference. Fails with corrupt, also when they have more
// than bytes_max bytes.
Result<RowSet> read_difference(StreamReader& streams, const RowSet& reference,
                               std::size_t bytes_max);

}  // namespace tidemark::repo
