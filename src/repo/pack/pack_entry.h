// What a pack and an index say of one chunk. docs/repository-format.md#packs is normative.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "repo/field_reader.h"
#include "repo/ids.h"

namespace tidemark::repo {

struct PackEntry {
  ChunkId id;
  std::uint32_t stored_bytes = 0;  // tag included
  std::uint32_t plain_bytes = 0;
  std::uint8_t depth = 0;  // 0 exactly without bases
  std::vector<ChunkId> bases;

  friend bool operator==(const PackEntry&, const PackEntry&) = default;
};

// What an entry takes at least.
inline constexpr std::size_t kPackEntryBytesMin = ChunkId::kBytes + 10;

void put_entry(Bytes& out, const PackEntry& entry);

// Makes the reader bad when the entry breaks a limit.
PackEntry take_entry(FieldReader& reader);

// What a pack of these entries takes between its header and its index.
std::uint64_t stored_bytes_of(const std::vector<PackEntry>& entries);

}  // namespace tidemark::repo
