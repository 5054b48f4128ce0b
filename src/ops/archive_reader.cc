#include "ops/archive_reader.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "base/remote_text.h"
#include "ops/row_checksum.h"
#include "repo/chunk/row_cutter.h"

namespace tidemark::ops {
namespace {

constexpr std::size_t kNameDigitsLeast = 4;
constexpr std::size_t kShownDigits = 12;

}  // namespace

Result<repo::Archive> archive_by_id(repo::Repository& repository, const std::string& digits) {
  const repo::History history = TRY(repository.history());
  std::vector<repo::Archive> found;
  for (const auto& [name, archive] : history.archives)
    if (digits.size() >= kNameDigitsLeast && name.hex().starts_with(digits))
      found.push_back(archive);
  if (found.size() == 1) return found.front();
  return Error{ErrorKind::not_found,
               found.empty() ? fmt::format("there is no archive {}", digits)
                             : fmt::format("{} archives begin with {}", found.size(), digits),
               "`tidemark archives` lists them"};
}

Result<repo::Archive> find_archive(repo::Repository& repository, const std::string& name) {
  const repo::History history = TRY(repository.history());
  const repo::Archive* newest = nullptr;
  for (const auto& [id, archive] : history.archives) {
    if (archive.source != name) continue;
    // Two archives may be of the same second.
    if (newest == nullptr ||
        std::pair(archive.moment, archive.sequence) > std::pair(newest->moment, newest->sequence))
      newest = &archive;
  }
  return newest != nullptr ? *newest : archive_by_id(repository, name);
}

std::uint64_t rows_in(const repo::Archive& archive) {
  std::uint64_t rows = archive.rows;
  if (const auto fact = archive.facts.find(std::string(kRowsFact)); fact != archive.facts.end())
    std::from_chars(fact->second.data(), fact->second.data() + fact->second.size(), rows);
  return rows;
}

Result<ArchiveReader> ArchiveReader::open(repo::Repository& repository,
                                          const repo::Archive& archive) {
  repo::Manifest manifest = TRY(repository.load(archive.name));
  return ArchiveReader(repository, std::move(manifest),
                       "archive " + archive.name.hex().substr(0, kShownDigits));
}

const repo::Stream* ArchiveReader::find(std::string_view name) const {
  const auto found = std::lower_bound(
      manifest_.streams.begin(), manifest_.streams.end(), name,
      [](const repo::Stream& one, std::string_view key) { return one.name < key; });
  return found == manifest_.streams.end() || found->name != name ? nullptr : &*found;
}

// The rows of public.orders are "table public.orders" to people.
Error ArchiveReader::in_stream(std::string_view name, Error error) const {
  const std::string what = name.starts_with(kRowsPrefix)
                               ? fmt::format("table {}", name.substr(kRowsPrefix.size()))
                               : std::string(name);
  if (error.kind == ErrorKind::not_found) error.kind = ErrorKind::corrupt;
  if (error.kind == ErrorKind::corrupt && error.hint.empty())
    error.hint = "`tidemark verify` says what is damaged; an archive of another day may have it";
  return in_context(fmt::format("{} of {}", clean_remote_text(what), shown_), std::move(error));
}

Result<Bytes> ArchiveReader::read(std::string_view name) const {
  const repo::Stream* const stream = find(name);
  if (stream == nullptr) return in_stream(name, {ErrorKind::corrupt, "it is not there"});
  const auto references = repository_->references(*stream);
  if (!references) return in_stream(name, references.error());
  Bytes bytes;
  for (const repo::ChunkReference& one : *references) {
    const auto chunk = repository_->read_chunk(one.id);
    if (!chunk) return in_stream(name, chunk.error());
    bytes += *chunk;
    if (bytes.size() > stream->bytes) break;
  }
  if (bytes.size() == stream->bytes) return bytes;
  return in_stream(name, {ErrorKind::corrupt, fmt::format("its length is not {}", stream->bytes)});
}

Status ArchiveReader::read_rows(const repo::Stream& stream,
                                const std::function<Status(ByteView)>& sink) const {
  const auto references = repository_->references(stream);
  if (!references) return in_stream(stream.name, references.error());
  return prove(stream, TRY(read_range(stream, *references, sink)));
}

Result<std::vector<RowRange>> ArchiveReader::split_rows(const repo::Stream& stream,
                                                        std::uint64_t range_bytes) const {
  auto references = repository_->references(stream);
  if (!references) return in_stream(stream.name, references.error());
  std::vector<RowRange> ranges(1);
  std::uint64_t bytes = 0;
  for (const repo::ChunkReference& one : *references) {
    if (bytes >= range_bytes) {
      ranges.emplace_back();
      bytes = 0;
    }
    ranges.back().push_back(one);
    const auto places = repository_->index().find(one.id);
    if (!places) return in_stream(stream.name, places.error());
    const std::size_t length = places->empty() ? 0 : places->front().entry.plain_bytes;
    bytes += length;
    // The pieces of a row that is longer than any chunk are all of one length but the last.
    const bool ends_a_row = length > 0 && length < repo::CutSizes().long_row_bytes();
    if (!ends_a_row) bytes = std::min(bytes, range_bytes - 1);
  }
  return ranges;
}

Result<RowChecksum> ArchiveReader::read_range(const repo::Stream& stream, const RowRange& range,
                                              const std::function<Status(ByteView)>& sink) const {
  RowChecksum checksum;
  for (const repo::ChunkReference& one : range) {
    const auto rows = repository_->read_chunk(one.id);
    if (!rows) return in_stream(stream.name, rows.error());
    checksum.add(*rows);
    TRY(sink(*rows));  // what it says is not about the archive
  }
  return checksum;
}

Status ArchiveReader::prove(const repo::Stream& stream, const RowChecksum& rows) const {
  if (rows.rows() == stream.rows && rows.digest() == stream.checksum) return Done{};
  return in_stream(stream.name, {ErrorKind::corrupt, "its rows are not those that were archived"});
}

Result<postgres::ArchiveData> ArchiveReader::data() const {
  postgres::ArchiveData data;
  const Bytes tables = TRY(read(kTablesStream));
  data.tables = TRY(decode_tables(tables));
  const Bytes sequences = TRY(read(kSequencesStream));
  data.sequences = TRY(decode_sequences(sequences));
  const Bytes views = TRY(read(kViewsStream));
  data.views = TRY(decode_views(views));
  if (find(kLargeObjectFactsStream) == nullptr) return data;
  const Bytes objects = TRY(read(kLargeObjectFactsStream));
  data.large_objects = TRY(decode_large_objects(objects));
  return data;
}

}  // namespace tidemark::ops
