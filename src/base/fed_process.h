// FedProcess: a child process that is given its input piece by piece, and writes to a file of ours.
//
// The exit status is never lost: only finish() says how it ended. One that is destroyed before is
// killed. Borrows the clock and the stop signal.
#pragma once

#include "base/fd.h"
#include "base/process.h"

namespace tidemark {

class FedProcess {
 public:
  // output_fd: what the child gets as its standard output. The deadline of the options is for each
  // piece of input, and for the end: a child that takes nothing for so long is given up.
  static Result<FedProcess> start(ProcessOptions options, int output_fd, Clock& clock,
                                  const StopSignal& stop);

  FedProcess(FedProcess&& other) noexcept;
  FedProcess& operator=(FedProcess&&) = delete;
  ~FedProcess();

  // A child that takes no more input is not an error here: how it ended says more.
  Status write(std::string_view bytes);
  bool takes_input() const { return input_.open(); }

  // Ends the input and waits for the child. As with run_process, a non-zero exit code is an
  // outcome.
  Result<ProcessOutcome> finish();

 private:
  FedProcess(ProcessOptions options, Clock& clock, const StopSignal& stop)
      : options_(std::move(options)), clock_(&clock), stop_(&stop) {}

  // Until the input takes something, or without input until the child closes its errors.
  Status wait(Millis end);

  ProcessOptions options_;
  Clock* clock_;
  const StopSignal* stop_;
  int pid_ = -1;
  Fd input_;
  Fd errors_;
  std::string said_;
};

}  // namespace tidemark
