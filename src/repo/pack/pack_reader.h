// Reading packs: what is in one, and one chunk of it.
#pragma once

#include <functional>

#include "repo/objects.h"
#include "repo/pack/pack_builder.h"

namespace tidemark::repo {

// What a pack says of itself, from its whole bytes. Fails with corrupt unless its lengths fill it.
Result<PackFacts> read_pack_facts(const Sealer& sealer, const ObjectName& name, ByteView object);

// The same from a store, by ranges: without reading the chunks.
Result<PackFacts> fetch_pack_facts(ObjectStore& store, const Sealer& sealer,
                                   const ObjectName& name);

// Where one chunk lies.
struct ChunkPlace {
  ObjectName pack;
  Header header;  // of the pack
  std::uint64_t offset = 0;
  std::uint32_t ordinal = 0;
  PackEntry entry;
};

ChunkPlace place_in(const PackFacts& pack, std::uint32_t ordinal);

// The encoded bytes of a chunk.
Result<Bytes> fetch_chunk(ObjectStore& store, const Sealer& sealer, const ChunkPlace& place);

// The encoded bytes of each chunk of a pack, in order; reads it once, and compares its digest.
Status for_each_chunk(ObjectStore& store, const Sealer& sealer, const ObjectName& name,
                      const std::function<Status(const ChunkPlace&, Bytes encoded)>& visit);

}  // namespace tidemark::repo
