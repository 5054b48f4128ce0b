// find_script: a short way from the rows of a reference to the rows of a chunk.
#pragma once

#include "repo/codec/grid.h"
#include "repo/delta/row_script.h"

namespace tidemark::repo {

// Both have the same number of columns. Time grows with their size, not with its square.
RowScript find_script(const Grid& rows, const Grid& reference);

}  // namespace tidemark::repo
