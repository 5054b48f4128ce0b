// ReadOnlyStore: refuses to write, for commands that only look.
#pragma once

#include "storage/wrap/store_wrapper.h"

namespace tidemark::storage {

// Fails put and remove with unsafe.
class ReadOnlyStore final : public StoreWrapper {
 public:
  using StoreWrapper::StoreWrapper;

  Status put(std::string_view key, ByteView body, PutMode mode) override;
  Status remove(std::string_view key) override;
  Result<std::size_t> abort_abandoned(TimePoint) override { return std::size_t{0}; }
};

}  // namespace tidemark::storage
