// LoggingStore: writes a line to the log, at debug level, for each call: what, how much, how long,
// how it ended. Never what was in it.
#pragma once

#include "base/clock.h"
#include "storage/wrap/store_wrapper.h"

namespace tidemark::storage {

// One finished call. key is the prefix of a listing; bytes is what went in or came out; a listing
// counts objects there.
struct StoreCall {
  std::string_view act;
  std::string_view key;
  std::uint64_t count = 0;
  Millis took{0};
  const Error* error = nullptr;  // or nullptr: it succeeded
};
using StoreObserver = std::function<void(const StoreCall&)>;

void log_store_call(const StoreCall& call);

class LoggingStore final : public StoreWrapper {
 public:
  // Borrows the clock.
  LoggingStore(std::unique_ptr<ObjectStore> inner, const Clock& clock,
               StoreObserver observe = log_store_call);

  Status put(std::string_view key, ByteView body, PutMode mode) override;
  Result<Bytes> get(std::string_view key, std::optional<ByteRange> range = {}) override;
  Result<ObjectInfo> stat(std::string_view key) override;
  Status remove(std::string_view key) override;
  Status list(std::string_view prefix,
              const std::function<Status(const ObjectInfo&)>& visit) override;

 private:
  const Clock& clock_;
  const StoreObserver observe_;
};

}  // namespace tidemark::storage
