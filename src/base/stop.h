// StopSignal: how the process learns that it shall end, and how every wait hears of it.
#pragma once

#include <atomic>

#include "base/result.h"

namespace tidemark {

// Raised once, by SIGTERM, SIGINT or a test; never lowered. request() is async-signal-safe.
// Thread-safe.
class StopSignal {
 public:
  StopSignal();
  ~StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  // signal_number: what to report in the exit code, or 0.
  void request(int signal_number = 0) noexcept;
  bool requested() const noexcept { return requested_.load(std::memory_order_acquire); }
  int signal_number() const noexcept { return signal_number_.load(std::memory_order_acquire); }

  // Readable from the moment of the request; for poll(2).
  int fd() const noexcept { return read_fd_; }

 private:
  std::atomic<bool> requested_{false};
  std::atomic<int> signal_number_{0};
  int read_fd_;
  int write_fd_;
};

// Lets SIGTERM and SIGINT raise the signal, which must live as long as the process. A second one
// ends the process at once.
void stop_on_signals(StopSignal& stop);

// The error of a wait that was cut short.
Error stopped();

}  // namespace tidemark
