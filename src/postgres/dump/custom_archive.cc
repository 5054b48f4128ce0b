#include "postgres/dump/custom_archive.h"

#include <limits>

#include <fmt/format.h>

#include "postgres/dump/archive_bytes.h"

namespace tidemark::postgres {
namespace {

constexpr ByteView kMagic = "PGDMP";
constexpr std::uint8_t kMajor = 1;
constexpr std::uint8_t kOldestMinor = 14;         // PostgreSQL 12
constexpr std::uint8_t kMinorWithAlgorithm = 15;  // compression is a byte
constexpr std::uint8_t kMinorWithRelkind = 16;
constexpr std::uint8_t kNewestMinor = 16;  // PostgreSQL 17 and 18
constexpr std::uint8_t kCustomFormat = 1;
constexpr std::uint8_t kFolderFormat = 3;
constexpr std::size_t kCreatedFields = 7;
constexpr std::size_t kEntryBytesMin = 80;  // all its fields, empty

constexpr std::uint8_t kOffsetUnknown = 1;
constexpr std::uint8_t kOffsetKnown = 2;
constexpr std::uint8_t kNoData = 3;

Error corrupt(std::string_view what) {
  return Error{ErrorKind::corrupt, fmt::format("the archive's {}", what)};
}

class Reader {
 public:
  explicit Reader(ByteView bytes) : left_(bytes) {}

  Result<ByteView> take(std::size_t count) {
    if (count > left_.size()) return corrupt("end is missing");
    const ByteView taken = left_.substr(0, count);
    left_.remove_prefix(count);
    return taken;
  }
  Result<std::uint8_t> byte() { return static_cast<std::uint8_t>(TRY(take(1))[0]); }
  Result<std::int32_t> integer() {
    const std::uint8_t sign = TRY(byte());
    const auto value = get_le<std::uint32_t>(TRY(take(kArchiveIntBytes)).data());
    if (sign > 1 || value > static_cast<std::uint32_t>(std::numeric_limits<std::int32_t>::max()))
      return corrupt("number is out of range");
    const auto number = static_cast<std::int32_t>(value);
    return sign == 1 ? -number : number;
  }
  Result<ArchiveEntry::Text> text() {
    const std::int32_t length = TRY(integer());
    if (length == -1) return ArchiveEntry::Text();
    if (length < 0) return corrupt("text has a negative length");
    return ArchiveEntry::Text(std::string(TRY(take(static_cast<std::size_t>(length)))));
  }
  // A text that must be there.
  Result<std::string> given_text() {
    ArchiveEntry::Text text = TRY(this->text());
    if (!text) return corrupt("text is missing");
    return *std::move(text);
  }
  std::size_t left() const { return left_.size(); }

