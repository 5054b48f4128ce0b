// The loop that a restore, its rollback and a retirement share: look at the world, decide the next
// step, take it; until it is finished or cannot go on.
//
// A refusal that only says "not now" (a busy instance, a lost connection) is looked at again, with
// pauses that grow with the time already waited, until the deadline. A step that was just taken and
// whose effect is not to be seen yet is not taken again at once: services show changes late.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "core/restore_steps.h"

namespace tidemark::ops {

struct StepLimits {
  Seconds deadline = std::chrono::hours(12);  // of each wait, counted from the last step
  Millis pause_first{150};
  Millis pause_max{15'000};
  Millis settle{60'000};  // how long a step taken is given to show its effect
  int repeats_max = 5;    // of one step; then it is an error
};

struct TakenStep {
  core::RestoreAct act;
  std::string subject;
  Millis waited{0};  // from when it was first decided to when something else was next
};

struct StepLoop {
  std::function<Result<core::NextStep>()> look;
  std::function<Status(const core::NextStep&)> take;
  // After each decision; the time is that since the decision first was this one.
  std::function<void(const core::NextStep&, Millis)> on_step = {};
};

// Of a rename or a deletion. When its reply is lost it is asked for again, and by then nothing has
// the name any more: whether it was done, the next look tells.
Status unless_gone(Status status);

// Fills taken with every step, also when it fails in the end. Fails with the error of a step that
// cannot succeed, with timed_out, or with cancelled.
Status run_steps(const StepLoop& loop, const StepLimits& limits, Clock& clock,
                 std::vector<TakenStep>& taken);

}  // namespace tidemark::ops
