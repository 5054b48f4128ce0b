// RetryingStore: tries again what failed for a reason that may pass.
//
// Only unavailable and timed_out are tried again, with growing random delays, within a budget that
// all calls share and a deadline for each call (base/retry.h).
//
// Two calls cannot simply be repeated. A create_only whose answer was lost meets its own object:
// that is success when the object has the very bytes, which are read back and compared, and
// already_exists otherwise. Two writers of equal bytes both succeed then, so whoever uses
// create_only as a lock must write something that only he can have written. A listing that broke
// off begins anew, so its objects are visited only when all of it has come; it is held in memory.
#pragma once

#include <cstdint>

#include "base/clock.h"
#include "base/retry.h"
#include "storage/wrap/store_wrapper.h"

namespace tidemark::storage {

// An object may take minutes on a slow line, so the deadline is longer than that of other calls.
inline constexpr RetryPolicy kStoreRetryPolicy{.attempts_max = 8,
                                               .deadline = std::chrono::hours(1)};

class RetryingStore final : public StoreWrapper {
 public:
  // Borrows the clock. jitter_seed: another one for each process.
  RetryingStore(std::unique_ptr<ObjectStore> inner, Clock& clock, std::uint64_t jitter_seed,
                RetryPolicy policy = kStoreRetryPolicy);

  Status put(std::string_view key, ByteView body, PutMode mode) override;
  Result<Bytes> get(std::string_view key, std::optional<ByteRange> range = {}) override;
  Result<ObjectInfo> stat(std::string_view key) override;
  Status remove(std::string_view key) override;
  Status list(std::string_view prefix,
              const std::function<Status(const ObjectInfo&)>& visit) override;

 private:
  // Calls attempt, which is told the number of the attempt, until it succeeds or fails for good.
  template <class Attempt>
  auto retry(Attempt attempt) -> decltype(attempt(1));

  Status confirm_own(std::string_view key, ByteView body, Error already_exists);

  Clock& clock_;
  const RetryPolicy policy_;
  RetryBudget budget_;
  Jitter jitter_;
};

}  // namespace tidemark::storage
