#include "base/retry.h"

#include <algorithm>

#include <fmt/format.h>

namespace tidemark {
namespace {

constexpr int kRetryCost = 5;
constexpr int kTimeoutCost = 10;  // it kept a server busy for longer
constexpr int kFirstTimeRefund = 1;

Error with_reason(Error error, std::string_view reason) {
  error.message += fmt::format("; {}", reason);
  return error;
}

}  // namespace

bool RetryBudget::take(int tokens) {
  const std::lock_guard lock(mutex_);
  if (left_ < tokens) return false;
  left_ -= tokens;
  return true;
}

void RetryBudget::give_back(int tokens) {
  const std::lock_guard lock(mutex_);
  left_ = std::min(capacity_, left_ + tokens);
}

int RetryBudget::left() const {
  const std::lock_guard lock(mutex_);
  return left_;
}

double Jitter::next() {
  const std::lock_guard lock(mutex_);
  // Not uniform_real_distribution, whose results differ between libraries and may round up to 1.
  return static_cast<double>(engine_() >> 11) * 0x1p-53;
}

Retry::Retry(const RetryPolicy& policy, RetryBudget& budget, Jitter& jitter, Clock& clock)
    : policy_(policy),
      budget_(budget),
      jitter_(jitter),
      clock_(clock),
      end_(clock.steady() + policy.deadline) {}

Millis Retry::time_left() const { return std::max(end_ - clock_.steady(), Millis::zero()); }

Status Retry::wait_after(Error failure, std::optional<Millis> retry_after) {
  const bool timed_out = failure.kind == ErrorKind::timed_out;
  if (failure.kind != ErrorKind::unavailable && !timed_out) return failure;
  if (policy_.attempts_max == 1) return failure;  // nothing was given up: our caller decides
  if (attempt_ >= policy_.attempts_max)
    return with_reason(std::move(failure), fmt::format("gave up after attempt {}", attempt_));
  const Millis delay = next_delay(retry_after);
  if (delay >= time_left())
    return with_reason(std::move(failure), fmt::format("no time left after attempt {}", attempt_));
  const int cost = timed_out ? kTimeoutCost : kRetryCost;
  if (!budget_.take(cost))
    return with_reason(std::move(failure), "too many calls fail to try this one again");
  TRY(clock_.sleep(delay));
  paid_ = cost;
  ++attempt_;
  return Done{};
}

void Retry::succeeded() { budget_.give_back(paid_ == 0 ? kFirstTimeRefund : paid_); }

Millis Retry::next_delay(std::optional<Millis> retry_after) {
  constexpr int kDoublingsMax = 20;  // far beyond delay_max, and no overflow
  const Millis ceiling = std::min(
      policy_.delay_max, policy_.delay_first * (1 << std::min(attempt_ - 1, kDoublingsMax)));
  const Millis jittered{static_cast<std::int64_t>(jitter_.next() * double(ceiling.count()))};
  return std::max(jittered, std::min(retry_after.value_or(Millis::zero()), policy_.delay_max));
}

}  // namespace tidemark
