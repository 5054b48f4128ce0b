#include "repo/chunk_reader.h"

#include <fmt/format.h>

#include "repo/lasting.h"
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

std::optional<ChunkReader::Cached> ChunkReader::cached(const ChunkId& id) {
  const std::lock_guard lock(mutex_);
  const Cached* found = cache_.find(id);
  return found == nullptr ? std::nullopt : std::optional(*found);
}

void ChunkReader::remember(const ChunkId& id, const SharedChunk& chunk, bool proven) {
  const std::lock_guard lock(mutex_);
  cache_.put(id, {chunk, proven}, chunk->memory_bytes());
}

Status ChunkReader::prove(const ChunkId& id, const DecodedChunk& chunk, Bytes& text) const {
  text = chunk.text();
  if (access_.sealer.chunk_id(text) == id) return Done{};
  return Error{ErrorKind::corrupt, shown_chunk(id) + " decodes to something else"};
}

Result<SharedChunk> ChunkReader::decode_at(const PackEntry& entry, ByteView encoded, int depth) {
  if (depth > kChainMax)
    return Error{ErrorKind::corrupt, shown_chunk(entry.id) + " hangs on too long a chain"};
  const auto bases = steps(entry.bases, depth + 1);
  if (!bases) return without_base(entry, bases.error());
  Result<SharedChunk> chunk = coder_.decode(encoded, *bases, entry.plain_bytes);
  if (!chunk) return in_context(shown_chunk(entry.id), chunk.error());
  return chunk;
}

// Tries each place of the chunk: a damaged pack does not matter while another one has it too.
Result<SharedChunk> ChunkReader::from_places(const ChunkId& id, int depth, const Accept& accept) {
  Error failure{ErrorKind::not_found, shown_chunk(id) + " is in no pack",
                "`tidemark repair` makes a lost index again, and names what is lost"};
  for (const bool again : {false, true}) {
    // A prune beside us may have moved it.
    if (again) TRY(index_.refresh());
    for (const ChunkPlace& place : TRY(index_.find(id))) {
      const Result<Bytes> encoded = fetch_chunk(access_.store, access_.sealer, place);
      Result<SharedChunk> chunk =
          encoded ? decode_at(place.entry, *encoded, depth) : encoded.error();
      const Status accepted = chunk ? accept(*chunk) : chunk.error();
      if (accepted) return chunk;
      failure = accepted.error();
      if (!lasting(failure)) return failure;
    }
    if (failure.kind != ErrorKind::not_found) break;
  }
  return failure;
}

Result<SharedChunk> ChunkReader::step(const ChunkId& id, int depth) {
  if (const auto known = cached(id)) return known->chunk;
  const Result<SharedChunk> chunk =
      from_places(id, depth, [](const SharedChunk&) -> Status { return Done{}; });
  if (chunk) remember(id, *chunk, false);
  return chunk;
}

Result<std::vector<SharedChunk>> ChunkReader::steps(const std::vector<ChunkId>& ids, int depth) {
  std::vector<SharedChunk> chunks;
  for (const ChunkId& id : ids) chunks.push_back(TRY(step(id, depth)));
  return chunks;
}

Result<SharedChunk> ChunkReader::proven(const ChunkId& id, Bytes& text) {
  if (const auto known = cached(id)) {
    if (known->proven) text = known->chunk->text();
    if (known->proven || prove(id, *known->chunk, text)) {
      remember(id, known->chunk, true);
      return known->chunk;
    }
  }
  const Result<SharedChunk> chunk =
      from_places(id, 0, [&](const SharedChunk& decoded) { return prove(id, *decoded, text); });
  if (chunk) remember(id, *chunk, true);
  return chunk;
}

Result<Bytes> ChunkReader::read(const ChunkId& id) {
  Bytes text;
  TRY(proven(id, text));
  return text;
}

Result<std::vector<SharedChunk>> ChunkReader::read_bases(const std::vector<ChunkId>& ids) {
  std::vector<SharedChunk> chunks;
  for (const ChunkId& id : ids) {
    if (const auto known = cached(id); known && known->proven) {
      chunks.push_back(known->chunk);
      continue;
    }
    Bytes text;
    chunks.push_back(TRY(proven(id, text)));
  }
  return chunks;
}

Result<Bytes> ChunkReader::decode(const PackEntry& entry, ByteView encoded) {
  const SharedChunk chunk = TRY(decode_at(entry, encoded, 0));
  Bytes text;
  TRY(prove(entry.id, *chunk, text));
  return text;
}

}  // namespace tidemark::repo
