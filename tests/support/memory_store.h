// MemoryStore: an object store that lives and dies with a test. Without versions.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/clock.h"
#include "storage/key.h"
#include "storage/object_store.h"

namespace tidemark::test {

class MemoryStore final : public storage::ObjectStore {
 public:
  MemoryStore() = default;
  // Dates objects by the clock, which is borrowed; without one, all are of the year 2026.
  explicit MemoryStore(const Clock& clock) : clock_(&clock) {}

  Status put(std::string_view key, ByteView body, storage::PutMode mode) override {
    TRY(storage::check_put(key, body));
    const std::lock_guard lock(mutex_);
    const auto found = objects_.find(key);
    if (found != objects_.end() && mode == storage::PutMode::create_only)
      return Error{ErrorKind::already_exists, fmt::format("object {} exists already", key)};
    objects_.insert_or_assign(std::string(key), Object{Bytes(body), now()});
    return Done{};
  }

  Result<Bytes> get(std::string_view key, std::optional<storage::ByteRange> range = {}) override {
    TRY(storage::check_key(key));
    const std::lock_guard lock(mutex_);
    const auto found = objects_.find(key);
    if (found == objects_.end()) return missing(key);
    const Bytes& body = found->second.body;
    if (!range) return body;
    TRY(storage::check_range(key, *range, body.size()));
    return body.substr(range->offset, range->length);
  }

  Result<storage::ObjectInfo> stat(std::string_view key) override {
    TRY(storage::check_key(key));
    const std::lock_guard lock(mutex_);
    const auto found = objects_.find(key);
    if (found == objects_.end()) return missing(key);
    return info(*found);
  }

  Status remove(std::string_view key) override {
    TRY(storage::check_key(key));
    const std::lock_guard lock(mutex_);
    if (const auto found = objects_.find(key); found != objects_.end()) objects_.erase(found);
    return Done{};
  }

  Status list(std::string_view prefix,
              const std::function<Status(const storage::ObjectInfo&)>& visit) override {
    TRY(storage::check_prefix(prefix));
    std::vector<storage::ObjectInfo> found;
    {
      const std::lock_guard lock(mutex_);
      for (auto at = objects_.lower_bound(prefix);
           at != objects_.end() && at->first.starts_with(prefix); ++at)
        found.push_back(info(*at));
    }
    for (const storage::ObjectInfo& object : found) TRY(visit(object));
    return Done{};
  }

  Result<std::size_t> abort_abandoned(TimePoint) override { return std::size_t{0}; }
  std::string describe() const override { return "memory"; }

  // For tests that damage what is stored, lose it, or compare all of it.
  std::map<std::string, Bytes> contents() const {
    const std::lock_guard lock(mutex_);
    std::map<std::string, Bytes> all;
    for (const auto& [key, object] : objects_) all.emplace(key, object.body);
    return all;
  }
  void set_contents(const std::map<std::string, Bytes>& all) {
    const std::lock_guard lock(mutex_);
    objects_.clear();
    for (const auto& [key, body] : all) objects_.emplace(key, Object{body, now()});
  }
  void overwrite(std::string_view key, ByteView body) {
    const std::lock_guard lock(mutex_);
    objects_.insert_or_assign(std::string(key), Object{Bytes(body), now()});
  }

 private:
  struct Object {
    Bytes body;
    TimePoint modified;
  };
  using Objects = std::map<std::string, Object, std::less<>>;

  TimePoint now() const { return clock_ ? clock_->now() : *parse_time("2026-01-01T00:00:00Z"); }
  static storage::ObjectInfo info(const Objects::value_type& entry) {
    return {entry.first, entry.second.body.size(), entry.second.modified};
  }
  static Error missing(std::string_view key) {
    return Error{ErrorKind::not_found, fmt::format("there is no object {}", key)};
  }

  const Clock* clock_ = nullptr;
  mutable std::mutex mutex_;
  Objects objects_;
};

}  // namespace tidemark::test
