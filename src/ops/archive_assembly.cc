#include "ops/archive_assembly.h"

#include <ctime>

#include <fmt/format.h>

#include "base/remote_text.h"

namespace tidemark::ops {
namespace {

// As pg_dump writes a time, in UTC: second, minute, hour, day, month from 0, year - 1900, is_dst.
std::vector<std::int32_t> fields_of(TimePoint moment) {
  const std::time_t seconds = std::chrono::floor<Seconds>(moment).time_since_epoch().count();
  std::tm fields{};
  ::gmtime_r(&seconds, &fields);
  return {fields.tm_sec, fields.tm_min,  fields.tm_hour, fields.tm_mday,
          fields.tm_mon, fields.tm_year, fields.tm_isdst};
}

}  // namespace

Result<Assembly> assemble(const ArchiveReader& reader) {
  const Bytes definitions = TRY(reader.read(kDefinitionsStream));
  auto archive = postgres::parse_custom_archive(definitions);
  if (!archive) return in_context(reader.shown(), archive.error());
  Assembly assembly{.archive = *std::move(archive), .data = {}, .entries = {}};
  assembly.archive.created = fields_of(reader.manifest().moment);
  assembly.data = TRY(reader.data());
  auto entries = postgres::add_data_entries(assembly.archive, assembly.data);
  if (!entries) return in_context(reader.shown(), entries.error());
  assembly.entries = *std::move(entries);
  return assembly;
}

Result<const repo::Stream*> rows_of(const ArchiveReader& reader,
                                    const postgres::TableToCopy& table) {
  const repo::Stream* const stream = reader.find(std::string(kRowsPrefix) + table.name);
  if (stream != nullptr) return stream;
  return Error{ErrorKind::corrupt, fmt::format("{} has no rows of table {}", reader.shown(),
                                               clean_remote_text(table.name))};
}

std::uint64_t bytes_of_rows(const ArchiveReader& reader, const postgres::ArchiveData& data) {
  const auto bytes_of = [&](const std::string& name) {
    const repo::Stream* const stream = reader.find(name);
    return stream == nullptr ? 0 : stream->bytes;
  };
  std::uint64_t bytes = 0;
  for (const postgres::TableToCopy& table : data.tables)
    bytes += bytes_of(std::string(kRowsPrefix) + table.name);
  return data.large_objects.empty() ? bytes : bytes + bytes_of(std::string(kLargeObjectsStream));
}

}  // namespace tidemark::ops
