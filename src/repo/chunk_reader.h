// ChunkReader: gives chunks back, through chains of differences, from a cache of decoded chunks.
//
// The bytes it returns have the digest that was asked for, or it is an error: nothing else is
// believed. Thread-safe; several threads read at once.
#pragma once

#include <mutex>

#include "repo/chunk_coder.h"
#include "repo/index/chunk_index.h"

namespace tidemark::repo {

class ChunkReader {
 public:
  // Borrows all three.
  ChunkReader(const Access& access, ChunkIndex& index, ChunkCoder& coder, std::size_t cache_bytes)
      : access_(access), index_(index), coder_(coder), cache_(cache_bytes) {}

  // Fails with not_found when no pack has it, and with corrupt.
  Result<Bytes> read(const ChunkId& id);

  // Chunks to make a difference to: decoded, and proven by their digests.
  Result<std::vector<SharedChunk>> read_bases(const std::vector<ChunkId>& ids);

  // Decodes a chunk whose encoded bytes are at hand, and proves its id.
  Result<Bytes> decode(const PackEntry& entry, ByteView encoded);

 private:
  struct Cached {
    SharedChunk chunk;
    bool proven = false;
  };

  // Judges a decoded chunk.
  using Accept = std::function<Status(const SharedChunk&)>;

  // A step of a chain is not proven: what is made of it is.
  Result<SharedChunk> step(const ChunkId& id, int depth);
  Result<std::vector<SharedChunk>> steps(const std::vector<ChunkId>& ids, int depth);
  Result<SharedChunk> proven(const ChunkId& id, Bytes& text);
  Result<SharedChunk> from_places(const ChunkId& id, int depth, const Accept& accept);
  Result<SharedChunk> decode_at(const PackEntry& entry, ByteView encoded, int depth);
  Status prove(const ChunkId& id, const DecodedChunk& chunk, Bytes& text) const;
  std::optional<Cached> cached(const ChunkId& id);
  void remember(const ChunkId& id, const SharedChunk& chunk, bool proven);

  const Access& access_;
  ChunkIndex& index_;
  ChunkCoder& coder_;
  std::mutex mutex_;
  LruCache<ChunkId, Cached> cache_;
};

}  // namespace tidemark::repo
