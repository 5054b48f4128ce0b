// LiveSet: which chunks are live, in 8 bytes each.
//
// It knows ids by their first 8 bytes. Two chunks that share them make one seem live that is not,
// never the other way round: so nothing is lost by it.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "repo/repository.h"

namespace tidemark::repo {

class LiveSet {
 public:
  // False when it was there already.
  bool add(const ChunkId& id);
  bool contains(const ChunkId& id) const;
  std::size_t size() const;

 private:
  static constexpr std::size_t kRecentMax = 1 << 16;

  std::vector<std::uint64_t> sorted_;
  std::unordered_set<std::uint64_t> recent_;
};

// List chunks that were read already. Exact, unlike a LiveSet: what a skipped list names is
// skipped.
using ListsRead = std::unordered_set<ChunkId>;

// Calls visit for each chunk that a manifest names, list chunks included; what a list names only
// the first time.
Status for_each_named_chunk(Repository& repository, const Manifest& manifest, ListsRead& read,
                            const std::function<Status(const Stream&, const ChunkId&)>& visit);

}  // namespace tidemark::repo
