#include "storage/wrap/dry_run_store.h"

#include <optional>

#include <fmt/format.h>

#include "storage/key.h"

namespace tidemark::storage {

Status DryRunStore::put(std::string_view key, ByteView body, PutMode mode) {
  TRY(check_put(key, body));
  std::optional<bool> exists;
  {
    const std::lock_guard lock(mutex_);
    if (const auto ours = latest_.find(key); ours != latest_.end())
      exists = ours->second == Act::Kind::put;
  }
  if (mode == PutMode::create_only && !exists) {
    const Result<ObjectInfo> found = inner().stat(key);
    if (!found && found.error().kind != ErrorKind::not_found) return found.error();
    exists = bool(found);
  }
  if (mode == PutMode::create_only && *exists)
    return Error{ErrorKind::already_exists, fmt::format("object {} exists already", key)};
  const std::lock_guard lock(mutex_);
  acts_.push_back({Act::Kind::put, std::string(key), body.size()});
  latest_.insert_or_assign(std::string(key), Act::Kind::put);
  return Done{};
}

Status DryRunStore::remove(std::string_view key) {
  TRY(check_key(key));
  const std::lock_guard lock(mutex_);
  acts_.push_back({Act::Kind::remove, std::string(key)});
  latest_.insert_or_assign(std::string(key), Act::Kind::remove);
  return Done{};
}

std::vector<DryRunStore::Act> DryRunStore::acts() const {
  const std::lock_guard lock(mutex_);
  return acts_;
}

}  // namespace tidemark::storage
