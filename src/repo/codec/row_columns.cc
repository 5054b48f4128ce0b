#include "repo/codec/row_columns.h"

#include <algorithm>

namespace tidemark::repo {
namespace {

Error damaged() { return Error{ErrorKind::corrupt, "the columns of a chunk are damaged"}; }

}  // namespace

void write_rows(const Grid& grid, StreamWriter& streams) {
  put_varint(streams.head(), grid.rows());
  put_varint(streams.head(), grid.columns() << 1 | (grid.ends_with_row_end() ? 0 : 1));
  std::vector<ByteView> fields(grid.rows());
  for (std::size_t column = 0; column < grid.columns(); ++column) {
    for (std::size_t row = 0; row < grid.rows(); ++row) fields[row] = grid.field(row, column);
    write_column(fields, streams);
  }
}

Result<std::shared_ptr<const RowBlock>> read_rows(StreamReader& streams, std::size_t bytes_max) {
  ByteReader& head = streams.head();
  const std::size_t rows = head.varint_up_to(std::min(bytes_max, kFieldsMax));
  const std::size_t shape = head.varint_up_to(kColumnsMax << 1 | 1);
  const std::size_t count = shape >> 1;
  const bool without_end = (shape & 1) != 0;
  if (head.failed() || rows == 0 || count == 0 || count > kFieldsMax / rows) return damaged();
  std::vector<ColumnReader> columns;
  columns.reserve(count);
  for (std::size_t i = 0; i < count && !head.failed(); ++i) columns.emplace_back(streams, rows);
  if (head.failed()) return damaged();

  auto text = std::make_unique_for_overwrite<char[]>(bytes_max + ColumnReader::kSlack);
  std::vector<std::uint32_t> begins;
  begins.reserve(rows + 1);
  begins.push_back(0);
  char* const begin = text.get();
  char* const limit = begin + bytes_max;
  char* out = begin;
  for (std::size_t row = 0; row < rows; ++row) {
    for (ColumnReader& column : columns) {
      out = column.append(out, limit);
      if (out == nullptr || out > limit) return damaged();
      *out++ = '\t';
    }
    out[-1] = '\n';
    begins.push_back(static_cast<std::uint32_t>(out - begin));
  }
  if (without_end) --begins.back();
  if (begins.back() > bytes_max) return damaged();
  return std::make_shared<const RowBlock>(std::move(text), std::move(begins));
}

}  // namespace tidemark::repo
