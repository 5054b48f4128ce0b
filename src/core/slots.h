// What core has to know of a schedule.
#pragma once

#include <functional>
#include <optional>

#include "base/time.h"

namespace tidemark::core {

// The first slot of the schedule strictly after a moment; nullopt when there is none.
using NextSlot = std::function<std::optional<TimePoint>(TimePoint after)>;

}  // namespace tidemark::core
