#include "base/clock.h"

#include <algorithm>
#include <cerrno>

#include <poll.h>

namespace tidemark {

TimePoint SystemClock::now() const {
  return std::chrono::floor<Millis>(std::chrono::system_clock::now());
}

Millis SystemClock::steady() const {
  return std::chrono::floor<Millis>(std::chrono::steady_clock::now().time_since_epoch());
}

Status SystemClock::sleep(Millis length) {
  const Millis end = steady() + length;
  for (;;) {
    if (stop_.requested()) return stopped();
    const Millis left = end - steady();
    if (left <= Millis::zero()) return Done{};
    pollfd wake{.fd = stop_.fd(), .events = POLLIN, .revents = 0};
    constexpr Millis kPollMax = std::chrono::hours(1);
    const int woken = ::poll(&wake, 1, static_cast<int>(std::min(left, kPollMax).count()));
    CHECK(woken >= 0 || errno == EINTR);
  }
}

}  // namespace tidemark
