#include "repo/chunk_reader.h"

#include <fmt/format.h>

#include "repo/limits.h"

namespace tidemark::repo {
namespace {

std::string shown_chunk(const ChunkId& id) { return "chunk " + id.hex().substr(0, 16); }

// That a base is missing is damage here. It must not look as if this chunk were missing, or each
// step of a chain would look for it once more.
Error without_base(const PackEntry& entry, Error error) {
  if (error.kind == ErrorKind::not_found) error.kind = ErrorKind::corrupt;
  return in_context(shown_chunk(entry.id) + " is a difference", std::move(error));
}

}  // namespace

SharedBytes ChunkReader::cached(const ChunkId& id) {
  const std::lock_guard lock(mutex_);
  const SharedBytes* found = cache_.find(id);
  return found == nullptr ? nullptr : *found;
}

void ChunkReader::remember(const ChunkId& id, SharedBytes plain) {
  const std::size_t bytes = plain->size();
  const std::lock_guard lock(mutex_);
  cache_.put(id, std::move(plain), bytes);
}

Result<Bytes> ChunkReader::read_joined(const std::vector<ChunkId>& ids, int depth) {
  Bytes joined;
  for (const ChunkId& id : ids) joined += *TRY(read_at(id, depth));
  return joined;
}

Result<Bytes> ChunkReader::decode(const PackEntry& entry, ByteView encoded, int depth) {
  if (depth > kChainMax)
    return Error{ErrorKind::corrupt, shown_chunk(entry.id) + " hangs on too long a chain"};
  Result<Bytes> reference = read_joined(entry.bases, depth + 1);
  if (!reference) return without_base(entry, reference.error());
  Result<Bytes> plain = coder_.decode(encoded, *reference, entry.plain_bytes);
  if (!plain) return in_context(shown_chunk(entry.id), plain.error());
  if (access_.sealer.chunk_id(*plain) != entry.id)
    return Error{ErrorKind::corrupt, shown_chunk(entry.id) + " decodes to something else"};
  return plain;
}

Result<Bytes> ChunkReader::read_place(const ChunkPlace& place, int depth) {
  const Bytes encoded = TRY(fetch_chunk(access_.store, access_.sealer, place));
  return decode(place.entry, encoded, depth);
}

// Tries each place of the chunk: a damaged pack does not matter while another one has it too.
Result<SharedBytes> ChunkReader::read_at(const ChunkId& id, int depth) {
  if (SharedBytes known = cached(id)) return known;
  Error failure{ErrorKind::not_found, shown_chunk(id) + " is in no pack"};
  for (const bool again : {false, true}) {
    // A prune beside us may have moved it.
    if (again) TRY(index_.refresh());
    for (const ChunkPlace& place : TRY(index_.find(id))) {
      Result<Bytes> plain = read_place(place, depth);
      if (plain) {
        auto shared = std::make_shared<const Bytes>(*std::move(plain));
        remember(id, shared);
        return SharedBytes(std::move(shared));
      }
      failure = plain.error();
      const bool lasting =
          failure.kind == ErrorKind::corrupt || failure.kind == ErrorKind::not_found;
      if (!lasting) return failure;
    }
    if (failure.kind != ErrorKind::not_found) break;
  }
  return failure;
}

}  // namespace tidemark::repo
