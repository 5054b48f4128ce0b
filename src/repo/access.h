// Access: an opened repository as its parts see it. Whoever has it has the key.
#pragma once

#include <algorithm>

#include "base/clock.h"
#include "repo/config.h"
#include "repo/objects.h"

namespace tidemark::repo {

struct Access {
  ObjectStore& store;
  crypto::RandomSource& random;
  Clock& clock;
  Sealer sealer;
  KeyRing ring;  // empty in the first generation

  // Whether an object that opened also counts: after a re-key, who has the old root can still make
  // objects of old generations (docs/repository-format.md#generations).
  bool counts(ObjectType type, const ObjectName& name, const Header& header) const {
    if (header.generation == sealer.generation()) return true;
    if (type == ObjectType::manifest) return named_in(ring.manifests, name);
    if (type == ObjectType::index) return named_in(ring.indexes, name);
    return type == ObjectType::pack;
  }

 private:
  static bool named_in(const std::vector<ObjectName>& names, const ObjectName& name) {
    return std::binary_search(names.begin(), names.end(), name);
  }
};

}  // namespace tidemark::repo
