// What a user asks for: how often, and what is kept for how long.
#pragma once

#include <string>

#include "base/time.h"

namespace tidemark::core {

// Keeps the newest good point of each of the last N hours, days, ISO weeks, months and years that
// have one, in the policy's time zone. A point stays while any rule wants it.
struct RetentionPolicy {
  int last = 0;
  int hourly = 0;
  int daily = 0;
  int weekly = 0;
  int monthly = 0;
  int yearly = 0;
  Seconds age_min{0};                          // nothing younger is condemned
  int keep_min = 3;                            // this many newest good points are untouchable
  Seconds grace = std::chrono::hours(7 * 24);  // from condemned to deleted
  bool adopt_legacy = false;  // thin the points of the script that Tidemark replaces, too

  // The most points that the rules can keep at once; what is condemned comes on top.
  int points_max() const { return last + hourly + daily + weekly + monthly + yearly; }
};

}  // namespace tidemark::core
