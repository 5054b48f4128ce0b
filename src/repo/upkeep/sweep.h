// The parts of prune that are not its door: planning again, deleting, mending the index.
#pragma once

#include "repo/lock/lease.h"
#include "repo/upkeep/prune.h"

namespace tidemark::repo {

// Deletes what was marked long enough ago. lease: of the prune that sweeps. Adds to the report.
// Safe to cut anywhere and to run again.
Status sweep(Repository& repository, Lease& lease, Millis grace, PruneReport& report);

// plan_prune of somebody who works under this lease himself.
Result<PrunePlan> plan_prune_beside(Repository& repository, std::vector<ObjectName> forget,
                                    const PruneOptions& options, const LeaseId& own);

// Takes the sections of these packs out of the index: new objects first, read back, then the old
// ones go.
Status drop_from_index(const Access& access, const std::vector<ObjectName>& packs);

}  // namespace tidemark::repo
