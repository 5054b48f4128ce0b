// Access: an opened repository as its parts see it. Whoever has it has the key.
//
// Borrows the store, the random source, the clock and the cache. Thread-safe.
#pragma once

#include <optional>

#include "base/clock.h"
#include "repo/config.h"
#include "repo/object_cache.h"
#include "repo/objects.h"

namespace tidemark::repo {

struct Access {
  ObjectStore& store;
  crypto::RandomSource& random;
  Clock& clock;
  Sealer sealer;
  KeyRing ring;                        // empty in the first generation
  const ObjectCache* cache = nullptr;  // of index objects and manifests; may be absent
  ObjectName slot = {};                // that it was opened with

  // Whether an object that opened also counts: after a re-key, who has the old root can still make
  // objects of old generations (docs/repository-format.md#generations).
  bool counts(ObjectType type, const ObjectName& name, const Header& header) const;

  // Seals the payload and creates the object.
  Result<ObjectName> put(ObjectType type, ByteView payload) const;

  // The payload, within a limit. Empty when the object does not count.
  Result<std::optional<Bytes>> open(ObjectType type, const ObjectName& name,
                                    std::size_t bytes_max) const;
};

}  // namespace tidemark::repo
