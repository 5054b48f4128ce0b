// Repair: makes the index again from the packs, and says what is lost. Never deletes anything.
// Of packs that show damage it leaves word, so that no archive builds on them.
#pragma once

#include "repo/upkeep/check.h"

namespace tidemark::repo {

struct RepairReport {
  std::uint64_t packs_indexed = 0;  // that no index object named
  CheckReport after;                // what is still wrong
};

// With chunk-by-chunk proof for packs of earlier key generations: their own index is not enough
// there (docs/repository-format.md#generations).
Result<RepairReport> repair(Repository& repository);

}  // namespace tidemark::repo