 private:
  ByteView left_;
};

Status read_header(Reader& reader, CustomArchive& archive) {
  if (TRY(reader.take(kMagic.size())) != kMagic) return corrupt("first bytes are not pg_dump's");
  const std::uint8_t major = TRY(reader.byte());
  archive.minor = TRY(reader.byte());
  archive.revision = TRY(reader.byte());
  if (major != kMajor || archive.minor < kOldestMinor || archive.minor > kNewestMinor)
    return Error{ErrorKind::unsupported,
                 fmt::format("archive format {}.{} is not known here", major, archive.minor)};
  const bool sizes = TRY(reader.byte()) == kArchiveIntBytes;
  const bool offsets = TRY(reader.byte()) == kArchiveOffsetBytes;
  const std::uint8_t format = TRY(reader.byte());
  if (!sizes || !offsets || format != kCustomFormat)
    return Error{ErrorKind::unsupported, "the archive is not of the custom format of 64-bit Linux"};
  const std::int32_t compression = archive.minor >= kMinorWithAlgorithm
                                       ? static_cast<std::int32_t>(TRY(reader.byte()))
                                       : TRY(reader.integer());
  if (compression != 0)
    return Error{ErrorKind::unsupported, "the archive is compressed",
                 "make it with pg_dump --compress=0"};
  for (std::size_t i = 0; i < kCreatedFields; ++i) {
    const std::int32_t field = TRY(reader.integer());
    archive.created.push_back(field);
  }
  archive.database = TRY(reader.text());
  archive.server_version = TRY(reader.text());
  archive.dump_version = TRY(reader.text());
  return Done{};
}

Result<ArchiveEntry> read_entry(Reader& reader, std::uint8_t minor) {
  ArchiveEntry entry;
  entry.dump_id = TRY(reader.integer());
  entry.has_data = TRY(reader.integer()) != 0;
  entry.table_oid = TRY(reader.given_text());
  entry.oid = TRY(reader.given_text());
  entry.tag = TRY(reader.text());
  entry.kind = TRY(reader.text());
  const std::int32_t section = TRY(reader.integer());
  if (section < 1 || section > 4) return corrupt("entry has no known section");
  entry.section = static_cast<Section>(section);
  for (ArchiveEntry::Text* const text : {&entry.definition, &entry.drop, &entry.copy, &entry.schema,
                                         &entry.tablespace, &entry.access_method})
    *text = TRY(reader.text());
  if (minor >= kMinorWithRelkind) entry.relkind = TRY(reader.integer());
  entry.owner = TRY(reader.text());
  TRY(reader.text());  // "WITH OIDS", long gone
  while (ArchiveEntry::Text dependency = TRY(reader.text()))
    entry.dependencies.push_back(*std::move(dependency));
  const std::uint8_t state = TRY(reader.byte());
  const auto offset = get_le<std::uint64_t>(TRY(reader.take(kArchiveOffsetBytes)).data());
  if (state < kOffsetUnknown || state > kNoData) return corrupt("entry has no known offset");
  if (state == kOffsetKnown) entry.offset = offset;
  return entry;
}

void put_entry(Bytes& out, const ArchiveEntry& entry, std::uint8_t minor) {
  put_archive_int(out, entry.dump_id);
  put_archive_int(out, entry.has_data ? 1 : 0);
  put_archive_text(out, entry.table_oid);
  put_archive_text(out, entry.oid);
  put_archive_text(out, entry.tag);
  put_archive_text(out, entry.kind);
  put_archive_int(out, static_cast<std::int32_t>(entry.section));
  for (const ArchiveEntry::Text* const text :
       {&entry.definition, &entry.drop, &entry.copy, &entry.schema, &entry.tablespace,
        &entry.access_method})
    put_archive_text(out, *text);
  if (minor >= kMinorWithRelkind) put_archive_int(out, entry.relkind);
  put_archive_text(out, entry.owner);
  put_archive_text(out, "false");
  for (const std::string& dependency : entry.dependencies) put_archive_text(out, dependency);
  put_archive_text(out, std::nullopt);
}

void put_offset(Bytes& out, const ArchiveEntry& entry) {
  const std::uint8_t state = !entry.has_data ? kNoData
                             : entry.offset  ? kOffsetKnown
                                             : kOffsetUnknown;
  out.push_back(static_cast<char>(state));
  put_le<std::uint64_t>(out, entry.has_data ? entry.offset.value_or(0) : 0);
}

}  // namespace

Result<CustomArchive> parse_custom_archive(ByteView bytes) {
  Reader reader(bytes);
  CustomArchive archive;
  TRY(read_header(reader, archive));
  const std::int32_t count = TRY(reader.integer());
  if (count < 0 || static_cast<std::size_t>(count) > reader.left() / kEntryBytesMin)
    return corrupt("number of entries is out of range");
  archive.entries.reserve(static_cast<std::size_t>(count));
  for (std::int32_t i = 0; i < count; ++i) {
    ArchiveEntry entry = TRY(read_entry(reader, archive.minor));
    archive.entries.push_back(std::move(entry));
  }
  return archive;
}

namespace {

Bytes encode_header(const CustomArchive& archive, std::uint8_t format) {
  Bytes out(kMagic);
  for (const std::size_t byte :
       {std::size_t{kMajor}, std::size_t{archive.minor}, std::size_t{archive.revision},
        kArchiveIntBytes, kArchiveOffsetBytes, std::size_t{format}})
    out.push_back(static_cast<char>(byte));
  if (archive.minor >= kMinorWithAlgorithm)
    out.push_back(0);
  else
    put_archive_int(out, 0);
  for (const std::int32_t field : archive.created) put_archive_int(out, field);
  put_archive_text(out, archive.database);
  put_archive_text(out, archive.server_version);
  put_archive_text(out, archive.dump_version);
  put_archive_int(out, static_cast<std::int32_t>(archive.entries.size()));
  return out;
}

}  // namespace

Bytes encode_contents(const CustomArchive& archive) {
  Bytes out = encode_header(archive, kCustomFormat);
  for (const ArchiveEntry& entry : archive.entries) {
    put_entry(out, entry, archive.minor);
    put_offset(out, entry);
  }
  return out;
}

Bytes encode_folder_contents(const CustomArchive& archive,
                             const std::map<std::int32_t, std::string>& file_of_entry) {
  Bytes out = encode_header(archive, kFolderFormat);
  for (const ArchiveEntry& entry : archive.entries) {
    put_entry(out, entry, archive.minor);
    const auto file = file_of_entry.find(entry.dump_id);
    put_archive_text(out, file == file_of_entry.end() ? "" : file->second);
  }
  return out;
}

}  // namespace tidemark::postgres
