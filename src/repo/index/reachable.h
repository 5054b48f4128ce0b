// Reachable: whether a chunk can be had, with its bases and theirs, from packs that count.
//
// A prune keeps the bases of what is live. A difference that nothing needs can outlive its base, in
// a pack that stays for other chunks: the index names it, and nobody can read it. So that a pack
// has a chunk is not enough to rely on it. Thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <set>

#include "repo/index/chunk_index.h"

namespace tidemark::repo {

class Reachable {
 public:
  // counts says of a place whether what is there does. Borrows the index.
  Reachable(ChunkIndex& index, std::function<bool(const ChunkPlace&)> counts)
      : index_(index), counts_(std::move(counts)) {}

  // Where it can be had; empty when it cannot.
  Result<std::optional<ChunkPlace>> place(const ChunkId& id) { return place(id, 0); }

  // To be called when a pack that counted does no more.
  void forget();

 private:
  // Enough of an id that no two share it.
  using Known = std::array<std::uint64_t, 2>;
  static constexpr std::size_t kKnownMax = 1 << 19;

  Result<std::optional<ChunkPlace>> place(const ChunkId& id, int depth);
  Result<bool> bases_of(const PackEntry& entry, int depth);
  bool known(const ChunkId& id);
  void remember(const ChunkId& id);

  ChunkIndex& index_;
  const std::function<bool(const ChunkPlace&)> counts_;
  std::mutex mutex_;
  std::set<Known> known_;
};

}  // namespace tidemark::repo
