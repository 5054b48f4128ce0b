// Marks: what is to be deleted, and since when. docs/repository-format.md#deletion is normative.
#pragma once

#include <vector>

#include "repo/access.h"

namespace tidemark::repo {

struct Mark {
  TimePoint moment;  // by the clock of who made it; what counts is the store's
  std::vector<ObjectName> manifests;
  std::vector<ObjectName> packs;

  friend bool operator==(const Mark&, const Mark&) = default;
};

Bytes encode_mark(const Mark& mark);
Result<Mark> decode_mark(ByteView payload);

struct StoredMark {
  ObjectName name;
  TimePoint stored;  // by the store's clock
  Mark mark;
};

// All marks that count, oldest first. Fails when one cannot be read: what it names is unknown.
Result<std::vector<StoredMark>> read_marks(const Access& access);

// The packs that some mark names, ascending: nobody may rely on them any more.
std::vector<ObjectName> marked_packs(const std::vector<StoredMark>& marks);

}  // namespace tidemark::repo
