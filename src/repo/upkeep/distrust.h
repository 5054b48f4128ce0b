// Distrusts: packs that were found damaged, though the store shows them as they should be.
//
// docs/repository-format.md#distrust is normative. Whoever writes stores anew what they hold, and a
// prune takes nothing in them for a copy. Who finds damage writes one; who finds the pack whole
// again takes it away.
#pragma once

#include <vector>

#include "repo/access.h"

namespace tidemark::repo {

struct Distrust {
  TimePoint moment;               // by the clock of who made it
  std::vector<ObjectName> packs;  // ascending, each once, at most kDistrustPacksMax

  friend bool operator==(const Distrust&, const Distrust&) = default;
};

Bytes encode_distrust(const Distrust& distrust);
Result<Distrust> decode_distrust(ByteView payload);

struct StoredDistrust {
  ObjectName name;
  Distrust distrust;
};

struct UnreadableDistrust {
  ObjectName name;
  Error reason;
};

struct Distrusts {
  std::vector<StoredDistrust> records;
  std::vector<ObjectName> packs;               // of all of them, ascending, each once
  std::vector<UnreadableDistrust> unreadable;  // records that are damaged themselves

  bool contains(const ObjectName& pack) const;
};

// Those of every generation.
Result<Distrusts> read_distrusts(const Access& access);

// Says it of those packs that nobody said it of before.
Status distrust_packs(const Access& access, std::vector<ObjectName> packs);

// Takes it back, of packs that were read and found whole.
Status trust_packs(const Access& access, const std::vector<ObjectName>& packs);

// Removes records that cannot be read. Only for who has read every pack since they were found, and
// said of the damaged ones what such a record may have said.
Status replace_unreadable(const Access& access, const std::vector<UnreadableDistrust>& records);

}  // namespace tidemark::repo
