// Grid: where the fields of a chunk's rows are, when all rows have the same number of fields.
//
// Borrows the text. The last row may lack its end (a piece of a long row does).
#pragma once

#include <optional>
#include <vector>

#include "base/bytes.h"

namespace tidemark::repo {

inline constexpr std::size_t kColumnsMax = 1664;  // PostgreSQL allows 1600 in a table
// Bounds what a chunk of next to empty rows costs in memory; a usual chunk has a tenth of it.
inline constexpr std::size_t kFieldsMax = std::size_t{1} << 21;

class Grid {
 public:
  // Nothing when the text is empty, its rows differ in their number of fields, or there are too
  // many.
  static std::optional<Grid> parse(ByteView text);

  std::size_t rows() const { return ends_.size() / columns_; }
  std::size_t columns() const { return columns_; }
  bool ends_with_row_end() const { return text_.back() == '\n'; }

  ByteView field(std::size_t row, std::size_t column) const {
    const std::size_t index = row * columns_ + column;
    const std::size_t begin = index == 0 ? 0 : ends_[index - 1] + 1;
    return {text_.data() + begin, ends_[index] - begin};
  }

  // The row with its end.
  ByteView row(std::size_t row) const {
    const std::size_t begin = row_begin(row);
    return text_.substr(begin, row_begin(row + 1) - begin);
  }
  std::size_t row_begin(std::size_t row) const {
    return row == 0 ? 0 : ends_[row * columns_ - 1] + std::size_t{1};
  }
  ByteView text() const { return text_; }

 private:
  Grid(ByteView text, std::size_t columns) : text_(text), columns_(columns) {}

  ByteView text_;
  std::size_t columns_;
  std::vector<std::uint32_t> ends_;  // of each field, row by row: where its tab or line end is
};

}  // namespace tidemark::repo
