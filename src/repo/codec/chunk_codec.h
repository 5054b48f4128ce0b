// ChunkCodec: a chunk's bytes as they are stored, and back. Pure: no I/O, no keys.
//
// The bytes may be anything. COPY text becomes typed columns, and with reference rows at hand a
// difference of rows; what is no COPY text is compressed as it is. The smallest form wins, and it
// is restored and compared before it is given out, so what encode returns can be decoded.
// docs/chunk-format.md is normative.
//
// Decoding trusts nothing: each length is checked before it is believed, no allocation is larger
// than kStreamBytesMax, and together they are a small multiple of the chunk's length. A chunk whose
// bytes were changed, or that is decoded with another reference, fails with corrupt.
//
// Holds compression contexts: one object a thread.
#pragma once

#include <optional>

#include "repo/codec/grid.h"
#include "repo/codec/row_set.h"
#include "repo/codec/streams.h"
#include "repo/codec/zstd_frames.h"

namespace tidemark::repo {

inline constexpr std::size_t kChunkBytesMax = std::size_t{16} << 20;  // RowCutter cuts no longer
inline constexpr std::size_t kReferenceBytesMax = std::size_t{32} << 20;  // Predecessors give less
inline constexpr std::size_t kStreamBytesMax = std::size_t{48} << 20;     // all streams of a chunk

// How a chunk is stored: its first byte. The upper half is the version of the format.
enum class ChunkForm : std::uint8_t {
  plain = 0x10,
  compressed = 0x11,
  columns = 0x12,
  difference = 0x13,  // needs the reference
  prefixed = 0x14,    // needs the reference
};

// What an encoded chunk says of itself. Fails with corrupt or, for a newer version, unsupported.
struct ChunkHead {
  ChunkForm form;
  std::uint64_t plain_bytes;
  bool needs_reference() const {
    return form == ChunkForm::difference || form == ChunkForm::prefixed;
  }
};
Result<ChunkHead> read_chunk_head(ByteView encoded);

struct CodecOptions {
  int level = 3;  // of zstd
};

class ChunkCodec {
 public:
  explicit ChunkCodec(CodecOptions options = {}) : options_(options) {}

  // reference: the rows of the chunks that this one may be described by, or nothing. Fails with
  // invalid_input when one of both is longer than its limit.
  Result<Bytes> encode(ByteView plain, const RowSet& reference = {});

  // The same reference as in encode; for a chunk that needs none, anything.
  Result<Bytes> decode(ByteView encoded, const RowSet& reference = {});

  // The same without joining the rows: for a chain, whose last set alone is turned into text. What
  // the checksum covers is checked by join.
  Result<RowSet> decode_rows(ByteView encoded, const RowSet& reference = {});

  // The text of what decode_rows gave for these encoded bytes, checked.
  Result<Bytes> join(const RowSet& rows, ByteView encoded);

 private:
  bool restores(ByteView encoded, const RowSet& reference, ByteView plain);
  // Empty when it cannot be stored that way.
  Bytes with_streams(ChunkForm form, ByteView plain, StreamWriter& streams);
  Bytes as_difference(ByteView plain, const std::optional<Grid>& grid, const RowSet& reference);
  Bytes as_whole(ByteView plain, const std::optional<Grid>& grid);

  CodecOptions options_;
  ZstdFrames zstd_;
};

}  // namespace tidemark::repo
