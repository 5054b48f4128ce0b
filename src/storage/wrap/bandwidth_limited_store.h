// BandwidthLimitedStore: keeps what goes to a store and what comes from it each below a rate.
//
// The rate holds on average: an object goes at full speed, and whoever comes next waits until it is
// paid for. All threads share the rate.
#pragma once

#include <cstdint>
#include <mutex>

#include "base/clock.h"
#include "storage/wrap/store_wrapper.h"

namespace tidemark::storage {

// A bucket that fills with tokens at a rate, up to a second's worth. Thread-safe.
class TokenBucket {
 public:
  // per_second 0: no limit. Borrows the clock.
  TokenBucket(std::uint64_t per_second, Clock& clock);

  // Takes the tokens, going into debt if need be, and waits until what was owed before is paid.
  // Fails with cancelled.
  Status take(std::uint64_t tokens);

 private:
  const std::uint64_t per_second_;
  Clock& clock_;
  std::mutex mutex_;
  double paid_until_;  // in milliseconds of the steady clock; in the past: tokens are there
};

struct BandwidthLimits {
  std::uint64_t write_bytes_per_second = 0;  // 0: none
  std::uint64_t read_bytes_per_second = 0;
};

class BandwidthLimitedStore final : public StoreWrapper {
 public:
  BandwidthLimitedStore(std::unique_ptr<ObjectStore> inner, BandwidthLimits limits, Clock& clock);

  Status put(std::string_view key, ByteView body, PutMode mode) override;
  Result<Bytes> get(std::string_view key, std::optional<ByteRange> range = {}) override;

 private:
  TokenBucket writes_;
  TokenBucket reads_;
};

}  // namespace tidemark::storage
