#include "base/stop.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

namespace tidemark {
namespace {

// The one piece of static state: a signal handler can reach nothing else.
std::atomic<StopSignal*> signal_target{nullptr};

void on_signal(int signal_number) {
  StopSignal* stop = signal_target.load();
  if (stop == nullptr || stop->requested()) _exit(128 + signal_number);
  stop->request(signal_number);
}

}  // namespace

StopSignal::StopSignal() {
  int fds[2];
  CHECK(::pipe2(fds, O_CLOEXEC | O_NONBLOCK) == 0);
  read_fd_ = fds[0];
  write_fd_ = fds[1];
}

StopSignal::~StopSignal() {
  StopSignal* self = this;
  signal_target.compare_exchange_strong(self, nullptr);
  ::close(read_fd_);
  ::close(write_fd_);
}

void StopSignal::request(int signal_number) noexcept {
  if (requested_.exchange(true)) return;
  signal_number_.store(signal_number);
  // A full pipe is as readable as one byte; nothing else can fail here.
  [[maybe_unused]] const ssize_t written = ::write(write_fd_, "", 1);
}

void stop_on_signals(StopSignal& stop) {
  signal_target.store(&stop);
  struct sigaction action {};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  CHECK(::sigaction(SIGTERM, &action, nullptr) == 0);
  CHECK(::sigaction(SIGINT, &action, nullptr) == 0);
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  CHECK(::sigaction(SIGPIPE, &ignore, nullptr) == 0);
}

Error stopped() { return Error{ErrorKind::cancelled, "asked to stop"}; }

}  // namespace tidemark
