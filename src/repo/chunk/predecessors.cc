#include "repo/chunk/predecessors.h"

#include <algorithm>

namespace tidemark::repo {

Predecessors::Predecessors(std::vector<ChunkSpan> old_table) : old_(std::move(old_table)) {
  for (std::size_t i = 0; i < old_.size(); ++i) by_start_.emplace(old_[i].start_mark, i);
}

// A chunk that begins where an old one began has that one. Any other begins inside the old chunk
// that the one before it ended in, or after it.
std::size_t Predecessors::first_for(const ChunkSpan& chunk) const {
  const auto found = by_start_.find(chunk.start_mark);
  return found != by_start_.end() ? found->second : std::min(expected_, old_.size() - 1);
}

PredecessorRange Predecessors::find(const ChunkSpan& chunk) {
  if (old_.empty()) return {};
  const std::size_t first = first_for(chunk);
  std::size_t last = first;
  std::uint64_t bytes = old_[first].bytes;
  while (old_[last].end_mark != chunk.end_mark && bytes < chunk.bytes && last + 1 < old_.size() &&
         last - first + 1 < kPredecessorsMax)
    bytes += old_[++last].bytes;
  expected_ = old_[last].end_mark == chunk.end_mark ? last + 1 : last;
  return {.first = first, .count = last - first + 1};
}

}  // namespace tidemark::repo
