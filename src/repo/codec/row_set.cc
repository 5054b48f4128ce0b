#include "repo/codec/row_set.h"

#include "repo/codec/delimiters.h"
#include "repo/codec/grid.h"

namespace tidemark::repo {

RowSet RowSet::of_text(ByteView text) {
  RowSet set;
  if (text.empty()) return set;
  auto block = std::make_unique_for_overwrite<char[]>(text.size());
  text.copy(block.get(), text.size());
  const ByteView copy(block.get(), text.size());
  set.hold(std::move(block));
  std::size_t begin = 0;
  const bool few = for_each_byte(copy, '\n', [&](std::size_t position) {
    set.add(copy.substr(begin, position + 1 - begin));
    begin = position + 1;
    return set.rows_.size() <= kFieldsMax;
  });
  if (!few) {
    set.rows_ = {copy};
  } else if (begin != copy.size()) {
    set.add(copy.substr(begin));
  }
  return set;
}

std::uint64_t RowSet::bytes() const {
  std::uint64_t sum = 0;
  for (const ByteView row : rows_) sum += row.size();
  return sum;
}

Bytes RowSet::text() const {
  Bytes text;
  text.reserve(bytes());
  // Rows that lie behind each other are moved together.
  for (std::size_t i = 0; i < rows_.size();) {
    const char* const begin = rows_[i].data();
    const char* end = begin + rows_[i].size();
    for (++i; i < rows_.size() && rows_[i].data() == end; ++i) end += rows_[i].size();
    text.append(begin, end);
  }
  return text;
}

void RowSet::append(const RowSet& other) {
  hold_blocks_of(other);
  add(other.rows());
}

}  // namespace tidemark::repo
