#include "ops/file_inventory.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include <fmt/format.h>

#include "ops/row_stream.h"
#include "postgres/copy/copy_text.h"

namespace tidemark::ops {
namespace {

using files::FileVersion;

constexpr std::size_t kNameDigitsLeast = 4;
constexpr std::size_t kFields = 6;
constexpr std::size_t kRowBytesMax = 65'536;
constexpr TimePoint kEndOfTime = TimePoint::max();

Error malformed() {
  return Error{ErrorKind::corrupt, "a row of the inventory cannot be read"};
}

struct Content {
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
};

// The rows of the bucket at that time, into the writer.
Result<Content> store_rows(files::Bucket& bucket, repo::Repository& repository,
                           repo::Writer& writer, const InventoryOptions& options, TimePoint at,
                           const StopSignal& stop) {
  const Yesterday yesterday = TRY(find_yesterday(repository, inventory_name(options.source)));
  RowStream stream(repository, writer, yesterday,
                   repo::Stream{.name = std::string(kFilesStream), .meta = {}});
  RowPart part(stream, 0);
  Content content;
  std::vector<files::Moment> moments;
  moments.push_back(files::Moment::at(at));
  files::Walk walk(std::move(moments), [&](const files::KeySeen& seen) -> Status {
    const auto& file = seen.states.front().file;
    if (!file) return Done{};
    ++content.files;
    content.bytes += file->size;
    return part.add(encode_file(*file));
  });
  const auto take = [&](const FileVersion& version) -> Status {
    if (stop.requested()) return stopped();
    TRY(writer.keep_alive());
    return walk.add(version);
  };
  TRY(bucket.for_each_version(options.prefix, take));
  TRY(walk.finish());
  TRY(part.finish(content.files));
  return content;
}

// Gives the lines of a stream one after the other, a chunk in memory at a time.
class Rows {
 public:
  Rows(ArchiveReader reader, repo::Repository& repository,
       std::vector<repo::ChunkReference> references, std::string prefix)
      : reader_(std::move(reader)),
        repository_(repository),
        references_(std::move(references)),
        prefix_(std::move(prefix)) {}

  Result<std::optional<FileVersion>> next() {
    for (;;) {
      const std::size_t end = pending_.find('\n', at_);
      if (end == Bytes::npos) {
        if (next_ < references_.size()) {
          TRY(fill());
          continue;
        }
        TRY(reader_.prove(*reader_.find(kFilesStream), checksum_));
        return std::optional<FileVersion>();
      }
      const ByteView line = ByteView(pending_).substr(at_, end - at_);
      at_ = end + 1;
      FileVersion file = TRY(decode_file(line));
      if (file.key.starts_with(prefix_)) return std::optional(std::move(file));
    }
  }

 private:
  Status fill() {
    pending_.erase(0, at_);
    at_ = 0;
    if (pending_.size() > kRowBytesMax) return malformed();
    const Bytes chunk = TRY(repository_.read_chunk(references_[next_++].id));
    checksum_.add(chunk);
    pending_ += chunk;
    return Done{};
  }

