// DryRunStore: accepts writes and removals, records them, and does none of them.
//
// Reads show the store as it is, so what was "written" is not found. create_only fails as it would
// in earnest, also on what this run wrote itself.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "storage/wrap/store_wrapper.h"

namespace tidemark::storage {

// Thread-safe.
class DryRunStore final : public StoreWrapper {
 public:
  // What would have been done, in order.
  struct Act {
    enum class Kind { put, remove };
    Kind kind;
    std::string key;
    std::uint64_t bytes = 0;  // of a put

    bool operator==(const Act&) const = default;
  };

  using StoreWrapper::StoreWrapper;

  Status put(std::string_view key, ByteView body, PutMode mode) override;
  Status remove(std::string_view key) override;
  Result<std::size_t> abort_abandoned(TimePoint) override { return std::size_t{0}; }

  std::vector<Act> acts() const;

 private:
  mutable std::mutex mutex_;
  std::vector<Act> acts_;
  std::map<std::string, Act::Kind, std::less<>> latest_;  // what was last done to a key
};

}  // namespace tidemark::storage
