// FaultyStore: a store in front of another one that fails when the test says so, lies about what it
// holds, or gives back damaged bytes. A crash is a fault that stays: whoever is cut off at one
// write does nothing afterwards either.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "storage/object_store.h"

namespace tidemark::test {

enum class StoreAct { put, remove, get, stat, list };

struct StoreFault {
  std::set<StoreAct> acts{StoreAct::put};
  int at = 1;                  // the n-th act of these kinds, counted from the setting of the fault
  bool after_the_act = false;  // it happened, and only its answer was lost
  bool stays = false;          // and every later call of any kind fails as well, without happening
  Error error{ErrorKind::unavailable, "as the test says"};
};

// Thread-safe. Borrows the store.
class FaultyStore final : public storage::ObjectStore {
 public:
  explicit FaultyStore(storage::ObjectStore& inner) : inner_(inner) {}

  // Replaces the fault before it; counting begins anew.
  void fail(StoreFault fault) {
    const std::lock_guard lock(mutex_);
    fault_ = std::move(fault);
    seen_ = 0;
    tripped_ = false;
  }
  void heal() {
    const std::lock_guard lock(mutex_);
    fault_.reset();
    tripped_ = false;
  }
  // Whether the fault has happened.
  bool tripped() const {
    const std::lock_guard lock(mutex_);
    return tripped_;
  }
  // How often it was called for this, whether it succeeded or not.
  int count(StoreAct act) const {
    const std::lock_guard lock(mutex_);
    const auto found = counts_.find(act);
    return found == counts_.end() ? 0 : found->second;
  }

  // From now on the key is not listed though it is there, as on a store whose listings lag.
  void hide_from_list(std::string key) {
    const std::lock_guard lock(mutex_);
    hidden_.insert(std::move(key));
  }
  // From now on reads of the key give what this makes of the bytes.
  void damage(std::string key, std::function<void(Bytes&)> change) {
    const std::lock_guard lock(mutex_);
    damage_.insert_or_assign(std::move(key), std::move(change));
  }
  // Called before each act that is done, with the key or prefix; may call the inner store.
  std::function<void(StoreAct, std::string_view)> before_each;

  Status put(std::string_view key, ByteView body, storage::PutMode mode) override {
    return act<Status>(StoreAct::put, key, [&] { return inner_.put(key, body, mode); });
  }
  Result<Bytes> get(std::string_view key, std::optional<storage::ByteRange> range = {}) override {
    return act<Result<Bytes>>(StoreAct::get, key, [&]() -> Result<Bytes> {
      Bytes bytes = TRY(inner_.get(key, range));
      if (const auto change = damage_of(key)) change(bytes);
      return bytes;
    });
  }
  Result<storage::ObjectInfo> stat(std::string_view key) override {
    return act<Result<storage::ObjectInfo>>(StoreAct::stat, key, [&] { return inner_.stat(key); });
  }
  Status remove(std::string_view key) override {
    return act<Status>(StoreAct::remove, key, [&] { return inner_.remove(key); });
  }
  Status list(std::string_view prefix,
              const std::function<Status(const storage::ObjectInfo&)>& visit) override {
    return act<Status>(StoreAct::list, prefix, [&] {
      return inner_.list(prefix, [&](const storage::ObjectInfo& object) -> Status {
        if (is_hidden(object.key)) return Done{};
        return visit(object);
      });
    });
  }
  Result<std::size_t> abort_abandoned(TimePoint begun_before) override {
    return inner_.abort_abandoned(begun_before);
  }
  std::string describe() const override { return inner_.describe(); }

 private:
  enum class Fate { done, fails_before, fails_after };

  template <class Outcome, class Do>
  Outcome act(StoreAct kind, std::string_view key, const Do& inner_call) {
    const Fate fate = decide(kind);
    if (fate == Fate::fails_before) return error();
    if (before_each) before_each(kind, key);
    Outcome outcome = inner_call();
    if (fate == Fate::fails_after) return error();
    return outcome;
  }

  Fate decide(StoreAct kind) {
    const std::lock_guard lock(mutex_);
    ++counts_[kind];
    if (!fault_) return Fate::done;
    if (tripped_) return fault_->stays ? Fate::fails_before : Fate::done;
    if (!fault_->acts.contains(kind) || ++seen_ != fault_->at) return Fate::done;
    tripped_ = true;
    return fault_->after_the_act ? Fate::fails_after : Fate::fails_before;
  }
  Error error() const {
    const std::lock_guard lock(mutex_);
    return fault_ ? fault_->error : StoreFault{}.error;
  }
  bool is_hidden(const std::string& key) const {
    const std::lock_guard lock(mutex_);
    return hidden_.contains(key);
  }
  std::function<void(Bytes&)> damage_of(std::string_view key) const {
    const std::lock_guard lock(mutex_);
    const auto found = damage_.find(std::string(key));
    return found == damage_.end() ? nullptr : found->second;
  }

  storage::ObjectStore& inner_;
  mutable std::mutex mutex_;
  std::optional<StoreFault> fault_;
  int seen_ = 0;
  bool tripped_ = false;
  std::map<StoreAct, int> counts_;
  std::set<std::string> hidden_;
  std::map<std::string, std::function<void(Bytes&)>> damage_;
};

}  // namespace tidemark::test
