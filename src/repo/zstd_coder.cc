#include "repo/zstd_coder.h"

#include "repo/zstd.h"

namespace tidemark::repo {

Result<Encoded> ZstdCoder::encode(ByteView plain, ByteView reference) {
  Encoded alone{zstd_compress(plain, level_), false};
  if (reference.empty()) return alone;
  Encoded difference{zstd_compress(plain, level_, reference), true};
  return difference.bytes.size() < alone.bytes.size() ? std::move(difference) : std::move(alone);
}

Result<Bytes> ZstdCoder::decode(ByteView encoded, ByteView reference, std::size_t plain_bytes) {
  return zstd_decompress(encoded, plain_bytes, reference);
}

}  // namespace tidemark::repo
