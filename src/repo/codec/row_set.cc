#include "repo/codec/row_set.h"

#include "repo/codec/delimiters.h"
#include "repo/codec/grid.h"

namespace tidemark::repo {

std::shared_ptr<const RowBlock> RowBlock::of_text(ByteView text) {
  auto bytes = std::make_unique_for_overwrite<char[]>(text.size());
  text.copy(bytes.get(), text.size());
  const auto size = static_cast<std::uint32_t>(text.size());
  std::vector<std::uint32_t> begins = {0};
  const bool few = for_each_byte(text, '\n', [&](std::size_t position) {
    begins.push_back(static_cast<std::uint32_t>(position + 1));
    return begins.size() <= kFieldsMax;
  });
  if (!few) begins = {0};
  if (begins.back() != size) begins.push_back(size);
  return std::make_shared<const RowBlock>(std::move(bytes), std::move(begins));
}

std::uint32_t RowSet::hold_block(std::shared_ptr<const RowBlock> block) {
  blocks_.push_back(std::move(block));
  return static_cast<std::uint32_t>(blocks_.size() - 1);
}

void RowSet::add_run(Run run) {
  if (run.count == 0) return;
  rows_ += run.count;
  bytes_ += blocks_[run.block]->rows_at(run.first, run.count).size();
  if (!runs_.empty()) {
    Run& last = runs_.back();
    if (last.block == run.block && last.first + last.count == run.first) {
      last.count += run.count;
      return;
    }
  }
  runs_.push_back(run);
}

void RowSet::add_block(std::shared_ptr<const RowBlock> block) {
  const auto count = static_cast<std::uint32_t>(block->rows());
  add_run({.block = hold_block(std::move(block)), .first = 0, .count = count});
}

void RowSet::append(const RowSet& other) {
  const auto shift = static_cast<std::uint32_t>(blocks_.size());
  blocks_.insert(blocks_.end(), other.blocks_.begin(), other.blocks_.end());
  for (Run run : other.runs_) {
    run.block += shift;
    add_run(run);
  }
}

Bytes RowSet::text() const {
  Bytes text;
  text.reserve(bytes_);
  for (const Run& run : runs_) text += block(run).rows_at(run.first, run.count);
  return text;
}

}  // namespace tidemark::repo
