#include "repo/codec/chunk_codec.h"

#include <fmt/format.h>

#include "repo/chunk/content_hash.h"
#include "repo/codec/row_columns.h"
#include "repo/delta/difference.h"

namespace tidemark::repo {
namespace {

constexpr unsigned kVersion = 1;

// What the streams of a chunk may hold together, for each byte of it: a number of one digit takes a
// tab and at most eight planes.
constexpr std::size_t kStreamBytesPerByteMax = 4;
constexpr std::size_t kStreamBytesMin = 65536;

// A difference this many times smaller than its chunk is not compared with the chunk as a whole,
// which is never much smaller than that and takes longest to find out.
constexpr std::size_t kSurelySmallest = 16;

// A difference is small: more effort costs it little time, and saves a thirtieth.
constexpr int kDifferenceLevelMin = 6;

struct Head {
  ChunkHead shown;
  std::uint32_t checksum;
  ByteView body;
};

std::size_t stream_bytes_max(std::size_t plain_bytes) {
  return std::min(plain_bytes * kStreamBytesPerByteMax + kStreamBytesMin, kStreamBytesMax);
}

std::uint32_t checksum_of(ByteView plain) {
  return static_cast<std::uint32_t>(content_hash(plain));
}

Error damaged(std::string_view what) {
  return Error{ErrorKind::corrupt, fmt::format("an encoded chunk is damaged: {}", what)};
}

Bytes head_of(ChunkForm form, ByteView plain) {
  Bytes head(1, static_cast<char>(form));
  put_varint(head, plain.size());
  put_le(head, checksum_of(plain));
  return head;
}

Result<Head> read_head(ByteView encoded) {
  ByteReader reader(encoded);
  const unsigned first = reader.byte();
  if (reader.failed()) return damaged("it is empty");
  if (first >> 4 > kVersion)
    return Error{ErrorKind::unsupported,
                 fmt::format("a chunk has format {}; the newest known is {}", first >> 4, kVersion),
                 "use a newer tidemark"};
  if (first >> 4 != kVersion || first > static_cast<unsigned>(ChunkForm::prefixed))
    return damaged("its form is unknown");
  const std::uint64_t size = reader.varint();
  const ByteView checksum = reader.bytes(sizeof(std::uint32_t));
  if (reader.failed()) return damaged("it ends within its head");
  if (size > kChunkBytesMax) return damaged("it claims to be longer than a chunk can be");
  return Head{
      {static_cast<ChunkForm>(first), size}, get_le<std::uint32_t>(checksum.data()), reader.rest()};
}

}  // namespace

Result<ChunkHead> read_chunk_head(ByteView encoded) { return TRY(read_head(encoded)).shown; }

Bytes ChunkCodec::with_streams(ChunkForm form, ByteView plain, StreamWriter& streams) {
  const int level = form == ChunkForm::difference ? std::max(options_.level, kDifferenceLevelMin)
                                                  : options_.level;
  if (streams.plain_bytes() > stream_bytes_max(plain.size()) || streams.count() > kStreamsMax)
    return {};
  Bytes encoded = head_of(form, plain);
  streams.write(zstd_, level, encoded);
  return encoded;
}

Bytes ChunkCodec::as_difference(ByteView plain, const std::optional<Grid>& grid,
                                const RowSet& reference) {
  if (reference.rows().empty()) return {};
  const Bytes text = reference.text();
  const auto reference_grid = grid ? Grid::parse(text) : std::nullopt;
  // They differ when a chunk within the reference does not end with a row.
  const bool same_rows = reference_grid && reference_grid->rows() == reference.rows().size();
  StreamWriter streams;
  if (same_rows && write_difference(*grid, *reference_grid, streams))
    return with_streams(ChunkForm::difference, plain, streams);
  Bytes encoded = head_of(ChunkForm::prefixed, plain);
  zstd_.compress(plain, options_.level, encoded, text);
  return encoded;
}

Bytes ChunkCodec::as_whole(ByteView plain, const std::optional<Grid>& grid) {
  if (grid) {
    StreamWriter streams;
    write_rows(*grid, streams);
    Bytes encoded = with_streams(ChunkForm::columns, plain, streams);
    if (!encoded.empty()) return encoded;
  }
  Bytes encoded = head_of(ChunkForm::compressed, plain);
  zstd_.compress(plain, options_.level, encoded);
  return encoded;
}

Result<Bytes> ChunkCodec::encode(ByteView plain, const RowSet& reference) {
  if (plain.size() > kChunkBytesMax || reference.bytes() > kReferenceBytesMax)
    return Error{ErrorKind::invalid_input,
                 fmt::format("a chunk of {} bytes with a reference of {} is too long", plain.size(),
                             reference.bytes())};
  const std::optional<Grid> grid = Grid::parse(plain);
  Bytes best = as_difference(plain, grid, reference);
  if (!best.empty() && !restores(best, reference, plain)) best.clear();
  if (best.empty() || best.size() > plain.size() / kSurelySmallest) {
    Bytes whole = as_whole(plain, grid);
    if ((best.empty() || whole.size() < best.size()) && restores(whole, {}, plain))
      best = std::move(whole);
  }
  if (best.empty() || best.size() > plain.size())
    best = head_of(ChunkForm::plain, plain).append(plain);
  return best;
}

bool ChunkCodec::restores(ByteView encoded, const RowSet& reference, ByteView plain) {
  const Result<Bytes> again = decode(encoded, reference);
  return again && *again == plain;
}

Result<Bytes> ChunkCodec::decode(ByteView encoded, const RowSet& reference) {
  return join(TRY(decode_rows(encoded, reference)), encoded);
}

Result<RowSet> ChunkCodec::decode_rows(ByteView encoded, const RowSet& reference) {
  const auto [shown, checksum, body] = TRY(read_head(encoded));
  const std::size_t size = shown.plain_bytes;
  switch (shown.form) {
    case ChunkForm::plain: return RowSet::of_text(body);
    case ChunkForm::compressed: {
      Bytes text(size, '\0');
      TRY(zstd_.restore(body, text.data(), size));
      return RowSet::of_text(text);
    }
    case ChunkForm::columns: {
      StreamReader streams = TRY(StreamReader::open(body, stream_bytes_max(size), zstd_));
      RowSet rows;
      TRY(read_rows(streams, size, rows));
      if (!streams.at_end() || !streams.head().rest().empty()) return damaged("it has loose ends");
      return rows;
    }
    case ChunkForm::difference: {
      StreamReader streams = TRY(StreamReader::open(body, stream_bytes_max(size), zstd_));
      RowSet rows = TRY(read_difference(streams, reference, size));
      if (!streams.at_end() || !streams.head().rest().empty()) return damaged("it has loose ends");
      return rows;
    }
    case ChunkForm::prefixed: {
      Bytes text(size, '\0');
      TRY(zstd_.restore(body, text.data(), size, reference.text()));
      return RowSet::of_text(text);
    }
  }
  return damaged("its form is unknown");
}

Result<Bytes> ChunkCodec::join(const RowSet& rows, ByteView encoded) {
  const Head head = TRY(read_head(encoded));
  if (rows.bytes() != head.shown.plain_bytes)
    return damaged("it has not the length that it claims");
  Bytes text = rows.text();
  if (checksum_of(text) != head.checksum) return damaged("it fails its checksum");
  return text;
}

}  // namespace tidemark::repo
