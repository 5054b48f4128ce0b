#include "repo/pack/pack_reader.h"

#include <fmt/format.h>

#include "repo/limits.h"
#include "repo/pack/pack_footer.h"

namespace tidemark::repo {
namespace {

Result<std::vector<PackEntry>> decode_entries(ByteView index, std::size_t chunk_count) {
  FieldReader reader(index);
  std::vector<PackEntry> entries(chunk_count);
  for (PackEntry& entry : entries) entry = take_entry(reader);
  if (!reader.at_end()) return Error{ErrorKind::corrupt, "its index is not well formed"};
  return entries;
}

// Header, index and footer decide; the chunks between are not looked at.
Result<PackFacts> facts_from(const Sealer& sealer, const ObjectName& name, ByteView header_bytes,
                             ByteView sealed_index, ByteView footer_bytes,
                             std::uint64_t pack_bytes) {
  PackFacts facts{.name = name,
                  .header = TRY(decode_header(header_bytes, ObjectType::pack)),
                  .bytes = static_cast<std::uint32_t>(pack_bytes),
                  .entries = {}};
  const ObjectSeal seal = TRY(sealer.resume(facts.header));
  const PackFooter footer = TRY(decode_footer(footer_bytes, pack_bytes));
  const Bytes index = TRY(seal.open(kPackIndexCounter, footer_bytes, sealed_index));
  facts.entries = TRY(decode_entries(index, footer.chunk_count));
  const std::uint64_t chunks =
      pack_bytes - Header::kBytes - footer.index_bytes - PackFooter::kBytes;
  if (stored_bytes_of(facts.entries) != chunks)
    return Error{ErrorKind::corrupt, "its chunks do not fill it"};
  return facts;
}

Error too_small() { return Error{ErrorKind::corrupt, "it is too small to be a pack"}; }

constexpr std::size_t kSmallestPack = Header::kBytes + PackFooter::kBytes;

}  // namespace

Result<PackFacts> read_pack_facts(const Sealer& sealer, const ObjectName& name, ByteView object) {
  if (object.size() < kSmallestPack) return too_small();
  const ByteView footer_bytes = object.substr(object.size() - PackFooter::kBytes);
  const PackFooter footer = TRY(decode_footer(footer_bytes, object.size()));
  const ByteView index =
      object.substr(object.size() - PackFooter::kBytes - footer.index_bytes, footer.index_bytes);
  return facts_from(sealer, name, object, index, footer_bytes, object.size());
}

Result<PackFacts> fetch_pack_facts(ObjectStore& store, const Sealer& sealer,
                                   const ObjectName& name) {
  const std::string key = key_of(ObjectType::pack, name);
  const ObjectInfo info = TRY(store.stat(key));
  if (info.size < kSmallestPack) return too_small();
  const Bytes header = TRY(store.get(key, storage::ByteRange{0, Header::kBytes}));
  const std::uint64_t footer_at = info.size - PackFooter::kBytes;
  const Bytes footer_bytes = TRY(store.get(key, storage::ByteRange{footer_at, PackFooter::kBytes}));
  const PackFooter footer = TRY(decode_footer(footer_bytes, info.size));
  const Bytes index =
      TRY(store.get(key, storage::ByteRange{footer_at - footer.index_bytes, footer.index_bytes}));
  return facts_from(sealer, name, header, index, footer_bytes, info.size);
}

ChunkPlace place_in(const PackFacts& pack, std::uint32_t ordinal) {
  ChunkPlace place{.pack = pack.name,
                   .header = pack.header,
                   .offset = Header::kBytes,
                   .ordinal = ordinal,
                   .entry = pack.entries.at(ordinal)};
  for (std::uint32_t i = 0; i < ordinal; ++i) place.offset += pack.entries[i].stored_bytes;
  return place;
}

Result<Bytes> fetch_chunk(ObjectStore& store, const Sealer& sealer, const ChunkPlace& place) {
  const auto context = [&] {
    return fmt::format("chunk {} of {}", place.ordinal, shown(ObjectType::pack, place.pack));
  };
  Result<Bytes> sealed = store.get(key_of(ObjectType::pack, place.pack),
                                   storage::ByteRange{place.offset, place.entry.stored_bytes});
  if (!sealed) return in_context(context(), sealed.error());
  const ObjectSeal seal = TRY(sealer.resume(place.header));
  Result<Bytes> encoded = seal.open(place.ordinal, {}, *sealed);
  if (!encoded) return in_context(context(), encoded.error());
  return encoded;
}

Status for_each_chunk(ObjectStore& store, const Sealer& sealer, const ObjectName& name,
                      const std::function<Status(const ChunkPlace&, Bytes)>& visit) {
  const Bytes object = TRY(get_named(store, ObjectType::pack, name, kPackBytesMax));
  const Result<PackFacts> facts = read_pack_facts(sealer, name, object);
  if (!facts) return in_context(shown(ObjectType::pack, name), facts.error());
  const ObjectSeal seal = TRY(sealer.resume(facts->header));
  ChunkPlace place{
      .pack = name, .header = facts->header, .offset = Header::kBytes, .ordinal = 0, .entry = {}};
  for (const PackEntry& entry : facts->entries) {
    place.entry = entry;
    const ByteView sealed = ByteView(object).substr(place.offset, entry.stored_bytes);
    Result<Bytes> encoded = seal.open(place.ordinal, {}, sealed);
    if (!encoded)
      return in_context(fmt::format("chunk {} of {}", place.ordinal, shown(ObjectType::pack, name)),
                        encoded.error());
    TRY(visit(place, *std::move(encoded)));
    place.offset += entry.stored_bytes;
    ++place.ordinal;
  }
  return Done{};
}

}  // namespace tidemark::repo
