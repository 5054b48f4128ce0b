#include "repo/pack/pack_queue.h"

namespace tidemark::repo {

bool PackQueue::holds(const ChunkId& id) const {
  const std::lock_guard lock(mutex_);
  return on_the_way_.contains(id);
}

Result<bool> PackQueue::add(PackEntry entry, ByteView encoded) {
  std::optional<PackBuilder> full;
  {
    const std::lock_guard lock(mutex_);
    if (failure_) return *failure_;
    if (!on_the_way_.insert(entry.id).second) return false;
    if (!builder_) builder_.emplace(access_.sealer);
    builder_->add(std::move(entry), encoded);
    if (!builder_->room()) full.swap(builder_);
  }
  if (full) TRY(store(*std::move(full)));
  return true;
}

Status PackQueue::store(PackBuilder builder) {
  BuiltPack pack = builder.finish();
  Status stored = lease_.keep();
  if (stored) {
    const auto put = put_named(access_.store, ObjectType::pack, pack.object);
    if (!put)
      stored = put.error();
    else
      CHECK(*put == pack.facts.name);
  }
  const std::lock_guard lock(mutex_);
  if (!stored) {
    failure_ = stored.error();
    return stored;
  }
  stored_.insert(pack.facts.name);
  stored_bytes_ += pack.object.size();
  // Known to the index before it is forgotten here, so that it is never in neither.
  const std::vector<PackEntry> entries = pack.facts.entries;
  index_.add_pack(std::move(pack.facts));
  for (const PackEntry& entry : entries) on_the_way_.erase(entry.id);
  return Done{};
}

Status PackQueue::flush() {
  std::optional<PackBuilder> rest;
  {
    const std::lock_guard lock(mutex_);
    if (failure_) return *failure_;
    rest.swap(builder_);
  }
  if (rest && !rest->empty()) TRY(store(*std::move(rest)));
  return Done{};
}

bool PackQueue::stored(const ObjectName& pack) const {
  const std::lock_guard lock(mutex_);
  return stored_.contains(pack);
}

std::uint64_t PackQueue::stored_bytes() const {
  const std::lock_guard lock(mutex_);
  return stored_bytes_;
}

}  // namespace tidemark::repo
