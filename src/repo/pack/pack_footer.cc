#include "repo/pack/pack_footer.h"

#include "crypto/aead.h"
#include "repo/field_reader.h"
#include "repo/limits.h"
#include "repo/pack/pack_entry.h"
#include "repo/seal/envelope.h"

namespace tidemark::repo {
namespace {

constexpr std::string_view kMagic = "TMPACKv1";

}  // namespace

Bytes encode_footer(const PackFooter& footer) {
  Bytes bytes;
  put_le(bytes, footer.index_bytes);
  put_le(bytes, footer.chunk_count);
  bytes += kMagic;
  return bytes;
}

Result<PackFooter> decode_footer(ByteView bytes, std::uint64_t pack_bytes) {
  FieldReader reader(bytes);
  PackFooter footer;
  footer.index_bytes = reader.integer<std::uint32_t>();
  footer.chunk_count = reader.integer<std::uint32_t>();
  const ByteView magic = reader.bytes(kMagic.size());
  if (!reader.at_end() || magic != kMagic)
    return Error{ErrorKind::corrupt, "it does not end as a pack does"};
  const std::uint64_t least =
      std::uint64_t{Header::kBytes} + footer.index_bytes + PackFooter::kBytes;
  const bool sane = pack_bytes <= kPackBytesMax && least <= pack_bytes && footer.chunk_count > 0 &&
                    footer.chunk_count <= kPackChunksMax &&
                    footer.index_bytes <= kPackIndexBytesMax + crypto::kAeadTagBytes &&
                    footer.index_bytes >= footer.chunk_count * kPackEntryBytesMin;
  if (!sane) return Error{ErrorKind::corrupt, "its footer has impossible lengths"};
  return footer;
}

}  // namespace tidemark::repo