  const ArchiveReader reader_;
  repo::Repository& repository_;
  const std::vector<repo::ChunkReference> references_;
  const std::string prefix_;
  std::size_t next_ = 0;
  Bytes pending_;
  std::size_t at_ = 0;
  RowChecksum checksum_;
};

bool is_named(const repo::ObjectName& name, const std::string& digits) {
  return digits.size() >= kNameDigitsLeast && name.hex().starts_with(digits);
}

std::string fact(const repo::Archive& archive, std::string_view name) {
  const auto found = archive.facts.find(std::string(name));
  return found == archive.facts.end() ? "" : found->second;
}

}  // namespace

std::string inventory_name(const std::string& source) { return source + "/files"; }

Bytes encode_file(const FileVersion& file) {
  Bytes row;
  postgres::put_copy_row(row, {file.key, file.id, std::to_string(file.size), file.etag,
                               format_time(file.modified), file.storage_class});
  return row;
}

Result<FileVersion> decode_file(ByteView row) {
  const postgres::Row fields = TRY(postgres::parse_copy_row(row));
  if (fields.size() < kFields) return malformed();
  for (std::size_t i = 0; i < kFields; ++i)
    if (!fields[i]) return malformed();
  FileVersion file{.key = *fields[0], .id = *fields[1], .etag = *fields[3]};
  const std::string& size = *fields[2];
  const auto [end, failure] = std::from_chars(size.data(), size.data() + size.size(), file.size);
  if (failure != std::errc{} || end != size.data() + size.size()) return malformed();
  file.modified = TRY(parse_time(*fields[4]));
  file.storage_class = *fields[5];
  return file;
}

Result<InventoryOutcome> take_inventory(files::Bucket& bucket, repo::Repository& repository,
                                        const InventoryOptions& options, const StopSignal& stop) {
  const bool versioned = bool(bucket.check_versioned());
  const TimePoint now = std::chrono::floor<Seconds>(TRY(bucket.now()));
  InventoryOutcome outcome;
  outcome.moment = versioned && options.point ? options.point->moment : now;
  auto writer = TRY(repo::Writer::begin(repository, options.owner));
  const auto write = [&]() -> Result<repo::ObjectName> {
    const Content content = TRY(store_rows(bucket, repository, *writer, options,
                                           versioned ? outcome.moment : kEndOfTime, stop));
    outcome.files = content.files;
    outcome.bytes = content.bytes;
    repo::ArchiveFacts facts{.moment = outcome.moment,
                             .source = inventory_name(options.source),
                             .tool_version = options.tool_version,
                             .facts = {{std::string(kBucketFact), bucket.describe()},
                                       {std::string(kPrefixFact), options.prefix},
                                       {"bytes", std::to_string(content.bytes)},
                                       {"versioning", versioned ? "on" : "off"}}};
    if (options.point) {
      const auto skew = std::chrono::floor<Seconds>(outcome.moment - options.point->moment);
      facts.facts[std::string(kPointFact)] = options.point->name.hex();
      facts.facts[std::string(kSkewFact)] = std::to_string(skew.count());
    }
    return writer->commit(facts);
  };
  const auto name = write();
  if (!name) {
    discard(writer->abandon(), "its lease ends by itself");
    return name.error();
  }
  outcome.name = *name;
  outcome.tally = writer->tally();
  return outcome;
}

Result<repo::Archive> find_inventory(repo::Repository& repository, const std::string& source,
                                     const std::optional<std::string>& digits) {
  const repo::History history = TRY(repository.history());
  std::vector<repo::Archive> found;
  for (const auto& [name, archive] : history.archives) {
    if (archive.source != inventory_name(source)) continue;
    if (!digits || is_named(name, *digits) ||
        (digits->size() >= kNameDigitsLeast && fact(archive, kPointFact).starts_with(*digits)))
      found.push_back(archive);
  }
  const auto newest =
      std::max_element(found.begin(), found.end(), [](const auto& one, const auto& other) {
        return std::pair(one.moment, one.sequence) < std::pair(other.moment, other.sequence);
      });
  if (newest != found.end()) return *newest;
  return Error{ErrorKind::not_found,
               digits ? fmt::format("no inventory of the files of {} is {}, or belongs to it",
                                    source, *digits)
                      : fmt::format("there is no inventory of the files of {}", source),
               "`tidemark archives` lists what there is; `tidemark files inventory` takes one"};
}

Result<files::RowSource> inventory_rows(repo::Repository& repository, const repo::Archive& archive,
                                        const std::string& prefix) {
  ArchiveReader reader = TRY(ArchiveReader::open(repository, archive));
  const repo::Stream* const stream = reader.find(kFilesStream);
  if (stream == nullptr)
    return Error{ErrorKind::invalid_input, fmt::format("{} is not of files", reader.shown()),
                 "`tidemark archives` lists those that are"};
  auto references = TRY(repository.references(*stream));
  // Shared by the copies of the function; none of them outlives the restore.
  auto rows = std::make_shared<Rows>(std::move(reader), repository, std::move(references), prefix);
  return files::RowSource([rows] { return rows->next(); });
}

}  // namespace tidemark::ops
