// The steps of a rollback: the restored instance steps aside, and the one before gets its name
// back. As those of a restore, they are decided from what the service shows. Pure.
#pragma once

#include <optional>

#include "core/next_step.h"
#include "core/seen_instance.h"

namespace tidemark::core {

// What a rollback needs to know: the instance that was replaced, and who has its identifier now.
struct RollbackFacts {
  SeenInstance replaced;  // carries the mark
  std::optional<SeenInstance> target;
};

NextStep next_rollback_step(const RollbackFacts& facts);

}  // namespace tidemark::core
