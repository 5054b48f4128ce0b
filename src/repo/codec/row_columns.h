// Rows as columns: a grid's fields, column by column, and back.
#pragma once

#include "repo/codec/columns.h"
#include "repo/codec/grid.h"
#include "repo/codec/row_set.h"

namespace tidemark::repo {

void write_rows(const Grid& grid, StreamWriter& streams);

// Appends the rows that the streams hold next. Fails with corrupt, also when they have more than
// bytes_max bytes.
Status read_rows(StreamReader& streams, std::size_t bytes_max, RowSet& rows);

}  // namespace tidemark::repo
