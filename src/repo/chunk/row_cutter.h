// RowCutter: cuts a table's rows, a stream of PostgreSQL COPY text, into chunks at row ends.
//
// Where it cuts depends on the rows alone: a row ends a chunk when its hash is below a threshold
// that grows with the row's length, so each byte of a table is equally likely to end one. The same
// rows therefore give the same chunks, also after rows were inserted or removed before them: the
// cuts fall into step at the first row that both cut. docs/chunk-format.md, "Cutting", is
// normative.
//
// Memory is bounded by the longest chunk. A row of more than most_bytes() is a chunk of its own.
// One of more than long_row_bytes() (a value may be near 1 GB) is cut at every multiple of that
// from its start, each piece a chunk; joining the chunks gives it back, as it does every row.
#pragma once

#include <functional>

#include "base/bytes.h"
#include "base/result.h"

namespace tidemark::repo {

struct CutSizes {
  std::size_t average_bytes = std::size_t{1} << 20;

  std::size_t least_bytes() const { return average_bytes / 4; }
  std::size_t most_bytes() const { return average_bytes * 4; }
  std::size_t long_row_bytes() const { return average_bytes * 16; }
};

// The marks name the two ends of a chunk by the row before each (its content hash), whatever lies
// between: a chunk that changed inside keeps its marks. So its predecessors are found
// (chunk/predecessors.h).
struct CutChunk {
  ByteView bytes;  // valid during the call only
  std::uint64_t start_mark;
  std::uint64_t end_mark;
};

inline constexpr std::uint64_t kTableStartMark = 0;

class RowCutter {
 public:
  using Emit = std::function<Status(const CutChunk&)>;

  // start_mark: of the first chunk, when the rows are a later part of a table.
  RowCutter(CutSizes sizes, Emit emit, std::uint64_t start_mark = kTableStartMark)
      : sizes_(sizes), emit_(std::move(emit)), mark_(start_mark) {}

  // Takes the next bytes of the table, in pieces of any size; what they are cut into does not
  // depend on the pieces. Fails as emit does, and must not be used after that.
  Status add(ByteView bytes);

  // Emits what is left. The last chunk of a table may be short, and end without a row end.
  Status finish();

 private:
  Status scan();
  Status cut_at(std::size_t end);

  CutSizes sizes_;
  Emit emit_;
  Bytes pending_;            // what is not emitted yet, from begin_ on
  std::size_t begin_ = 0;    // where the growing chunk begins
  std::size_t row_ = 0;      // where the growing row begins, once the chunk has its least length
  std::size_t scanned_ = 0;  // there is no row end between row_ and here
  bool past_least_ = false;
  bool inside_long_row_ = false;  // pieces of the growing row were emitted already
  std::uint64_t mark_;
};

}  // namespace tidemark::repo
