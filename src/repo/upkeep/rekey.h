// Rekey: a new root for all that comes, and new keys to open it with.
//
// docs/repository-format.md#generations says what it gains, and what not: what was sealed before
// stays as it is, readable for whoever has the old root.
#pragma once

#include <vector>

#include "repo/repository.h"

namespace tidemark::repo {

struct NewKey {
  NewSlot slot;
  Secret secret;
};

struct RekeyReport {
  std::uint32_t generation = 0;
  std::vector<ObjectName> slots;    // the new ones
  std::uint64_t slots_removed = 0;  // the old ones
  std::uint64_t slots_left = 0;     // that the store does not let us remove
};

// At least one key. Fails with conflict while somebody writes or prunes in the repository, and with
// unsafe when something of its history is missing. The repository object stays one of the old
// generation: open it anew, with a new key. When it is cut off, the repository opens either with
// the old keys or with the first of the new ones; then remove_outdated_slots() ends it.
Result<RekeyReport> rekey(Repository& repository, const std::vector<NewKey>& keys,
                          const std::string& owner);

// Removes the slots of earlier generations.
Status remove_outdated_slots(const Access& access, RekeyReport& report);

}  // namespace tidemark::repo
