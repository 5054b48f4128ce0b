#include "repo/index/index_object.h"

#include "repo/limits.h"
#include "repo/pack/pack_footer.h"

namespace tidemark::repo {
namespace {

std::uint64_t pack_bytes_of(const std::vector<PackEntry>& entries) {
  std::uint64_t index = crypto::kAeadTagBytes;
  for (const PackEntry& entry : entries)
    index += kPackEntryBytesMin + entry.bases.size() * ChunkId::kBytes;
  return Header::kBytes + stored_bytes_of(entries) + index + PackFooter::kBytes;
}

PackFacts take_section(FieldReader& reader, const RepositoryId& repository) {
  PackFacts pack;
  const ByteView name = reader.bytes(ObjectName::kBytes);
  const ByteView object = reader.bytes(ObjectId::kBytes);
  pack.header.type = ObjectType::pack;
  pack.header.repository = repository;
  pack.header.generation = reader.integer<std::uint32_t>();
  const auto suite = reader.integer<std::uint8_t>();
  pack.bytes = reader.integer<std::uint32_t>();
  pack.entries.resize(reader.count<std::uint32_t>(kPackChunksMax, kPackEntryBytesMin));
  for (PackEntry& entry : pack.entries) entry = take_entry(reader);
  const bool sane = crypto::known_suite(suite) && pack.header.generation > 0 &&
                    pack.header.generation <= kGenerationMax && !pack.entries.empty() &&
                    pack.bytes <= kPackBytesMax && pack_bytes_of(pack.entries) == pack.bytes;
  if (!sane) reader.fail();
  if (!reader.good()) return {};
  pack.name = ObjectName::from(name);
  pack.header.object = ObjectId::from(object);
  pack.header.suite = static_cast<crypto::Suite>(suite);
  return pack;
}

Error malformed() { return Error{ErrorKind::corrupt, "the index is not well formed"}; }

}  // namespace

void put_section(Bytes& out, const PackFacts& pack) {
  out += pack.name.view();
  out += pack.header.object.view();
  put_le(out, pack.header.generation);
  put_le(out, static_cast<std::uint8_t>(pack.header.suite));
  put_le(out, pack.bytes);
  put_le(out, static_cast<std::uint32_t>(pack.entries.size()));
  for (const PackEntry& entry : pack.entries) put_entry(out, entry);
  CHECK(out.size() <= kIndexBytesMax);
}

Result<std::vector<IndexSection>> decode_index(ByteView payload, const RepositoryId& repository) {
  if (payload.size() > kIndexBytesMax) return malformed();
  FieldReader reader(payload);
  std::vector<IndexSection> sections;
  while (reader.good() && !reader.at_end()) {
    const auto offset = static_cast<std::uint32_t>(payload.size() - reader.size());
    sections.push_back({offset, take_section(reader, repository)});
  }
  if (!reader.good()) return malformed();
  return sections;
}

Result<PackFacts> decode_section(ByteView payload, std::uint32_t offset,
                                 const RepositoryId& repository) {
  if (offset > payload.size()) return malformed();
  FieldReader reader(payload.substr(offset));
  PackFacts pack = take_section(reader, repository);
  if (!reader.good()) return malformed();
  return pack;
}

}  // namespace tidemark::repo
