#include "base/fed_process.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>

#include "base/spawn.h"

namespace tidemark {

Result<FedProcess> FedProcess::start(ProcessOptions options, int output_fd, Clock& clock,
                                     const StopSignal& stop) {
  CHECK(!options.argv.empty());
  FedProcess process(std::move(options), clock, stop);
  Pipe input = make_pipe();
  Pipe errors = make_pipe();
  process.pid_ =
      TRY(spawn(process.options_, input.read_end.get(), output_fd, errors.write_end.get()));
  process.input_ = std::move(input.write_end);
  process.errors_ = std::move(errors.read_end);
  CHECK(::fcntl(process.input_.get(), F_SETFL, O_NONBLOCK) == 0);
  return process;
}

FedProcess::FedProcess(FedProcess&& other) noexcept
    : options_(std::move(other.options_)),
      clock_(other.clock_),
      stop_(other.stop_),
      pid_(std::exchange(other.pid_, -1)),
      input_(std::move(other.input_)),
      errors_(std::move(other.errors_)),
      said_(std::move(other.said_)) {}

FedProcess::~FedProcess() {
  if (pid_ > 0) kill_group(pid_);
}

Status FedProcess::wait(Millis end) {
  for (;;) {
    const Millis left = end - clock_->steady();
    if (stop_->requested()) return stopped();
    if (left <= Millis::zero()) return too_slow(options_);
    pollfd wakes[3] = {
        {input_.get(), POLLOUT, 0}, {errors_.get(), POLLIN, 0}, {stop_->fd(), POLLIN, 0}};
    ::poll(wakes, 3, static_cast<int>(std::min<std::int64_t>(left.count(), 1000)));
    if (wakes[1].revents != 0 && errors_.open() &&
        !drain(errors_, said_, options_.output_bytes_max))
      return Error{ErrorKind::exhausted, fmt::format("{} said more than {} bytes", options_.argv[0],
                                                     options_.output_bytes_max)};
    if (input_.open() ? wakes[0].revents != 0 : !errors_.open()) return Done{};
  }
}

Status FedProcess::write(std::string_view bytes) {
  while (!bytes.empty() && input_.open()) {
    TRY(wait(clock_->steady() + options_.deadline));
    const ssize_t written = ::write(input_.get(), bytes.data(), bytes.size());
    if (written > 0) bytes.remove_prefix(static_cast<std::size_t>(written));
    if (written < 0 && errno != EINTR && errno != EAGAIN) input_.reset();
  }
  return Done{};
}

Result<ProcessOutcome> FedProcess::finish() {
  input_.reset();
  const Millis end = clock_->steady() + options_.deadline;
  while (errors_.open()) TRY(wait(end));
  const auto exit_code = wait_until(pid_, end, *clock_, *stop_);
  if (!exit_code) return stop_->requested() ? stopped() : too_slow(options_);
  pid_ = -1;
  return ProcessOutcome{.exit_code = *exit_code, .output = {}, .error_output = std::move(said_)};
}

}  // namespace tidemark
