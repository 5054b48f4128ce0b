#include "base/process.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>
#include <poll.h>

#include "base/spawn.h"

namespace tidemark {

Result<ProcessOutcome> run_process(const ProcessOptions& options, Clock& clock,
                                   const StopSignal& stop) {
  CHECK(!options.argv.empty());
  Pipe output;
  Pipe error;
  if (!options.output_to) {
    output = make_pipe();
    error = make_pipe();
  }
  const pid_t pid = TRY(spawn(options, -1, options.output_to.value_or(output.write_end.get()),
                              options.output_to.value_or(error.write_end.get())));
  output.write_end.reset();
  error.write_end.reset();

  ProcessOutcome outcome;
  std::optional<Error> failure;
  const Millis end = clock.steady() + options.deadline;
  while (!failure && (output.read_end.open() || error.read_end.open())) {
    const Millis left = end - clock.steady();
    if (stop.requested()) {
      failure = stopped();
    } else if (left <= Millis::zero()) {
      failure = too_slow(options);
    } else {
      pollfd wakes[3] = {{output.read_end.get(), POLLIN, 0},
                         {error.read_end.get(), POLLIN, 0},
                         {stop.fd(), POLLIN, 0}};
      ::poll(wakes, 3, static_cast<int>(std::min<std::int64_t>(left.count(), 1000)));
      if (options.while_it_runs)
        if (const Status alive = options.while_it_runs(); !alive) failure = alive.error();
      const bool fits = (wakes[0].revents == 0 || !output.read_end.open() ||
                         drain(output.read_end, outcome.output, options.output_bytes_max)) &&
                        (wakes[1].revents == 0 || !error.read_end.open() ||
                         drain(error.read_end, outcome.error_output, options.output_bytes_max));
      if (!fits && !failure)
        failure = Error{
            ErrorKind::exhausted,
            fmt::format("{} wrote more than {} bytes", options.argv[0], options.output_bytes_max)};
    }
  }
  if (!failure) {
    // A child may close its outputs and live on, so its end is waited for with the same patience.
    if (const auto exit_code = wait_until(pid, end, clock, stop)) {
      outcome.exit_code = *exit_code;
      return outcome;
    }
    failure = stop.requested() ? stopped() : too_slow(options);
  }
  kill_group(pid);
  return *std::move(failure);
}

}  // namespace tidemark
