#include "repo/chunk/row_cutter.h"

#include <cstring>
#include <limits>

#include "repo/chunk/content_hash.h"

namespace tidemark::repo {
namespace {

// Whether a row ends a chunk: likely in proportion to its length, so that chunks end, on average,
// average - least bytes after they have reached their least length.
bool ends_chunk(ByteView row, const CutSizes& sizes) {
  const std::uint64_t chance_of_a_byte =
      std::numeric_limits<std::uint64_t>::max() / (sizes.average_bytes - sizes.least_bytes());
  return content_hash(row) < static_cast<unsigned __int128>(chance_of_a_byte) * row.size();
}

// Where the last row of these bytes begins; the row may be without its end.
std::size_t last_row_start(ByteView bytes) {
  if (bytes.size() < 2) return 0;
  const void* end = ::memrchr(bytes.data(), '\n', bytes.size() - 1);
  return end ? static_cast<std::size_t>(static_cast<const char*>(end) - bytes.data()) + 1 : 0;
}

}  // namespace

Status RowCutter::add(ByteView bytes) {
  pending_.append(bytes);
  TRY(scan());
  // Keeps the move cheap: at most what is not cut yet, and not for every row.
  if (begin_ > sizes_.least_bytes()) {
    pending_.erase(0, begin_);
    row_ -= std::min(row_, begin_);
    scanned_ -= std::min(scanned_, begin_);
    begin_ = 0;
  }
  return Done{};
}

Status RowCutter::finish() {
  if (begin_ < pending_.size()) TRY(cut_at(pending_.size()));
  return Done{};
}

Status RowCutter::scan() {
  const ByteView all = pending_;
  for (;;) {
    if (!past_least_) {
      // Rows that end below the least length cannot end the chunk: they need not be looked at.
      const std::size_t least = begin_ + sizes_.least_bytes();
      if (all.size() < least) return Done{};
      row_ = begin_ + last_row_start(all.substr(begin_, sizes_.least_bytes()));
      scanned_ = std::max(row_, least - 1);
      past_least_ = true;
    }
    const std::size_t found = all.find('\n', scanned_);
    const std::size_t row_end = found == ByteView::npos ? all.size() : found + 1;
    if (row_end - row_ > sizes_.most_bytes() && row_ > begin_) TRY(cut_at(row_));
    while (row_end - row_ > sizes_.long_row_bytes()) {
      row_ += sizes_.long_row_bytes();
      inside_long_row_ = true;
      TRY(cut_at(row_));
    }
    scanned_ = row_end;
    if (found == ByteView::npos) return Done{};
    if (inside_long_row_ || row_end - begin_ >= sizes_.most_bytes() ||
        ends_chunk(all.substr(row_, row_end - row_), sizes_)) {
      TRY(cut_at(row_end));
      past_least_ = false;
      inside_long_row_ = false;
    }
    row_ = row_end;
  }
}

Status RowCutter::cut_at(std::size_t end) {
  const ByteView chunk = ByteView(pending_).substr(begin_, end - begin_);
  const std::uint64_t start_mark = mark_;
  mark_ = content_hash(chunk.substr(last_row_start(chunk)));
  begin_ = end;
  return emit_({.bytes = chunk, .start_mark = start_mark, .end_mark = mark_});
}

}  // namespace tidemark::repo
