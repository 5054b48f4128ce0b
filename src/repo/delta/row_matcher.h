// RowMatcher: finds rows again in the reference, equal ones and changed ones.
#pragma once

#include <optional>

#include "repo/codec/grid.h"

namespace tidemark::repo {

// Row numbers by hash, for rows of the same hash in ascending order.
class RowTable {
 public:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  explicit RowTable(std::size_t rows);

  // Rows are added from the last to the first.
  void add(std::uint64_t hash, std::uint32_t row);
  // The first row of this hash, and the next after a row. Rows of other hashes may be among them.
  std::uint32_t first(std::uint64_t hash) const { return slots_[hash & mask_]; }
  // The first at or after from; the rows before it are forgotten.
  std::uint32_t first_from(std::uint64_t hash, std::size_t from) {
    std::uint32_t& row = slots_[hash & mask_];
    while (row != kNone && row < from) row = next_[row];
    return row;
  }
  std::uint32_t next(std::uint32_t row) const { return next_[row]; }

 private:
  std::uint64_t mask_;
  std::vector<std::uint32_t> slots_;
  std::vector<std::uint32_t> next_;
};

class RowMatcher {
 public:
  // Both have the same number of columns, and must outlive it.
  RowMatcher(const Grid& rows, const Grid& reference);

  // Whether the row is the same in both.
  bool same(std::size_t row, std::size_t reference_row) const;

  // The first equal row of the reference at or after from that is no chance hit: near, or followed
  // by an equal row too. May not be asked for an earlier from later.
  std::optional<std::size_t> find_equal(std::size_t row, std::size_t from);

  // The row of the reference that this one was most likely changed from: the same key, and half of
  // the fields or more. The nearest to `near`.
  std::optional<std::size_t> find_changed(std::size_t row, std::size_t near) const;

 private:
  std::uint64_t key_of(const Grid& grid, std::size_t row) const;
  void choose_key();
  bool key_is_good() const;
  bool alike(std::size_t row, std::size_t reference_row) const;

  const Grid& rows_;
  const Grid& reference_;
  std::size_t key_begin_ = 0;  // the columns [begin, end) that tell rows apart
  std::size_t key_end_ = 1;
  RowTable by_hash_;
  RowTable by_key_;
};

}  // namespace tidemark::repo
