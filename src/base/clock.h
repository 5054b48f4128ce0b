// Clock: where time comes from. Nothing else reads the system's clock or sleeps.
#pragma once

#include "base/stop.h"
#include "base/time.h"

namespace tidemark {

class Clock {
 public:
  virtual ~Clock() = default;

  virtual TimePoint now() const = 0;

  // Time since some fixed moment, which no one can set: for deadlines and measured lengths.
  virtual Millis steady() const = 0;

  // Fails with cancelled, at once, when we are asked to stop.
  virtual Status sleep(Millis length) = 0;
};

// The machine's clock. Borrows the stop signal.
class SystemClock final : public Clock {
 public:
  explicit SystemClock(const StopSignal& stop) : stop_(stop) {}

  TimePoint now() const override;
  Millis steady() const override;
  Status sleep(Millis length) override;

 private:
  const StopSignal& stop_;
};

}  // namespace tidemark
