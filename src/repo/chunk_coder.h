// ChunkCoder: how a chunk's plain bytes become the bytes that are sealed, and back.
//
// A coder proposes; the writer decodes what it got and compares, and the reader recomputes the
// chunk's id. So a wrong coder fails an archive, and cannot spoil one. Thread-safe.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

namespace tidemark::repo {

struct Encoded {
  Bytes bytes;
  // Whether decoding needs the reference. A coder that finds no gain in it says no.
  bool uses_reference = false;
};

class ChunkCoder {
 public:
  virtual ~ChunkCoder() = default;

  // reference: the plain bytes of the chunk's bases, joined; empty when there is none.
  virtual Result<Encoded> encode(ByteView plain, ByteView reference) = 0;

  // Exactly plain_bytes bytes. reference is what encode was given, or empty when it made no use of
  // it. Fails with corrupt; never takes memory beyond a small multiple of plain_bytes.
  virtual Result<Bytes> decode(ByteView encoded, ByteView reference, std::size_t plain_bytes) = 0;
};

}  // namespace tidemark::repo
