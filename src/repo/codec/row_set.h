// RowSet: the rows of a chunk, each a view into text that is shared.
//
// A difference keeps almost every row of what it refers to. As views, that costs a few bytes a row:
// a chain of thirty differences moves each row's text once, when text() joins them.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/bytes.h"

namespace tidemark::repo {

class RowSet {
 public:
  using Block = std::shared_ptr<const char[]>;

  RowSet() = default;

  // Finds the row ends in a copy of the text. The last row may lack its own. Text of more than
  // kFieldsMax rows counts as one row: no difference is made of it.
  static RowSet of_text(ByteView text);

  std::span<const ByteView> rows() const { return rows_; }  // each with its end
  std::uint64_t bytes() const;
  Bytes text() const;

  // Appends all rows of the other one.
  void append(const RowSet& other);

  // For who builds a set: whatever a row lies in is held first.
  void reserve(std::size_t rows) { rows_.reserve(rows); }
  void hold(Block block) { blocks_.push_back(std::move(block)); }
  void hold_blocks_of(const RowSet& other) {
    blocks_.insert(blocks_.end(), other.blocks_.begin(), other.blocks_.end());
  }
  void add(ByteView row) { rows_.push_back(row); }
  void add(std::span<const ByteView> rows) { rows_.insert(rows_.end(), rows.begin(), rows.end()); }

 private:
  // Shared by all sets with rows in them: each difference of a chain, and what it refers to.
  std::vector<Block> blocks_;
  std::vector<ByteView> rows_;
};

}  // namespace tidemark::repo
