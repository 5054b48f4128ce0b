#include "repo/codec/grid.h"

#include <algorithm>

#include "repo/codec/delimiters.h"

namespace tidemark::repo {

std::optional<Grid> Grid::parse(ByteView text) {
  if (text.empty() || text.size() >= UINT32_MAX) return std::nullopt;
  const ByteView first_row = text.substr(0, text.find('\n'));
  const auto tabs = std::count(first_row.begin(), first_row.end(), '\t');
  if (static_cast<std::size_t>(tabs) >= kColumnsMax) return std::nullopt;

  Grid grid(text, static_cast<std::size_t>(tabs) + 1);
  const std::size_t expected = text.size() / (first_row.size() + 1) * grid.columns_ * 9 / 8 + 16;
  grid.ends_.reserve(std::min(expected, kFieldsMax));
  std::size_t column = 0;
  const bool even = for_each_delimiter(text, [&](std::size_t position) {
    grid.ends_.push_back(static_cast<std::uint32_t>(position));
    const bool last = ++column == grid.columns_;
    if (last) column = 0;
    return last == (text[position] == '\n') && grid.ends_.size() < kFieldsMax;
  });
  if (!even) return std::nullopt;
  if (text.back() != '\n') {
    grid.ends_.push_back(static_cast<std::uint32_t>(text.size()));
    if (++column != grid.columns_) return std::nullopt;
  }
  return grid;
}

}  // namespace tidemark::repo
