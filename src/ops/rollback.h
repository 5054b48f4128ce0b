// Takes a restore back: the instance that gave way gets its identifier again. What was restored is
// put aside under another name, never deleted, unless it never came up.
#pragma once

#include "ops/restore.h"

namespace tidemark::ops {

// The plan, from the newest restore in place of this source that has not been retired. Fails with
// not_found when there is none.
Result<PreparedRestore> prepare_rollback(const Source& source, const SurveyOptions& options,
                                         const Clock& clock);

RestoreOutcome run_rollback(PreparedRestore prepared, const StepOptions& options, Clock& clock);

}  // namespace tidemark::ops
