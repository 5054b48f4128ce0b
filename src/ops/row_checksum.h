// A checksum of a table's rows that does not depend on their order: the sum of their SHA-256
// digests, as four numbers of 64 bits that wrap around. Equal tables have equal ones whatever order
// the server gives their rows in; tables that differ have different ones, unless somebody chose the
// rows with that aim and much work.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"

namespace tidemark::ops {

class RowChecksum {
 public:
  // Rows in COPY's text format, cut anywhere.
  void add(ByteView bytes);

  // The rows of another part, all of which must have ended.
  void add(const RowChecksum& part);

  std::uint64_t rows() const { return rows_; }
  // Of all rows that ended.
  std::array<char, 32> digest() const;

 private:
  void add_row(ByteView row);

  std::array<std::uint64_t, 4> sum_{};
  std::uint64_t rows_ = 0;
  Bytes begun_;  // the row that has not ended yet
};

}  // namespace tidemark::ops
