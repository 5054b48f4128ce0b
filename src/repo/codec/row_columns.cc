#include "repo/codec/row_columns.h"

#include <algorithm>

namespace tidemark::repo {
namespace {

Error damaged() { return Error{ErrorKind::corrupt, "the columns of a chunk are damaged"}; }

}  // namespace

void write_rows(const Grid& grid, StreamWriter& streams) {
  put_varint(streams.head(), grid.rows());
  put_varint(streams.head(), grid.columns() << 1 | (grid.ends_with_row_end() ? 0 : 1));
  put_varint(streams.head(), grid.text().size());
  std::vector<ByteView> fields(grid.rows());
  for (std::size_t column = 0; column < grid.columns(); ++column) {
    for (std::size_t row = 0; row < grid.rows(); ++row) fields[row] = grid.field(row, column);
    write_column(fields, streams);
  }
}

Status read_rows(StreamReader& streams, std::size_t bytes_max, RowSet& rows) {
  ByteReader& head = streams.head();
  const std::size_t count = head.varint_up_to(kFieldsMax);
  const std::size_t shape = head.varint_up_to(kColumnsMax << 1 | 1);
  const std::size_t bytes = head.varint_up_to(bytes_max);
  const std::size_t width = shape >> 1;
  const bool without_end = (shape & 1) != 0;
  if (head.failed() || count == 0 || width == 0 || width > kFieldsMax / count) return damaged();
  std::vector<ColumnReader> columns;
  columns.reserve(width);
  for (std::size_t i = 0; i < width && !head.failed(); ++i) columns.emplace_back(streams, count);
  if (head.failed()) return damaged();

  auto text = std::make_unique_for_overwrite<char[]>(bytes + ColumnReader::kSlack);
  const char* const limit = text.get() + bytes;
  char* out = text.get();
  rows.hold(std::move(text));
  rows.reserve(rows.rows().size() + count);
  for (std::size_t row = 0; row < count; ++row) {
    char* const begin = out;
    for (ColumnReader& column : columns) {
      out = column.append(out, limit);
      if (out == nullptr || out > limit) return damaged();
      *out++ = '\t';
    }
    out[-1] = '\n';
    if (without_end && row + 1 == count) --out;
    rows.add({begin, static_cast<std::size_t>(out - begin)});
  }
  if (out != limit) return damaged();
  return Done{};
}

}  // namespace tidemark::repo
