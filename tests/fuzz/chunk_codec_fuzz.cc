// ChunkCodec: no encoded chunk hurts the decoder, and whatever is encoded comes back. An input is
// the length of a reference in two bytes, the reference, and what is both decoded and encoded.
#include <cstdint>

#include "repo/codec/chunk_codec.h"

using namespace tidemark;
using namespace tidemark::repo;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(reinterpret_cast<const char*>(data), size);
  if (size < 2) return 0;
  const std::size_t reference_bytes =
      std::min<std::size_t>(get_le<std::uint16_t>(input.data()), size - 2);
  const RowSet reference = RowSet::of_text(input.substr(2, reference_bytes));
  const ByteView rest = input.substr(2 + reference_bytes);
  ChunkCodec codec;

  // The rows, too, of what then fails its checksum: most of the decoder lies before that.
  if (const auto rows = codec.decode_rows(rest, reference)) {
    const auto joined = codec.join(*rows, rest);
    if (joined) CHECK(joined->size() == read_chunk_head(rest)->plain_bytes);
  }
  const auto encoded = codec.encode(rest, reference);
  CHECK(encoded && encoded->size() <= rest.size() + 10);
  const auto again = codec.decode(*encoded, reference);
  CHECK(again && *again == rest);
  return 0;
}
