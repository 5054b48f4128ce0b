// The last 16 bytes of a pack. docs/repository-format.md#packs is normative:
//
//   offset  size  field
//        0     4  index_bytes   of the sealed pack index before the footer
//        4     4  chunk_count   1..65,536
//        8     8  magic         "TMPACKv1"
//
// It has no checksum: it is authenticated together with the pack index.
#pragma once

#include <cstdint>
#include <limits>

#include "base/bytes.h"
#include "base/result.h"

namespace tidemark::repo {

struct PackFooter {
  static constexpr std::size_t kBytes = 16;

  std::uint32_t index_bytes = 0;
  std::uint32_t chunk_count = 0;
};

// The counter that seals the pack index; chunks have their ordinals.
inline constexpr std::uint64_t kPackIndexCounter = std::numeric_limits<std::uint64_t>::max();

Bytes encode_footer(const PackFooter& footer);

// pack_bytes: of the whole object, to judge the lengths by.
Result<PackFooter> decode_footer(ByteView footer, std::uint64_t pack_bytes);

}  // namespace tidemark::repo
