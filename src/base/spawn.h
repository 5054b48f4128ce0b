// The parts of which running a child process is made: process.h and fed_process.h are the doors.
#pragma once

#include <optional>
#include <string>

#include <sys/types.h>

#include "base/fd.h"
#include "base/process.h"

namespace tidemark {

struct Pipe {
  Fd read_end;
  Fd write_end;
};

Pipe make_pipe();

// Starts it in a process group of its own, so that its children can be killed too. input_fd -1: it
// has no input.
Result<pid_t> spawn(const ProcessOptions& options, int input_fd, int output_fd, int error_fd);

// Its exit code, or nullopt when the time is up or we shall stop first.
std::optional<int> wait_until(pid_t pid, Millis end, const Clock& clock, const StopSignal& stop);

// Kills it with its children, and waits until it is gone.
void kill_group(pid_t pid);

// Moves what is there into text; closes the end at end-of-file. False when text grew too large.
bool drain(Fd& end, std::string& text, std::size_t bytes_max);

Error too_slow(const ProcessOptions& options);

}  // namespace tidemark
