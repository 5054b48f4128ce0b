#include "repo/chunk/predecessors.h"

#include <algorithm>

namespace tidemark::repo {

Predecessors::Predecessors(std::vector<ChunkSpan> old_table) : old_(std::move(old_table)) {
  for (std::size_t i = 0; i < old_.size(); ++i) by_start_.emplace(old_[i].start_mark, i);
}

PredecessorRange Predecessors::find(const ChunkSpan& chunk) {
  if (old_.empty()) return {};
  // A chunk that begins where an old one began has that one. Any other begins where the one before
  // it has ended: within an old chunk, as far as bytes can tell.
  const auto found = by_start_.find(chunk.start_mark);
  if (found != by_start_.end()) {
    place_ = found->second;
    used_bytes_ = 0;
  }
  const std::size_t first = std::min(place_, old_.size() - 1);
  std::size_t last = first;
  // Rows may have become shorter, so a little more than the chunk's length is offered.
  const std::uint64_t wanted = used_bytes_ + chunk.bytes + chunk.bytes / 8;
  std::uint64_t before = 0;  // the old chunks before the last
  while (old_[last].end_mark != chunk.end_mark && before + old_[last].bytes < wanted &&
         last + 1 < old_.size() && last - first + 1 < kPredecessorsMax)
    before += old_[last++].bytes;
  if (old_[last].end_mark == chunk.end_mark) {
    place_ = last + 1;
    used_bytes_ = 0;
  } else {
    const std::uint64_t used = used_bytes_ + chunk.bytes;
    used_bytes_ = std::min(used - std::min(used, before), old_[last].bytes);
    place_ = last;
  }
  return {.first = first, .count = last - first + 1};
}

}  // namespace tidemark::repo
