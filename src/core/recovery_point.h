// What one run leaves for one source: today, an RDS snapshot.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace tidemark::core {

// How far a point has come. Only `good` counts as a backup.
enum class PointState {
  in_progress,  // the service is still working, or shows a state that we do not know
  good,         // available
  failed,       // it ended badly, or is damaged; it never counts
  deleting,
};

std::string_view state_name(PointState state);

struct RecoveryPoint {
  std::string id;                    // the snapshot's identifier
  std::string source;                // name of the source in the configuration
  TimePoint slot;                    // the moment it stands for: the slot of the schedule
  std::optional<TimePoint> created;  // when the service took it; absent while in progress
  std::optional<TimePoint> asked;    // when we asked for it, which for a late point is not its slot
  std::optional<TimePoint> last_transaction;  // that is in it, when the service says
  PointState state = PointState::in_progress;
  std::string service_status;             // the service's own word, for messages
  std::optional<std::string> hold;        // why it is held; held when present
  std::optional<TimePoint> condemned_at;  // condemned when present
  bool other_instance = false;            // of an instance that the source's is not, or no longer
  std::uint64_t missing_files = 0;        // that rows name, and that were not there
  bool apart = false;       // of an instance that a restore put aside: no rule counts it
  bool legacy = false;      // taken by the script that Tidemark replaces
  std::uint64_t order = 0;  // of points of one moment: the greater, the later

  // The moment that retention and coverage go by: when it was taken, else its slot.
  TimePoint moment() const { return created.value_or(slot); }
  bool good() const { return state == PointState::good; }
};

// In the order that retention goes by, which is one for any two points.
inline bool is_newer(const RecoveryPoint& a, const RecoveryPoint& b) {
  if (a.moment() != b.moment()) return a.moment() > b.moment();
  return a.order != b.order ? a.order > b.order : a.id > b.id;
}

}  // namespace tidemark::core
