// Deletes the instances that finished restores put aside: those replaced, and those discarded by a
// rollback. Each gets a final snapshot first, and its automated backups are kept.
#pragma once

#include "ops/restore.h"

namespace tidemark::ops {

// One plan an instance. Fails with not_found when there is none to retire, and with unsafe while a
// restore of the source is under way.
Result<std::vector<PreparedRestore>> prepare_retirement(const Source& source, bool final_snapshot,
                                                        const SurveyOptions& options,
                                                        const Clock& clock);

RestoreOutcome run_retirement(PreparedRestore prepared, const StepOptions& options, Clock& clock);

}  // namespace tidemark::ops
