// A look that is repeated every day for as long as the daemon lives.
#pragma once

#include <functional>

#include "base/clock.h"

namespace tidemark::daemon {

// Not at once: a daemon that has just started has points to take.
inline constexpr Seconds kFirstLookAfter = std::chrono::minutes(10);
inline constexpr Seconds kLookEvery = std::chrono::hours(24);

// Returns when it is asked to stop.
void repeat_daily(const std::function<void()>& look, Clock& clock);

}  // namespace tidemark::daemon
