// A bucket in memory that behaves as S3 does: versions, delete markers, "null" versions of the time
// when versioning was off or suspended, times of whole seconds.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "files/bucket.h"

namespace tidemark::test {

class MemoryBucket final : public files::Bucket {
 public:
  // The application's side.
  void put(const std::string& key, const std::string& content,
           const std::string& storage_class = "STANDARD") {
    const std::lock_guard lock(mutex_);
    store(key, {.content = content, .storage_class = storage_class});
  }
  void remove(const std::string& key) {
    const std::lock_guard lock(mutex_);
    store(key, {.is_marker = true});
  }
  void tick() { time_ += Seconds(1); }
  void set_time(TimePoint time) { time_ = time; }
  TimePoint time() const { return time_; }
  void set_versioning(bool on) { versioning_ = on; }
  // As a lifecycle rule does.
  void expire(const std::string& key, const std::string& id) {
    std::erase_if(keys_[key], [&](const Stored& one) { return one.id == id; });
  }
  // Copies have another ETag than their originals, as with a key of KMS.
  void encrypt_by_key() { etags_differ_ = true; }

  std::map<std::string, std::string> contents() const {
    std::map<std::string, std::string> contents;
    for (const auto& [key, versions] : keys_)
      if (!versions.empty() && !versions.back().is_marker) contents[key] = versions.back().content;
    return contents;
  }
  // Every version and marker there is: key and id.
  std::vector<std::pair<std::string, std::string>> all() const {
    std::vector<std::pair<std::string, std::string>> all;
    for (const auto& [key, versions] : keys_)
      for (const Stored& one : versions) all.emplace_back(key, one.id);
    return all;
  }
  std::vector<std::string> thawed;
  Seconds thaw_takes = std::chrono::hours(1'000'000);
  int looks = 0;
  std::vector<std::uint64_t> parts;  // that every file came in
  bool etags_are_of_parts = false;
  // Called before each copy and marker; may store something, or fail.
  std::function<Status(const std::string& key)> before_change = {};
  // The same, but between the look at what is the newest and the change.
  std::function<void(const std::string& key)> after_look = {};
  std::function<void()> before_read = {};

  std::string describe() const override { return "s3://memory"; }
  Status check_versioned() override {
    if (versioning_) return Done{};
    return Error{ErrorKind::unsafe, "versioning is off"};
  }
  Result<TimePoint> now() override { return time_; }

  Status for_each_version(const std::string& prefix, const Visit& visit) override {
    const auto keys = [&] {
      const std::lock_guard lock(mutex_);
      return keys_;
    }();
    for (const auto& [key, versions] : keys)
      for (auto one = versions.rbegin(); one != versions.rend() && key.starts_with(prefix); ++one)
        if (const Status visited = visit(as_file(key, *one, one == versions.rbegin())); !visited)
          return visited;
    return Done{};
  }
  Result<files::VersionState> look_at(const files::FileVersion& version) override {
    const std::lock_guard lock(mutex_);
    ++looks;
    const auto ready = thaws_.find(version.key);
    const bool asked = ready != thaws_.end();
    const bool cold = version.storage_class == "GLACIER" && !(asked && ready->second <= time_);
    return files::VersionState{
        .is_cold = cold, .is_thawing = cold && asked, .etag_is_of_parts = etags_are_of_parts};
  }
  Result<std::vector<std::uint64_t>> part_sizes(const files::FileVersion&) override {
    return parts;
  }
  Result<Placed> copy_to_top(const files::FileVersion& version, const std::string& over) override {
    if (!TRY(is_newest(version.key, over))) return Placed();
    const std::lock_guard lock(mutex_);
    for (const Stored& one : keys_[version.key])
      if (one.id == version.id && !one.is_marker)
        return Placed(
            store(version.key, {.content = one.content, .storage_class = one.storage_class}));
    return Error{ErrorKind::not_found, "there is no such version"};
  }
  Result<Placed> add_marker(const std::string& key, const std::string& over) override {
    if (!TRY(is_newest(key, over))) return Placed();
    const std::lock_guard lock(mutex_);
    return Placed(store(key, {.is_marker = true}));
  }
  Status read(const files::FileVersion& version,
              const std::function<Status(ByteView)>& sink) override {
    if (before_read) before_read();
    std::optional<std::string> content;
    {
      const std::lock_guard lock(mutex_);
      for (const Stored& one : keys_[version.key])
        if (one.id == version.id) content = one.content;
    }
    if (content) return sink(*content);
    return Error{ErrorKind::not_found, "there is no such version"};
  }
  Status thaw(const files::FileVersion& version, const files::ThawRequest&) override {
    const std::lock_guard lock(mutex_);
    thawed.push_back(version.key);
    thaws_.emplace(version.key, time_ + thaw_takes);
    return Done{};
  }

 private:
  Result<bool> is_newest(const std::string& key, const std::string& id) {
    if (before_change) TRY(before_change(key));
    bool is_newest = false;
    {
      const std::lock_guard lock(mutex_);
      const auto found = keys_.find(key);
      is_newest = found != keys_.end() && !found->second.empty() && found->second.back().id == id;
    }
    if (after_look) after_look(key);
    return is_newest;
  }

  struct Stored {
    std::string id = {};
    bool is_marker = false;
    std::string content = {};
    std::string storage_class = {};
    TimePoint modified = {};
    std::string etag = {};
  };

  std::string store(const std::string& key, Stored one) {
    std::vector<Stored>& versions = keys_[key];
    one.id = versioning_ ? fmt::format("v{}", ++last_id_) : "null";
    if (!versioning_) std::erase_if(versions, [](const Stored& old) { return old.id == "null"; });
    one.modified = time_;
    if (!one.is_marker)
      one.etag = fmt::format("{:x}{}", std::hash<std::string>{}(one.content),
                             etags_differ_ ? "/" + one.id : "");
    versions.push_back(one);
    return one.id;
  }
  static files::FileVersion as_file(const std::string& key, const Stored& one, bool is_latest) {
    return {.key = key,
            .id = one.id,
            .is_marker = one.is_marker,
            .is_latest = is_latest,
            .size = one.content.size(),
            .modified = one.modified,
            .etag = one.etag,
            .storage_class = one.storage_class};
  }

  std::mutex mutex_;
  std::map<std::string, std::vector<Stored>> keys_;  // of each key the oldest first
  TimePoint time_{std::chrono::hours(24) * 20'000};
  std::map<std::string, TimePoint> thaws_;  // when each key can be read
  bool versioning_ = true;
  bool etags_differ_ = false;
  int last_id_ = 0;
};

}  // namespace tidemark::test
