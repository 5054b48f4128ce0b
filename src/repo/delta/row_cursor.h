// RowCursor: a place among the rows of a RowSet. Borrows the set.
#pragma once

#include "repo/codec/row_set.h"

namespace tidemark::repo {

class RowCursor {
 public:
  explicit RowCursor(const RowSet& rows);

  // Whether there is a row at this distance from the place.
  bool has(std::int64_t distance) const;

  // That row, with its end. It is there.
  ByteView row(std::int64_t distance);

  // Forward; false when that is more than a place after the last row.
  bool move(std::uint64_t count);

  // Appends the runs of the next count rows, and moves over them; false when there are fewer.
  bool take_runs(std::uint64_t count, std::vector<RowSet::Run>& runs);

 private:
  std::size_t run_of(std::uint64_t row);

  const RowSet& rows_;
  std::vector<std::uint64_t> starts_;  // the number of the first row of each run, and their sum
  std::uint64_t place_ = 0;
  std::size_t run_ = 0;  // the last one that was looked at: the next is likely near
};

}  // namespace tidemark::repo
