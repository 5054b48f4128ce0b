#include "storage/wrap/bandwidth_limited_store.h"

#include <algorithm>
#include <cmath>

namespace tidemark::storage {
namespace {

constexpr double kBurstMillis = 1000;

}  // namespace

TokenBucket::TokenBucket(std::uint64_t per_second, Clock& clock)
    : per_second_(per_second), clock_(clock), paid_until_(double(clock.steady().count())) {}

Status TokenBucket::take(std::uint64_t tokens) {
  if (per_second_ == 0) return Done{};
  Millis wait{0};
  {
    const std::lock_guard lock(mutex_);
    const auto now = double(clock_.steady().count());
    paid_until_ = std::max(paid_until_, now - kBurstMillis);
    wait = Millis{static_cast<std::int64_t>(std::ceil(std::max(paid_until_ - now, 0.0)))};
    paid_until_ += double(tokens) * 1000 / double(per_second_);
  }
  if (wait > Millis::zero()) TRY(clock_.sleep(wait));
  return Done{};
}

BandwidthLimitedStore::BandwidthLimitedStore(std::unique_ptr<ObjectStore> inner,
                                             BandwidthLimits limits, Clock& clock)
    : StoreWrapper(std::move(inner)),
      writes_(limits.write_bytes_per_second, clock),
      reads_(limits.read_bytes_per_second, clock) {}

Status BandwidthLimitedStore::put(std::string_view key, ByteView body, PutMode mode) {
  TRY(writes_.take(body.size()));
  return inner().put(key, body, mode);
}

Result<Bytes> BandwidthLimitedStore::get(std::string_view key, std::optional<ByteRange> range) {
  // How much it is going to be is known only afterwards, when it has come and is to be paid for.
  Bytes bytes = TRY(inner().get(key, range));
  TRY(reads_.take(bytes.size()));
  return bytes;
}

}  // namespace tidemark::storage
