// Rows as COPY's text format writes them: fields with tabs between, a line end after each row, \N
// for NULL (PostgreSQL, "COPY", Text Format). Any value goes, also one with line ends in it.
#pragma once

#include <functional>

#include "base/bytes.h"
#include "postgres/conn/connection.h"

namespace tidemark::postgres {

void put_copy_row(Bytes& out, const Row& row);

// One row, without its line end. Knows the backslashes that put_copy_row and a server write. Fails
// with corrupt.
Result<Row> parse_copy_row(ByteView line);

// All rows, each of which must have a line end. Fails with corrupt, or as take does.
Status parse_copy_rows(ByteView text, const std::function<Status(const Row&)>& take);

}  // namespace tidemark::postgres
