// Child processes: an argument vector, never a shell; the exit status is never lost.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace tidemark {

struct ProcessOptions {
  std::vector<std::string> argv;                   // argv[0] is looked up in PATH
  std::map<std::string, std::string> environment;  // the whole of it: nothing is inherited
  std::vector<int> descriptors;                    // of ours, that the child gets as 3, 4, ...
  // Of ours, that takes both streams as they are written, however much, instead of the outcome:
  // what was written stays there when the child is killed.
  std::optional<int> output_to = {};
  // It is killed when the thread that runs it is gone, even by SIGKILL. What it started itself goes
  // on then, as Linux has it.
  bool dies_with_us = false;
  Millis deadline{60'000};
  std::size_t output_bytes_max = 1 << 20;  // of each stream; more is an error
  // Called about once a second; when it fails, the child is killed and that is the error.
  std::function<Status()> while_it_runs = {};
};

struct ProcessOutcome {
  int exit_code = 0;  // 128 + signal when a signal ended it
  std::string output;
  std::string error_output;
};

// Runs it to its end. Fails with not_found (no such program), timed_out (it was killed), exhausted
// (too much output; it was killed) or cancelled. A non-zero exit code is an outcome, not an error.
Result<ProcessOutcome> run_process(const ProcessOptions& options, Clock& clock,
                                   const StopSignal& stop);

}  // namespace tidemark
