#include "postgres/dump/archive_writer.h"

#include <fmt/format.h>

#include "postgres/dump/archive_bytes.h"

namespace tidemark::postgres {
namespace {

constexpr char kRowData = 1;
constexpr char kLargeObjectData = 3;
constexpr std::size_t kChunkBytesMax = 16 << 20;  // pg_restore holds a chunk in memory

}  // namespace

Status ArchiveWriter::put(ByteView bytes) {
  written_ += bytes.size();
  return sink_(bytes);
}

Status ArchiveWriter::begin() { return put(encode_contents(archive_)); }

Status ArchiveWriter::begin_data(char kind, std::int32_t dump_id) {
  std::vector<ArchiveEntry>& entries = archive_.entries;
  while (next_entry_ < entries.size() && !entries[next_entry_].has_data) ++next_entry_;
  CHECK(next_entry_ < entries.size() && entries[next_entry_].dump_id == dump_id);
  entries[next_entry_++].offset = written_;
  Bytes bytes(1, kind);
  put_archive_int(bytes, dump_id);
  return put(bytes);
}

Status ArchiveWriter::begin_table(std::int32_t dump_id) { return begin_data(kRowData, dump_id); }

Status ArchiveWriter::rows(ByteView bytes) {
  while (!bytes.empty()) {
    const ByteView piece = bytes.substr(0, kChunkBytesMax);
    Bytes chunk;
    put_archive_chunk(chunk, piece);
    TRY(put(chunk));
    bytes.remove_prefix(piece.size());
  }
  return Done{};
}

Status ArchiveWriter::end_table() {
  Bytes end;
  put_archive_chunk(end, kEndOfRows);
  put_archive_int(end, 0);
  return put(end);
}

Status ArchiveWriter::begin_large_objects(std::int32_t dump_id) {
  return begin_data(kLargeObjectData, dump_id);
}

Status ArchiveWriter::large_object(std::uint32_t oid, ByteView piece) {
  Bytes bytes;
  if (!object_) put_archive_int(bytes, static_cast<std::int32_t>(oid));
  CHECK(object_.value_or(oid) == oid);
  object_ = oid;
  if (piece.empty()) {
    put_archive_int(bytes, 0);
    object_.reset();
  } else {
    put_archive_chunk(bytes, piece);
  }
  return put(bytes);
}

Status ArchiveWriter::end_large_objects() {
  CHECK(!object_);
  Bytes end;
  put_archive_int(end, 0);
  return put(end);
}

Status ArchiveWriter::finish() {
  for (const ArchiveEntry& entry : archive_.entries)
    if (entry.has_data && !entry.offset)
      return Error{ErrorKind::corrupt,
                   fmt::format("data of entry {} of the archive are missing", entry.dump_id)};
  return Done{};
}

}  // namespace tidemark::postgres
