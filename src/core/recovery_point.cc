#include "core/recovery_point.h"

namespace tidemark::core {

std::string_view state_name(PointState state) {
  switch (state) {
    case PointState::in_progress: return "in_progress";
    case PointState::good: return "good";
    case PointState::failed: return "failed";
    case PointState::deleting: break;
  }
  return "deleting";
}

}  // namespace tidemark::core
