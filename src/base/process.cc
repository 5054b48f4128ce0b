#include "base/process.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"

namespace tidemark {
namespace {

struct Pipe {
  Fd read_end;
  Fd write_end;
};

Pipe make_pipe() {
  int fds[2];
  CHECK(::pipe2(fds, O_CLOEXEC) == 0);
  return Pipe{Fd(fds[0]), Fd(fds[1])};
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (std::string& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

constexpr int kFirstDescriptor = 3;    // after input, output and errors
constexpr int kDescriptorsAbove = 64;  // out of the way of those the child gets

// Copies that lie above all numbers that the child's descriptors get, so that none is overwritten
// before it is passed on.
std::vector<Fd> lifted(const std::vector<int>& descriptors) {
  std::vector<Fd> copies;
  for (const int descriptor : descriptors) {
    copies.emplace_back(::fcntl(descriptor, F_DUPFD_CLOEXEC, kDescriptorsAbove));
    CHECK(copies.back().open());
  }
  return copies;
}

// Starts it with no input, in a process group of its own, so that its children can be killed too.
Result<pid_t> spawn(const ProcessOptions& options, int output_fd, int error_fd) {
  std::vector<std::string> arguments = options.argv;
  std::vector<std::string> variables;
  for (const auto& [name, value] : options.environment) variables.push_back(name + "=" + value);

  const std::vector<Fd> passed = lifted(options.descriptors);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, output_fd, 1);
  posix_spawn_file_actions_adddup2(&actions, error_fd, 2);
  for (std::size_t i = 0; i < passed.size(); ++i)
    posix_spawn_file_actions_adddup2(&actions, passed[i].get(),
                                     kFirstDescriptor + static_cast<int>(i));
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setpgroup(&attributes, 0);
  sigset_t defaults;
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF);

  pid_t pid = -1;
  const int number = ::posix_spawnp(&pid, arguments[0].c_str(), &actions, &attributes,
                                    pointers(arguments).data(), pointers(variables).data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (number == 0) return pid;
  const ErrorKind kind = number == ENOENT ? ErrorKind::not_found : ErrorKind::denied;
  return Error{kind, fmt::format("cannot run {}: {}", options.argv[0], std::strerror(number))};
}

int exit_code_of(int status) {
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int wait_for(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0) CHECK(errno == EINTR);
  return exit_code_of(status);
}

constexpr int kEndLookMillis = 2;
constexpr int kEndLookMillisMax = 64;

// A child may close its outputs and live on, so its end is waited for with the same patience.
// nullopt when that is at an end first. Between two looks time passes for real, as it does for the
// child: a clock that is driven by hand must not run through the patience before the child ends.
std::optional<int> wait_until(pid_t pid, Millis end, const Clock& clock, const StopSignal& stop) {
  for (int pause = kEndLookMillis;; pause = std::min(2 * pause, kEndLookMillisMax)) {
    int status = 0;
    const pid_t ended = ::waitpid(pid, &status, WNOHANG);
    if (ended == pid) return exit_code_of(status);
    CHECK(ended == 0 || errno == EINTR);
    if (clock.steady() >= end || stop.requested()) return std::nullopt;
    pollfd wake{stop.fd(), POLLIN, 0};
    ::poll(&wake, 1, pause);
  }
}

Error too_slow(const ProcessOptions& options) {
  return Error{ErrorKind::timed_out,
               fmt::format("{} did not end within {}", options.argv[0],
                           format_duration(std::chrono::floor<Seconds>(options.deadline)))};
}

// Moves what is there into text; closes the end at end-of-file. False when text grew too large.
bool drain(Fd& end, std::string& text, std::size_t bytes_max) {
  char buffer[16384];
  const ssize_t got = ::read(end.get(), buffer, sizeof buffer);
  if (got < 0) return errno == EINTR || errno == EAGAIN;
  if (got == 0) end.reset();
  text.append(buffer, static_cast<std::size_t>(got));
  return text.size() <= bytes_max;
}

}  // namespace

Result<ProcessOutcome> run_process(const ProcessOptions& options, Clock& clock,
                                   const StopSignal& stop) {
  CHECK(!options.argv.empty());
  Pipe output;
  Pipe error;
  if (!options.output_to) {
    output = make_pipe();
    error = make_pipe();
  }
  const pid_t pid = TRY(spawn(options, options.output_to.value_or(output.write_end.get()),
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
      const bool fits = (wakes[0].revents == 0 || !output.read_end.open() ||
                         drain(output.read_end, outcome.output, options.output_bytes_max)) &&
                        (wakes[1].revents == 0 || !error.read_end.open() ||
                         drain(error.read_end, outcome.error_output, options.output_bytes_max));
      if (!fits)
        failure = Error{
            ErrorKind::exhausted,
            fmt::format("{} wrote more than {} bytes", options.argv[0], options.output_bytes_max)};
    }
  }
  if (!failure) {
    if (const auto exit_code = wait_until(pid, end, clock, stop)) {
      outcome.exit_code = *exit_code;
      return outcome;
    }
    failure = stop.requested() ? stopped() : too_slow(options);
  }
  ::kill(-pid, SIGKILL);
  discard(Result<int>(wait_for(pid)), "it was killed; only that it is gone matters");
  return *std::move(failure);
}

}  // namespace tidemark
