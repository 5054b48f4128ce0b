#include "repo/codec/zstd_frames.h"

#include <bit>

#include <fmt/format.h>
#include <zstd.h>

namespace tidemark::repo {
namespace {

constexpr std::size_t kMagicBytes = 4;  // the same in each frame, so it need not be stored
constexpr std::uint32_t kMagic = ZSTD_MAGICNUMBER;
constexpr int kWindowLogMin = 10;  // the format's least

// The only failure that is not a fault of ours is a lack of memory.
void must(std::size_t code) { CHECK(!ZSTD_isError(code)); }

}  // namespace

void ZstdFrames::Free::operator()(ZSTD_CCtx_s* context) const { ZSTD_freeCCtx(context); }
void ZstdFrames::Free::operator()(ZSTD_DCtx_s* context) const { ZSTD_freeDCtx(context); }

ZstdFrames::ZstdFrames() : compressor_(ZSTD_createCCtx()), restorer_(ZSTD_createDCtx()) {
  CHECK(compressor_ && restorer_);
}

std::size_t ZstdFrames::compress(ByteView plain, int level, Bytes& out, ByteView prefix) {
  ZSTD_CCtx* const context = compressor_.get();
  must(ZSTD_CCtx_reset(context, ZSTD_reset_session_and_parameters));
  must(ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level));
  must(ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0));  // the streams' list says it
  if (!prefix.empty()) {
    // The window reaches from the end of the plain bytes to the start of the prefix.
    const int window = std::bit_width(plain.size() + prefix.size());
    must(ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, std::max(window, kWindowLogMin)));
    must(ZSTD_CCtx_refPrefix(context, prefix.data(), prefix.size()));
  }
  scratch_.resize(std::max(scratch_.size(), ZSTD_compressBound(plain.size())));
  const std::size_t size =
      ZSTD_compress2(context, scratch_.data(), scratch_.size(), plain.data(), plain.size());
  must(size);
  out.append(scratch_, kMagicBytes, size - kMagicBytes);
  return size - kMagicBytes;
}

Status ZstdFrames::restore(ByteView frame, char* out, std::size_t size, ByteView prefix) {
  scratch_.clear();
  put_le(scratch_, kMagic);
  scratch_.append(frame);
  ZSTD_DCtx* const context = restorer_.get();
  must(ZSTD_DCtx_reset(context, ZSTD_reset_session_and_parameters));
  if (!prefix.empty()) must(ZSTD_DCtx_refPrefix(context, prefix.data(), prefix.size()));
  const std::size_t got = ZSTD_decompressDCtx(context, out, size, scratch_.data(), scratch_.size());
  if (ZSTD_isError(got))
    return Error{ErrorKind::corrupt,
                 fmt::format("a compressed stream is damaged: {}", ZSTD_getErrorName(got))};
  if (got != size)
    return Error{ErrorKind::corrupt,
                 fmt::format("a compressed stream holds {} bytes, not {}", got, size)};
  return Done{};
}

}  // namespace tidemark::repo
