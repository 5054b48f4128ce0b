// The key slots of a repository, in its store.
#pragma once

#include <vector>

#include "base/clock.h"
#include "repo/objects.h"
#include "repo/seal/key_slot.h"

namespace tidemark::repo {

struct StoredSlot {
  ObjectName name;
  SlotFacts facts;
};

// The slots of this repository that can be read, oldest first. Damaged ones, and those of another
// repository, cannot open it and are left out: one of them must not keep the others from opening.
Result<std::vector<StoredSlot>> list_slots(ObjectStore& store, const RepositoryId& repository);

struct Unlocked {
  Secret root;
  std::uint32_t generation = 1;  // that of the root
  ObjectName slot;
};

// Tries each slot. Fails with denied when none opens, or when the secret is from before a re-key.
Result<Unlocked> unlock(ObjectStore& store, const RepositoryId& repository,
                        const KeySecret& secret);

// Fails with conflict when a re-key has begun since the repository was opened: what its old
// generation writes from then on would not count.
Status check_generation(ObjectStore& store, const Sealer& sealer);

// Stores a slot, reads it back and opens it. Cost of a password: two times Argon2id.
Result<ObjectName> add_slot(ObjectStore& store, const NewSlot& slot, const Secret& secret,
                            const Sealer& sealer, crypto::RandomSource& random);

// Fails with unsafe when no other slot of the newest generation would remain. Not a revocation: who
// has a copy of the slot, or of the root, keeps it.
Status remove_slot(ObjectStore& store, const Sealer& sealer, const ObjectName& name);

}  // namespace tidemark::repo
