// The payload of an index object. docs/repository-format.md#index is normative.
#pragma once

#include <vector>

#include "repo/pack/pack_builder.h"

namespace tidemark::repo {

// Adds what is known of a pack. The sum must stay within kIndexBytesMax.
void put_section(Bytes& out, const PackFacts& pack);

// Where each section of a payload begins, with what it says. Fails with corrupt.
struct IndexSection {
  std::uint32_t offset = 0;
  PackFacts pack;
};
Result<std::vector<IndexSection>> decode_index(ByteView payload, const RepositoryId& repository);

// The one section that begins there.
Result<PackFacts> decode_section(ByteView payload, std::uint32_t offset,
                                 const RepositoryId& repository);

}  // namespace tidemark::repo
