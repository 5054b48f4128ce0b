// ManualClock: time that passes only when a test, or a sleep, says so.
#pragma once

#include <vector>

#include "base/clock.h"

namespace tidemark::test {

class ManualClock final : public Clock {
 public:
  explicit ManualClock(TimePoint now) : now_(now) {}
  // "2026-11-22T02:00:00Z"
  explicit ManualClock(std::string_view now) : now_(*parse_time(now)) {}

  TimePoint now() const override { return now_; }
  Millis steady() const override { return steady_; }

  // Takes no time of ours. Fails with cancelled from the sleep on that stop_after names.
  Status sleep(Millis length) override {
    if (stop_after >= 0 && static_cast<int>(sleeps.size()) >= stop_after) return stopped();
    sleeps.push_back(length);
    advance(length);
    return Done{};
  }

  void advance(Millis length) {
    now_ += length;
    steady_ += length;
  }
  // As an administrator or NTP would: the steady clock does not notice.
  void set(TimePoint now) { now_ = now; }

  std::vector<Millis> sleeps;  // in their order
  int stop_after = -1;         // how many sleeps succeed; -1: all

 private:
  TimePoint now_;
  Millis steady_{1'000'000};
};

}  // namespace tidemark::test
