// PackQueue: gathers chunks into packs and stores each pack that is full.
//
// Thread-safe: whoever fills a pack stores it, while others go on with the next one. Memory is
// bounded by a pack for each thread and one more.
#pragma once

#include <mutex>
#include <unordered_set>

#include "repo/index/chunk_index.h"
#include "repo/lock/lease.h"
#include "repo/pack/pack_builder.h"

namespace tidemark::repo {

class PackQueue {
 public:
  // Borrows all. Packs are added to the index once they are stored.
  PackQueue(const Access& access, ChunkIndex& index, Lease& lease)
      : access_(access), index_(index), lease_(lease) {}

  // Whether the chunk waits here, or is on its way.
  bool holds(const ChunkId& id) const;

  // False when another thread was quicker with the same chunk. After a failure nothing more is
  // taken: somebody may have relied on what was lost.
  Result<bool> add(PackEntry entry, ByteView encoded);

  // Stores what waits. No add() may run beside it.
  Status flush();

  // Whether the pack was stored here.
  bool stored(const ObjectName& pack) const;
  std::uint64_t stored_bytes() const;

 private:
  Status store(PackBuilder builder);

  const Access& access_;
  ChunkIndex& index_;
  Lease& lease_;
  mutable std::mutex mutex_;
  std::optional<PackBuilder> builder_;
  std::unordered_set<ChunkId> on_the_way_;
  std::unordered_set<ObjectName> stored_;
  std::uint64_t stored_bytes_ = 0;
  std::optional<Error> failure_;
};

}  // namespace tidemark::repo
