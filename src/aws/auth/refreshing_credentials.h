// RefreshingCredentials: keeps credentials, and fetches new ones before they expire.
#pragma once

#include <functional>
#include <mutex>
#include <optional>

#include "aws/auth/credentials.h"
#include "base/clock.h"

namespace tidemark::aws {

// When new ones are fetched before the old expire. With less life than this to begin with, the
// windows shrink to a half and a third of that life.
inline constexpr Seconds kAdvisoryWindow{15 * 60};   // one caller tries; a failure is logged
inline constexpr Seconds kMandatoryWindow{10 * 60};  // all callers wait; a failure is theirs
// After a failed try in the advisory window, so that not every request waits for another.
inline constexpr Seconds kRetryAfter{30};

// Never gives credentials that have expired. Thread-safe; fetch runs in one thread at a time.
class RefreshingCredentials final : public CredentialProvider {
 public:
  using Fetch = std::function<Result<Credentials>()>;

  // Borrows the clock.
  RefreshingCredentials(Fetch fetch, Clock& clock) : fetch_(std::move(fetch)), clock_(clock) {}

  Result<Credentials> get() override;
  void forget() override;

 private:
  enum class Age { fresh, ageing, too_old };

  Age age() const;  // of kept_; needs state_mutex_
  std::optional<Credentials> kept_unless_due();
  std::optional<Credentials> kept_while_ageing();
  Result<Credentials> fetch_and_keep();

  const Fetch fetch_;
  Clock& clock_;

  std::mutex fetch_mutex_;  // taken before state_mutex_, and held while fetching
  std::mutex state_mutex_;
  std::optional<Credentials> kept_;
  Millis advisory_window_{kAdvisoryWindow};
  Millis mandatory_window_{kMandatoryWindow};
  TimePoint next_try_{};
};

}  // namespace tidemark::aws
