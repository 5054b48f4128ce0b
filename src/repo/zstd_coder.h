// ZstdCoder: chunks as Zstandard frames, with the reference as the frame's prefix.
#pragma once

#include "repo/chunk_coder.h"

namespace tidemark::repo {

class ZstdCoder final : public ChunkCoder {
 public:
  explicit ZstdCoder(int level = 3) : level_(level) {}

  Result<Encoded> encode(ByteView plain, ByteView reference) override;
  Result<Bytes> decode(ByteView encoded, ByteView reference, std::size_t plain_bytes) override;

 private:
  int level_;
};

}  // namespace tidemark::repo
