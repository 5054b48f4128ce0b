// Retention: which points stay, which go, and why.
//
// Pure: reads no clock, touches nothing, deletes nothing. The operation that applies the verdicts,
// its dry run, the report and the tests all see the same ones.
//
// A point is good for a rule only when its state is good and it is not dated in the future. Points
// that failed, are in progress or are dated in the future therefore never push out a good one.
// Whatever the policy says, these are never condemned and never removed: the newest good point, the
// newest keep_min good points, and held points.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/calendar.h"
#include "core/policy.h"
#include "core/recovery_point.h"

namespace tidemark::core {

// What is to be done with a point now. Only condemn, remove and reprieve ask for an act.
enum class Outcome {
  keep,      // it stays as it is
  condemn,   // mark it now; it stays restorable until its grace period ends
  wait,      // condemned already; nothing to do yet
  remove,    // condemned, its grace period is over and still nothing wants it
  reprieve,  // condemned, but wanted again: take the mark away
  ignore,    // not ours to judge: unadopted, in progress, or being deleted
};

std::string_view outcome_name(Outcome outcome);  // "keep", "condemn", ...

struct Verdict {
  std::string id;
  Outcome outcome = Outcome::keep;
  std::vector<std::string> reasons;  // never empty: "daily 2026-11-21", "held: audit", ...
  std::optional<TimePoint> removable_from = {};  // for condemn, wait and remove: when grace ends
};

// How far a clock may be off before we believe nothing that hangs on it: a point dated further
// ahead of now than this is "in the future".
inline constexpr Seconds kClockSkewMax = std::chrono::minutes(5);

// One verdict a point, newest first; equal moments are ordered by id, so the order of the input
// never matters. All points are of one source, else one source could push out another's.
//
//   - Each rule keeps the newest good point of each of the last N of its periods that have one, as
//     the calendar counts them. A point stays while any rule wants it.
//   - A policy without rules keeps everything: an empty policy must never delete.
//   - A failed point is condemned once a newer good point exists.
//   - Points of the script that Tidemark replaces count only if the policy adopts them.
//   - A point of an instance that a restore put aside counts for no rule: it stays while it is
//   held,
//     and never pushes out a point of the history that was restored.
//   - While the source is overdue nothing is condemned and nothing is removed.
//   - A mark dated before its point is not believed (tags can be copied from a restored source):
//     the point is judged as if unmarked, and condemning it starts a whole grace period. A mark
//     dated in the future never lets a point be removed.
//
// Applying the verdicts and planning again at the same now condemns nothing further.
std::vector<Verdict> plan_retention(std::span<const RecoveryPoint> points,
                                    const RetentionPolicy& policy, TimePoint now,
                                    const LocalCalendar& calendar, bool overdue);

}  // namespace tidemark::core
