// Deletes the instances that finished restores put aside: those replaced, and those discarded by a
// rollback. Each gets a final snapshot first, and its automated backups are kept.
#pragma once

#include "ops/restore.h"

namespace tidemark::ops {

struct RetireRequest {
  bool final_snapshot = true;
  bool despite_clients = false;  // although somebody is connected to it
  // How many are connected to an instance; empty when nobody here can log in.
  std::function<Result<int>(const core::SeenInstance&)> count_clients = {};
};

// One plan an instance. Fails with not_found when there is none to retire, and with unsafe while a
// restore of the source is under way, or when all that there is may be in use.
Result<std::vector<PreparedRestore>> prepare_retirement(const Source& source,
                                                        const RetireRequest& request,
                                                        const SurveyOptions& options,
                                                        const Clock& clock);

// Counts the clients again right before the deletion, as the request has it.
RestoreOutcome run_retirement(PreparedRestore prepared, const RetireRequest& request,
                              const StepOptions& options, Clock& clock);

}  // namespace tidemark::ops
