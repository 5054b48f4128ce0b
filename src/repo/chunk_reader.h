// ChunkReader: gives chunks back, through chains of differences, from a cache of plain bytes.
//
// What it returns has the digest that was asked for, or is an error: nothing else is believed.
// Thread-safe; several threads read at once.
#pragma once

#include <memory>
#include <mutex>

#include "repo/chunk_coder.h"
#include "repo/index/chunk_index.h"

namespace tidemark::repo {

// Shared by the cache and by whoever is reading it.
using SharedBytes = std::shared_ptr<const Bytes>;

class ChunkReader {
 public:
  // Borrows all three.
  ChunkReader(const Access& access, ChunkIndex& index, ChunkCoder& coder, std::size_t cache_bytes)
      : access_(access), index_(index), coder_(coder), cache_(cache_bytes) {}

  // Fails with not_found when no pack has it, and with corrupt.
  Result<SharedBytes> read(const ChunkId& id) { return read_at(id, 0); }

  // The chunks' bytes, joined.
  Result<Bytes> read_joined(const std::vector<ChunkId>& ids, int depth = 0);

  // Decodes a chunk whose encoded bytes are at hand, and proves its id.
  Result<Bytes> decode(const PackEntry& entry, ByteView encoded, int depth = 0);

 private:
  void remember(const ChunkId& id, SharedBytes plain);
  Result<SharedBytes> read_at(const ChunkId& id, int depth);
  Result<Bytes> read_place(const ChunkPlace& place, int depth);
  SharedBytes cached(const ChunkId& id);

  const Access& access_;
  ChunkIndex& index_;
  ChunkCoder& coder_;
  std::mutex mutex_;
  LruCache<ChunkId, SharedBytes> cache_;
};

}  // namespace tidemark::repo
