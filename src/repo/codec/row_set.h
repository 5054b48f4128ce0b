// RowSet: the rows of a chunk as runs of rows in shared blocks of text.
//
// A difference copies almost every row of what it refers to. As runs, that costs a few numbers and
// not the bytes: a chain of thirty differences moves each byte once, when text() joins them.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/bytes.h"

namespace tidemark::repo {

// Bytes and where their rows begin.
class RowBlock {
 public:
  // Finds the row ends. The last row may lack its own. Text of more than kFieldsMax rows counts as
  // one row: no difference is made of it.
  static std::shared_ptr<const RowBlock> of_text(ByteView text);

  // begins: of each row, and the end of the last.
  RowBlock(std::unique_ptr<char[]> text, std::vector<std::uint32_t> begins)
      : text_(std::move(text)), begins_(std::move(begins)) {}

  std::size_t rows() const { return begins_.size() - 1; }
  ByteView rows_at(std::size_t first, std::size_t count) const {
    return {text_.get() + begins_[first], begins_[first + count] - begins_[first]};
  }

 private:
  std::unique_ptr<char[]> text_;
  std::vector<std::uint32_t> begins_;
};

class RowSet {
 public:
  struct Run {
    std::uint32_t block;
    std::uint32_t first;
    std::uint32_t count;
  };

  RowSet() = default;
  explicit RowSet(std::shared_ptr<const RowBlock> block) { add_block(std::move(block)); }
  static RowSet of_text(ByteView text) { return RowSet(RowBlock::of_text(text)); }

  std::uint64_t rows() const { return rows_; }
  std::uint64_t bytes() const { return bytes_; }
  const std::vector<Run>& runs() const { return runs_; }
  const RowBlock& block(const Run& run) const { return *blocks_[run.block]; }

  // Appends all rows of the other one.
  void append(const RowSet& other);

  // Appends all rows of a block.
  void add_block(std::shared_ptr<const RowBlock> block);

  std::uint32_t blocks() const { return static_cast<std::uint32_t>(blocks_.size()); }

  // For who builds a set out of the blocks of another one: first the blocks, then runs of them.
  void share_blocks(const RowSet& other) { blocks_ = other.blocks_; }
  std::uint32_t hold_block(std::shared_ptr<const RowBlock> block);
  void add_run(Run run);

  Bytes text() const;

 private:
  // Shared by all sets that hold rows of it: each difference of a chain, and what it refers to.
  std::vector<std::shared_ptr<const RowBlock>> blocks_;
  std::vector<Run> runs_;
  std::uint64_t rows_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace tidemark::repo
