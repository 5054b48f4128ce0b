#include "repo/pack/pack_entry.h"

#include "crypto/aead.h"
#include "repo/limits.h"

namespace tidemark::repo {

void put_entry(Bytes& out, const PackEntry& entry) {
  CHECK(entry.bases.size() <= kBasesMax);
  out += entry.id.view();
  put_le(out, entry.stored_bytes);
  put_le(out, entry.plain_bytes);
  put_le(out, entry.depth);
  put_le(out, static_cast<std::uint8_t>(entry.bases.size()));
  for (const ChunkId& base : entry.bases) out += base.view();
}

PackEntry take_entry(FieldReader& reader) {
  PackEntry entry;
  const ByteView id = reader.bytes(ChunkId::kBytes);
  entry.stored_bytes = reader.integer<std::uint32_t>();
  entry.plain_bytes = reader.integer<std::uint32_t>();
  entry.depth = reader.integer<std::uint8_t>();
  entry.bases.resize(reader.count<std::uint8_t>(kBasesMax, ChunkId::kBytes));
  for (ChunkId& base : entry.bases) base = ChunkId::from(reader.bytes(ChunkId::kBytes));
  const bool sane = entry.stored_bytes >= crypto::kAeadTagBytes &&
                    entry.stored_bytes <= kStoredChunkBytesMax &&
                    entry.plain_bytes <= kPlainChunkBytesMax && entry.depth <= kChainMax &&
                    (entry.depth == 0) == entry.bases.empty();
  if (!sane) reader.fail();
  if (!reader.good()) return {};
  entry.id = ChunkId::from(id);
  return entry;
}

std::uint64_t stored_bytes_of(const std::vector<PackEntry>& entries) {
  std::uint64_t sum = 0;
  for (const PackEntry& entry : entries) sum += entry.stored_bytes;
  return sum;
}

}  // namespace tidemark::repo
