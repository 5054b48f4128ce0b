// The steps of a rollback: the restored instance steps aside, and the one before gets its name
// back. As those of a restore, they are decided from what the service shows. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/next_step.h"
#include "core/seen_instance.h"

namespace tidemark::core {

// What a rollback needs to know: the instance that was replaced, and who has its identifier now.
struct RollbackFacts {
  std::string identifier;  // that the replaced instance shall have again
  SeenInstance replaced;   // carries the mark
  std::optional<SeenInstance> target;
};

// The instance of the newest restore under this identifier that can be taken back: also while it is
// to be retired, until its deletion has begun. nullptr when there is none.
const SeenInstance* rollback_candidate(const std::vector<SeenInstance>& instances,
                                       const std::string& identifier);

// Why there is none: it is being deleted, or somebody took its marks off, or it is gone.
Error why_no_rollback(const std::vector<SeenInstance>& instances, const std::string& identifier);

// Whether the instance stays protected from deletion when it is back, though it was not before:
// whoever was about to delete what never came up in its place may be late.
bool keeps_protection(const SeenInstance& replaced);

NextStep next_rollback_step(const RollbackFacts& facts);

}  // namespace tidemark::core
