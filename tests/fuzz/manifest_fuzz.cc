// decode_manifest: no payload hurts it, and what it accepts is written and read again alike. The
// plain bytes are fuzzed as well, in a frame that is always right.
#include <cstdint>

#include "repo/manifest/manifest.h"
#include "repo/zstd.h"

using namespace tidemark;

namespace {

void look_at(ByteView payload) {
  const auto manifest = repo::decode_manifest(payload);
  if (!manifest) return;
  const auto written = repo::encode_manifest(*manifest);
  CHECK(written);
  const auto again = repo::decode_manifest(*written);
  CHECK(again && *again == *manifest);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes(reinterpret_cast<const char*>(data), size);
  look_at(bytes);
  Bytes framed;
  put_le(framed, static_cast<std::uint32_t>(size));
  framed += repo::zstd_compress(bytes, 1);
  look_at(framed);
  return 0;
}
