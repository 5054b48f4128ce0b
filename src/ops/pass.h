// A pass: survey the sources, take the points that are due, thin what the policy no longer keeps.
//
// Every step is decided from what the service shows now, so a pass that was stopped anywhere, or
// ran beside another one, is simply followed by a right one.
#pragma once

#include <functional>
#include <vector>

#include "core/run_report.h"
#include "ops/create_point.h"

namespace tidemark::ops {

struct PassOptions {
  SurveyOptions survey;
  bool create = true;  // take what is due
  bool thin = true;    // condemn, reprieve and delete
  // Waits for the points in progress when present; the daemon leaves them to its next look.
  std::optional<Wait> wait = {};
};

// Fails only when it was asked to stop; what went wrong with a source is in its report.
Result<core::RunReport> run_pass(const std::vector<Source>& sources, const PassOptions& options,
                                 Clock& clock);

// The same without thinning, and every source gets a point of this minute, whatever the schedule
// says.
Result<core::RunReport> back_up_now(const std::vector<Source>& sources, const PassOptions& options,
                                    Clock& clock);

}  // namespace tidemark::ops
