#include "repo/index/reachable.h"

#include "repo/limits.h"

namespace tidemark::repo {
namespace {

std::array<std::uint64_t, 2> half_of(const ChunkId& id) {
  return {get_le<std::uint64_t>(id.bytes.data()), get_le<std::uint64_t>(id.bytes.data() + 8)};
}

}  // namespace

bool Reachable::known(const ChunkId& id) {
  const std::lock_guard lock(mutex_);
  return known_.contains(half_of(id));
}

// Forgetting costs time only.
void Reachable::remember(const ChunkId& id) {
  const std::lock_guard lock(mutex_);
  if (known_.size() >= kKnownMax) known_.clear();
  known_.insert(half_of(id));
}

void Reachable::forget() {
  const std::lock_guard lock(mutex_);
  known_.clear();
}

Result<bool> Reachable::bases_of(const PackEntry& entry, int depth) {
  for (const ChunkId& base : entry.bases)
    if (!known(base) && !TRY(place(base, depth + 1))) return false;
  return true;
}

Result<std::optional<ChunkPlace>> Reachable::place(const ChunkId& id, int depth) {
  if (depth > kChainMax) return std::optional<ChunkPlace>();
  for (ChunkPlace& place : TRY(index_.find(id))) {
    if (!counts_(place) || !TRY(bases_of(place.entry, depth))) continue;
    remember(id);
    return std::optional(std::move(place));
  }
  return std::optional<ChunkPlace>();
}

}  // namespace tidemark::repo
