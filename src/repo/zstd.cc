#include "repo/zstd.h"

#include <memory>

#include <zstd.h>

namespace tidemark::repo {
namespace {

struct FreeCompressor {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};
struct FreeDecompressor {
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

// A window that reaches from the end of what is compressed to the start of its prefix.
int window_log_for(std::size_t bytes) {
  int log = 17;
  while (log < 27 && (std::size_t{1} << log) < bytes) ++log;
  return log;
}

}  // namespace

Bytes zstd_compress(ByteView plain, int level, ByteView prefix) {
  const std::unique_ptr<ZSTD_CCtx, FreeCompressor> context(ZSTD_createCCtx());
  CHECK(context != nullptr);
  CHECK(!ZSTD_isError(ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, level)));
  if (!prefix.empty()) {
    const int window = window_log_for(plain.size() + prefix.size());
    CHECK(!ZSTD_isError(ZSTD_CCtx_setParameter(context.get(), ZSTD_c_windowLog, window)));
    CHECK(!ZSTD_isError(ZSTD_CCtx_refPrefix(context.get(), prefix.data(), prefix.size())));
  }
  Bytes frame(ZSTD_compressBound(plain.size()), '\0');
  const std::size_t size =
      ZSTD_compress2(context.get(), frame.data(), frame.size(), plain.data(), plain.size());
  CHECK(!ZSTD_isError(size));
  frame.resize(size);
  return frame;
}

Result<Bytes> zstd_decompress(ByteView frame, std::size_t plain_bytes, ByteView prefix) {
  const std::unique_ptr<ZSTD_DCtx, FreeDecompressor> context(ZSTD_createDCtx());
  CHECK(context != nullptr);
  if (!prefix.empty())
    CHECK(!ZSTD_isError(ZSTD_DCtx_refPrefix(context.get(), prefix.data(), prefix.size())));
  Bytes plain(plain_bytes, '\0');
  const std::size_t size =
      ZSTD_decompressDCtx(context.get(), plain.data(), plain.size(), frame.data(), frame.size());
  if (ZSTD_isError(size) || size != plain_bytes)
    return Error{ErrorKind::corrupt, "compressed bytes do not give what they should"};
  return plain;
}

}  // namespace tidemark::repo
