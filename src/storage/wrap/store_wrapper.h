// StoreWrapper: a store that hands every call to the one it owns. What adds a behaviour derives
// from it and overrides what it changes.
#pragma once

#include <memory>
#include <utility>

#include "storage/object_store.h"

namespace tidemark::storage {

class StoreWrapper : public ObjectStore {
 public:
  explicit StoreWrapper(std::unique_ptr<ObjectStore> inner) : inner_(std::move(inner)) {}

  Status put(std::string_view key, ByteView body, PutMode mode) override {
    return inner_->put(key, body, mode);
  }
  Result<Bytes> get(std::string_view key, std::optional<ByteRange> range = {}) override {
    return inner_->get(key, range);
  }
  Result<ObjectInfo> stat(std::string_view key) override { return inner_->stat(key); }
  Status remove(std::string_view key) override { return inner_->remove(key); }
  Status list(std::string_view prefix,
              const std::function<Status(const ObjectInfo&)>& visit) override {
    return inner_->list(prefix, visit);
  }
  Result<std::size_t> abort_abandoned(TimePoint begun_before) override {
    return inner_->abort_abandoned(begun_before);
  }
  std::string describe() const override { return inner_->describe(); }

 protected:
  ObjectStore& inner() { return *inner_; }

 private:
  const std::unique_ptr<ObjectStore> inner_;
};

}  // namespace tidemark::storage
