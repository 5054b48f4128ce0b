#include "aws/auth/refreshing_credentials.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/log.h"

namespace tidemark::aws {

Result<Credentials> RefreshingCredentials::get() {
  if (auto kept = kept_unless_due()) return std::move(*kept);
  std::unique_lock fetching(fetch_mutex_, std::try_to_lock);
  if (!fetching) {
    // Another thread fetches: only who has nothing that will last needs to wait for it.
    if (auto kept = kept_while_ageing()) return std::move(*kept);
    fetching.lock();
  }
  if (auto kept = kept_unless_due()) return std::move(*kept);
  return fetch_and_keep();
}

void RefreshingCredentials::forget() {
  const std::lock_guard lock(state_mutex_);
  kept_.reset();
}

RefreshingCredentials::Age RefreshingCredentials::age() const {
  if (!kept_) return Age::too_old;
  if (!kept_->expires) return Age::fresh;
  const Millis left = *kept_->expires - clock_.now();
  if (left > advisory_window_) return Age::fresh;
  return left > mandatory_window_ ? Age::ageing : Age::too_old;
}

std::optional<Credentials> RefreshingCredentials::kept_unless_due() {
  const std::lock_guard lock(state_mutex_);
  const Age now = age();
  const bool is_due = now == Age::too_old || (now == Age::ageing && clock_.now() >= next_try_);
  return is_due ? std::nullopt : kept_;
}

std::optional<Credentials> RefreshingCredentials::kept_while_ageing() {
  const std::lock_guard lock(state_mutex_);
  return age() == Age::too_old ? std::nullopt : kept_;
}

// With fetch_mutex_ held.
Result<Credentials> RefreshingCredentials::fetch_and_keep() {
  auto fetched = fetch_();
  const std::lock_guard lock(state_mutex_);
  const TimePoint now = clock_.now();
  if (fetched && fetched->expires && *fetched->expires <= now) {
    fetched = Error{ErrorKind::denied,
                    fmt::format("credentials from {} expired at {}", fetched->provider,
                                format_time(*fetched->expires)),
                    "renew them where they come from, and check this machine's clock"};
  }
  if (!fetched) {
    if (age() == Age::too_old) return fetched;
    next_try_ = now + kRetryAfter;
    log::warning("credentials could not be renewed yet; the old ones are still good",
                 {{"provider", kept_->provider}, {"error", fetched.error().message}});
    return *kept_;
  }
  kept_ = *fetched;
  next_try_ = TimePoint{};
  if (kept_->expires) {
    const Millis life = *kept_->expires - now;
    advisory_window_ = std::min<Millis>(kAdvisoryWindow, life / 2);
    mandatory_window_ = std::min<Millis>(kMandatoryWindow, life / 3);
  }
  return fetched;
}

}  // namespace tidemark::aws
