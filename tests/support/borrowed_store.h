// BorrowedStore: hands every call to a store that the test owns, for wrappers, which own theirs.
#pragma once

#include "storage/object_store.h"

namespace tidemark::test {

class BorrowedStore final : public storage::ObjectStore {
 public:
  explicit BorrowedStore(storage::ObjectStore& inner) : inner_(inner) {}

  Status put(std::string_view key, ByteView body, storage::PutMode mode) override {
    return inner_.put(key, body, mode);
  }
  Result<Bytes> get(std::string_view key, std::optional<storage::ByteRange> range = {}) override {
    return inner_.get(key, range);
  }
  Result<storage::ObjectInfo> stat(std::string_view key) override { return inner_.stat(key); }
  Status remove(std::string_view key) override { return inner_.remove(key); }
  Status list(std::string_view prefix,
              const std::function<Status(const storage::ObjectInfo&)>& visit) override {
    return inner_.list(prefix, visit);
  }
  Result<std::size_t> abort_abandoned(TimePoint begun_before) override {
    return inner_.abort_abandoned(begun_before);
  }
  std::string describe() const override { return inner_.describe(); }

 private:
  storage::ObjectStore& inner_;
};

}  // namespace tidemark::test
