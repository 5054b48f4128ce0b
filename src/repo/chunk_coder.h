// ChunkCoder: how a chunk's plain bytes become the bytes that are sealed, and back.
//
// A decoded chunk is kept in whatever form its coder works with best: rows, say, of which a
// difference shares most with its base. Thread-safe.
#pragma once

#include <memory>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace tidemark::repo {

class DecodedChunk {
 public:
  virtual ~DecodedChunk() = default;

  virtual Bytes text() const = 0;
  // What it takes, about. What several share may be counted for each.
  virtual std::size_t memory_bytes() const = 0;
};

// Shared by the cache, by whoever reads it, and by what was decoded from it.
using SharedChunk = std::shared_ptr<const DecodedChunk>;

struct Encoded {
  Bytes bytes;
  // Whether decoding needs the bases. A coder that finds no gain in them says no.
  bool uses_bases = false;
};

class ChunkCoder {
 public:
  virtual ~ChunkCoder() = default;

  // bases: what the chunk probably resembles, in their order; made by this coder. What it returns
  // it has decoded and compared: it fails with corrupt rather than give out anything else.
  virtual Result<Encoded> encode(ByteView plain, const std::vector<SharedChunk>& bases) = 0;

  // bases: those that encode used, or none. Fails with corrupt; never takes memory beyond a small
  // multiple of plain_bytes. That the text is the right one is proven by whoever knows its id.
  virtual Result<SharedChunk> decode(ByteView encoded, const std::vector<SharedChunk>& bases,
                                     std::size_t plain_bytes) = 0;
};

}  // namespace tidemark::repo
