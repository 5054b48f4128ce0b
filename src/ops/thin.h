// Thinning: applies the verdicts of retention to a source's snapshots. Condemning is a tag, and
// reversible; deleting looks at the snapshot once more, and leaves alone what changed since the
// plan.
#pragma once

#include <vector>

#include "core/run_report.h"
#include "ops/survey.h"

namespace tidemark::ops {

// Applies the verdicts of this plan. A failure is an event of its own and does not stop the rest,
// except that after a refusal for lack of permission the same kind of act is not tried again.
// Only being asked to stop fails the whole.
Result<std::vector<core::Event>> apply_verdicts(SurveyedSource& surveyed,
                                                const core::SourcePlan& plan,
                                                const SurveyOptions& options, const Clock& clock);

}  // namespace tidemark::ops
