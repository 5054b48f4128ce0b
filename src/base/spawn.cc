#include "base/spawn.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace tidemark {
namespace {

constexpr int kEndLookMillis = 2;

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

int exit_code_of(int status) {
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

// What a child gets as descriptors 0, 1, 2 and from kFirstDescriptor on.
struct ChildDescriptors {
  int input;  // -1 for none
  int output;
  int error;
  const std::vector<Fd>& more;
};

// Between fork and exec, with other threads in the parent: nothing here may allocate or lock.
[[noreturn]] void become(const std::vector<char*>& arguments, const std::vector<char*>& variables,
                         const ChildDescriptors& descriptors, pid_t parent, int failure_fd) {
  const auto fail = [failure_fd] {
    const int number = errno;
    [[maybe_unused]] const ssize_t told = ::write(failure_fd, &number, sizeof number);
    ::_exit(127);
  };
  // The parent may have died before this process asked to be told.
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) fail();
  if (::getppid() != parent) ::_exit(127);
  ::setpgid(0, 0);
  ::signal(SIGPIPE, SIG_DFL);
  const int input = descriptors.input >= 0 ? descriptors.input : ::open("/dev/null", O_RDONLY);
  const bool ready = ::dup2(input, 0) == 0 && ::dup2(descriptors.output, 1) == 1 &&
                     ::dup2(descriptors.error, 2) == 2;
  if (!ready) fail();
  if (input > 2) ::close(input);
  for (std::size_t i = 0; i < descriptors.more.size(); ++i)
    if (::dup2(descriptors.more[i].get(), kFirstDescriptor + static_cast<int>(i)) < 0) fail();
  ::execvpe(arguments[0], arguments.data(), variables.data());
  fail();
  ::_exit(127);
}

// Zero, or why it cannot be run.
int spawn_bound(pid_t& pid, const std::vector<char*>& arguments,
                const std::vector<char*>& variables, const ChildDescriptors& descriptors) {
  Pipe failure = make_pipe();
  Fd telling(::fcntl(failure.write_end.get(), F_DUPFD_CLOEXEC, kDescriptorsAbove));
  failure.write_end.reset();
  CHECK(telling.open());
  const pid_t parent = ::getpid();
  pid = ::fork();
  if (pid < 0) return errno;
  if (pid == 0) become(arguments, variables, descriptors, parent, telling.get());
  telling.reset();
  int number = 0;
  ssize_t got = 0;
  do got = ::read(failure.read_end.get(), &number, sizeof number);
  while (got < 0 && errno == EINTR);
  if (got <= 0) return 0;
  while (::waitpid(pid, nullptr, 0) < 0) CHECK(errno == EINTR);
  return number;
}

Error cannot_run(const ProcessOptions& options, int number) {
  const ErrorKind kind = number == ENOENT ? ErrorKind::not_found : ErrorKind::denied;
  return Error{kind, fmt::format("cannot run {}: {}", options.argv[0], std::strerror(number))};
}

}  // namespace

Pipe make_pipe() {
  int fds[2];
  CHECK(::pipe2(fds, O_CLOEXEC) == 0);
  return Pipe{Fd(fds[0]), Fd(fds[1])};
}

Result<pid_t> spawn(const ProcessOptions& options, int input_fd, int output_fd, int error_fd) {
  std::vector<std::string> arguments = options.argv;
  std::vector<std::string> variables;
  for (const auto& [name, value] : options.environment) variables.push_back(name + "=" + value);

  const std::vector<Fd> passed = lifted(options.descriptors);
  pid_t pid = -1;
  if (options.dies_with_us) {
    const int failed = spawn_bound(pid, pointers(arguments), pointers(variables),
                                   {input_fd, output_fd, error_fd, passed});
    if (failed != 0) return cannot_run(options, failed);
    return pid;
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  if (input_fd >= 0)
    posix_spawn_file_actions_adddup2(&actions, input_fd, 0);
  else
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

  const int number = ::posix_spawnp(&pid, arguments[0].c_str(), &actions, &attributes,
                                    pointers(arguments).data(), pointers(variables).data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (number == 0) return pid;
  return cannot_run(options, number);
}

// Between two looks time passes for real, as it does for the child: a clock that is driven by hand
// must not run through the patience before the child ends.
std::optional<int> wait_until(pid_t pid, Millis end, const Clock& clock, const StopSignal& stop) {
  for (;;) {
    int status = 0;
    const pid_t ended = ::waitpid(pid, &status, WNOHANG);
    if (ended == pid) return exit_code_of(status);
    CHECK(ended == 0 || errno == EINTR);
    if (clock.steady() >= end || stop.requested()) return std::nullopt;
    pollfd wake{stop.fd(), POLLIN, 0};
    ::poll(&wake, 1, kEndLookMillis);
  }
}

void kill_group(pid_t pid) {
  ::kill(-pid, SIGKILL);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0) CHECK(errno == EINTR);
}

bool drain(Fd& end, std::string& text, std::size_t bytes_max) {
  char buffer[16384];
  const ssize_t got = ::read(end.get(), buffer, sizeof buffer);
  if (got < 0) return errno == EINTR || errno == EAGAIN;
  if (got == 0) end.reset();
  text.append(buffer, static_cast<std::size_t>(got));
  return text.size() <= bytes_max;
}

Error too_slow(const ProcessOptions& options) {
  return Error{ErrorKind::timed_out,
               fmt::format("{} did not end within {}", options.argv[0],
                           format_duration(std::chrono::floor<Seconds>(options.deadline)))};
}

}  // namespace tidemark
