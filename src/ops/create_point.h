// Takes a snapshot, and waits for one.
#pragma once

#include <functional>
#include <vector>

#include "ops/survey.h"

namespace tidemark::ops {

// Asks for the snapshot and enters it into the surveyed source. When the name is taken, by an
// earlier call whose reply was lost or by another daemon, that snapshot is the answer, provided
// that it is ours and of this instance; otherwise it fails with conflict.
Status create_point(SurveyedSource& surveyed, const core::NewPoint& point,
                    const SurveyOptions& options, const Clock& clock);

struct Wait {
  Millis deadline{0};  // for all of them together
  Millis poll_first{1'000};
  Millis poll_max{20'000};
  // Called after each look at each snapshot, with the time since the wait began.
  std::function<void(const aws::rds::Snapshot&, Millis)> on_look = {};
};

struct Awaited {
  SurveyedSource* surveyed;  // borrowed
  std::string snapshot;
  std::optional<Error> error;  // set by the wait: rejected (it failed), timed_out, not_found
  bool done = false;           // set by the wait: it is available
};

// Looks at them in turn until each is available or has failed. Only being asked to stop fails the
// whole. A look that finds the network down is repeated until the deadline.
Status wait_for_points(std::vector<Awaited>& awaited, const Wait& wait, Clock& clock);

}  // namespace tidemark::ops
