// Predecessors: which chunks of a table's last archive a new chunk is best described by.
//
// Pure, and only a proposal: a difference to other chunks is as right, only larger. It remembers
// where in the old table the chunk before was found, so ask for the chunks of a table in order.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

namespace tidemark::repo {

struct ChunkSpan {
  std::uint64_t start_mark;
  std::uint64_t end_mark;
  std::uint64_t bytes;
};

// Positions in the old table: first and count chunks, at most kPredecessorsMax.
struct PredecessorRange {
  std::size_t first = 0;
  std::size_t count = 0;
};

inline constexpr std::size_t kPredecessorsMax = 6;

class Predecessors {
 public:
  explicit Predecessors(std::vector<ChunkSpan> old_table);

  // An empty range when the old table had no chunks.
  PredecessorRange find(const ChunkSpan& chunk);

 private:
  std::vector<ChunkSpan> old_;
  std::unordered_map<std::uint64_t, std::size_t> by_start_;
  std::size_t place_ = 0;         // the old chunk that should hold what comes next
  std::uint64_t used_bytes_ = 0;  // of it, by the chunks before
};

}  // namespace tidemark::repo
