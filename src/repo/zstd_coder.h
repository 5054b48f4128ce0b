// ZstdCoder: chunks as Zstandard frames, with the joined bases as the frame's prefix. For what has
// no rows, and for tests.
#pragma once

#include "repo/chunk_coder.h"

namespace tidemark::repo {

class ZstdCoder final : public ChunkCoder {
 public:
  explicit ZstdCoder(int level = 3) : level_(level) {}

  Result<Encoded> encode(ByteView plain, const std::vector<SharedChunk>& bases) override;
  Result<SharedChunk> decode(ByteView encoded, const std::vector<SharedChunk>& bases,
                             std::size_t plain_bytes) override;

 private:
  int level_;
};

}  // namespace tidemark::repo
