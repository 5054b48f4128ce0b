// When to try a call again, and when not: "standard" mode of the AWS SDKs.
//
// Exponential delays with full jitter, at most 20 s; few attempts a call; and a budget that all
// calls of a client share, so that a service in trouble is not buried under retries. On top of
// that, each call has a deadline for all its attempts together.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <random>

#include "base/clock.h"
#include "base/result.h"

namespace tidemark {

struct RetryPolicy {
  int attempts_max = 5;
  Millis delay_first{1'000};  // doubled for each further attempt; the delay is a random part of it
  Millis delay_max{20'000};   // also of what a service asks for in Retry-After
  Millis deadline{300'000};   // of a call with all its attempts and delays
};

// Tokens that retries cost and successes give back. Thread-safe.
class RetryBudget {
 public:
  explicit RetryBudget(int capacity = 500) : capacity_(capacity), left_(capacity) {}

  // False, taking nothing, when there are fewer.
  bool take(int tokens);
  void give_back(int tokens);
  int left() const;

 private:
  mutable std::mutex mutex_;
  const int capacity_;
  int left_;
};

// Numbers spread evenly over [0, 1). The seed decides them all. Thread-safe.
class Jitter {
 public:
  explicit Jitter(std::uint64_t seed) : engine_(seed) {}
  double next();

 private:
  std::mutex mutex_;
  std::mt19937_64 engine_;
};

// The attempts of one call. Borrows everything; for one thread.
class Retry {
 public:
  Retry(const RetryPolicy& policy, RetryBudget& budget, Jitter& jitter, Clock& clock);

  int attempt() const { return attempt_; }  // counted from 1
  Millis time_left() const;

  // After an attempt that failed: waits, and succeeds when there shall be another one. Otherwise
  // fails with that failure, saying why it is the end, or with cancelled. Only unavailable and
  // timed_out are tried again.
  Status wait_after(Error failure, std::optional<Millis> retry_after);

  // After an attempt that succeeded.
  void succeeded();

 private:
  Millis next_delay(std::optional<Millis> retry_after);

  const RetryPolicy& policy_;
  RetryBudget& budget_;
  Jitter& jitter_;
  Clock& clock_;
  const Millis end_;
  int attempt_ = 1;
  int paid_ = 0;  // for the last retry
};

}  // namespace tidemark
