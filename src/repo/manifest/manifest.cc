#include "repo/manifest/manifest.h"

#include <algorithm>

#include <fmt/format.h>

#include "repo/field_reader.h"
#include "repo/limits.h"
#include "repo/zstd.h"

namespace tidemark::repo {
namespace {

constexpr int kLevel = 3;
// What a stream takes at least.
constexpr std::size_t kStreamBytesMin = 4 + 4 + 8 + 8 + 32 + 1 + 4;

void put_time(Bytes& out, TimePoint time) { put_le(out, time.time_since_epoch().count()); }

TimePoint take_time(FieldReader& reader) {
  return TimePoint(Millis(reader.integer<std::int64_t>()));
}

void put_references(Bytes& out, const std::vector<ChunkReference>& references) {
  for (const ChunkReference& reference : references) {
    out += reference.id.view();
    put_le(out, reference.mark);
  }
}

std::vector<ChunkReference> take_references(FieldReader& reader, std::size_t count) {
  std::vector<ChunkReference> references(count);
  for (ChunkReference& reference : references) {
    const ByteView id = reader.bytes(ChunkId::kBytes);
    reference.mark = reader.integer<std::uint64_t>();
    if (reader.good()) reference.id = ChunkId::from(id);
  }
  return references;
}

void put_stream(Bytes& out, const Stream& stream) {
  put_text(out, stream.name);
  put_text(out, stream.meta);
  put_le(out, stream.rows);
  put_le(out, stream.bytes);
  out.append(stream.checksum.data(), stream.checksum.size());
  put_le(out, stream.level);
  put_le(out, static_cast<std::uint32_t>(stream.references.size()));
  put_references(out, stream.references);
}

Stream take_stream(FieldReader& reader) {
  Stream stream;
  stream.name = reader.text(kNameBytesMax);
  stream.meta = reader.text(kMetaBytesMax);
  stream.rows = reader.integer<std::uint64_t>();
  stream.bytes = reader.integer<std::uint64_t>();
  const ByteView checksum = reader.bytes(stream.checksum.size());
  std::copy(checksum.begin(), checksum.end(), stream.checksum.begin());
  stream.level = reader.integer<std::uint8_t>();
  if (stream.level > 1) reader.fail();
  stream.references = take_references(
      reader, reader.count<std::uint32_t>(kManifestBytesMax, ChunkReference::kBytes));
  return stream;
}

std::map<std::string, std::string> take_facts(FieldReader& reader) {
  std::map<std::string, std::string> facts;
  const std::size_t count = reader.count<std::uint16_t>(kFactsMax, 8);
  for (std::size_t i = 0; i < count; ++i) {
    std::string name(reader.text(kNameBytesMax));
    std::string value(reader.text(kFactBytesMax));
    // Ascending, so that one content has one form.
    if (!facts.empty() && name <= facts.rbegin()->first) reader.fail();
    facts.emplace(std::move(name), std::move(value));
  }
  return facts;
}

Error beyond(std::string_view what) {
  return Error{ErrorKind::invalid_input, fmt::format("an archive cannot hold {}", what)};
}

Status check_stream(const Stream& stream) {
  if (stream.name.size() > kNameBytesMax) return beyond("a stream name of that length");
  if (stream.meta.size() > kMetaBytesMax)
    return beyond(
        fmt::format("{} bytes of facts about stream {}", stream.meta.size(), stream.name));
  return Done{};
}

Status check_limits(const Manifest& manifest) {
  if (manifest.previous.size() > kPreviousMax) return beyond("so many heads before it");
  if (manifest.source.size() > kNameBytesMax || manifest.tool_version.size() > kNameBytesMax)
    return beyond("a source name or version of that length");
  if (manifest.facts.size() > kFactsMax) return beyond("so many facts");
  for (const auto& [name, value] : manifest.facts)
    if (name.size() > kNameBytesMax || value.size() > kFactBytesMax)
      return beyond(fmt::format("{} bytes as '{}'", value.size(), name));
  if (manifest.streams.size() > kManifestStreamsMax) return beyond("so many streams");
  for (std::size_t i = 0; i < manifest.streams.size(); ++i) {
    TRY(check_stream(manifest.streams[i]));
    if (i > 0 && manifest.streams[i - 1].name >= manifest.streams[i].name)
      return beyond(fmt::format("stream {} twice, or out of order", manifest.streams[i].name));
  }
  return Done{};
}

Result<Manifest> decode_plain(ByteView plain) {
  FieldReader reader(plain);
  Manifest manifest;
  manifest.sequence = reader.integer<std::uint64_t>();
  manifest.previous.resize(reader.count<std::uint16_t>(kPreviousMax, ObjectName::kBytes));
  for (ObjectName& name : manifest.previous)
    name = ObjectName::from(reader.bytes(ObjectName::kBytes));
  manifest.moment = take_time(reader);
  manifest.written = take_time(reader);
  manifest.source = reader.text(kNameBytesMax);
  manifest.tool_version = reader.text(kNameBytesMax);
  manifest.facts = take_facts(reader);
  const std::size_t streams = reader.count<std::uint32_t>(kManifestStreamsMax, kStreamBytesMin);
  for (std::size_t i = 0; i < streams && reader.good(); ++i) {
    manifest.streams.push_back(take_stream(reader));
    if (i > 0 && manifest.streams[i - 1].name >= manifest.streams[i].name) reader.fail();
  }
  const bool ascending = std::adjacent_find(manifest.previous.begin(), manifest.previous.end(),
                                            std::greater_equal<>()) == manifest.previous.end();
  if (!reader.at_end() || !ascending)
    return Error{ErrorKind::corrupt, "the manifest is not well formed"};
  return manifest;
}

}  // namespace

Result<Bytes> encode_manifest(const Manifest& manifest) {
  TRY(check_limits(manifest));
  Bytes plain;
  put_le(plain, manifest.sequence);
  put_le(plain, static_cast<std::uint16_t>(manifest.previous.size()));
  for (const ObjectName& name : manifest.previous) plain += name.view();
  put_time(plain, manifest.moment);
  put_time(plain, manifest.written);
  put_text(plain, manifest.source);
  put_text(plain, manifest.tool_version);
  put_le(plain, static_cast<std::uint16_t>(manifest.facts.size()));
  for (const auto& [name, value] : manifest.facts) {
    put_text(plain, name);
    put_text(plain, value);
  }
  put_le(plain, static_cast<std::uint32_t>(manifest.streams.size()));
  for (const Stream& stream : manifest.streams) put_stream(plain, stream);
  if (plain.size() > kManifestBytesMax) return beyond("a manifest of that size");
  Bytes payload;
  put_le(payload, static_cast<std::uint32_t>(plain.size()));
  payload += zstd_compress(plain, kLevel);
  return payload;
}

Result<Manifest> decode_manifest(ByteView payload) {
  FieldReader reader(payload);
  const std::size_t plain_bytes = reader.integer<std::uint32_t>();
  const ByteView frame = reader.bytes(reader.size());
  if (!reader.good() || plain_bytes > kManifestBytesMax ||
      plain_bytes > frame.size() * kExpansionMax)
    return Error{ErrorKind::corrupt, "the manifest has an impossible size"};
  return decode_plain(TRY(zstd_decompress(frame, plain_bytes)));
}

Bytes encode_references(const std::vector<ChunkReference>& references) {
  Bytes plain;
  plain.reserve(references.size() * ChunkReference::kBytes);
  put_references(plain, references);
  return plain;
}

Result<std::vector<ChunkReference>> decode_references(ByteView plain) {
  const std::size_t count = plain.size() / ChunkReference::kBytes;
  if (count == 0 || count > kListReferencesMax || plain.size() % ChunkReference::kBytes != 0)
    return Error{ErrorKind::corrupt, "a list of chunks has not its length"};
  FieldReader reader(plain);
  return take_references(reader, count);
}

std::vector<std::vector<ChunkReference>> cut_references(
    const std::vector<ChunkReference>& references) {
  std::vector<std::vector<ChunkReference>> lists;
  bool cut = true;
  for (const ChunkReference& reference : references) {
    if (cut) lists.emplace_back();
    lists.back().push_back(reference);
    cut = get_le<std::uint16_t>(reference.id.bytes.data()) % kListCutModulus == 0 ||
          lists.back().size() == kListReferencesMax;
  }
  return lists;
}

}  // namespace tidemark::repo
