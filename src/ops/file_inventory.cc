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

Error malformed() { return Error{ErrorKind::corrupt, "a row of the inventory cannot be read"}; }

struct Content {
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  std::optional<ReferenceCount> references;
};

std::string name_of(const InventoryOptions& options) {
  return options.snapshot ? point_inventory_name(options.source) : inventory_name(options.source);
}

// The other kind is as good to build on.
Result<Yesterday> yesterday_of(repo::Repository& repository, const InventoryOptions& options) {
  Yesterday own = TRY(find_yesterday(repository, name_of(options)));
  if (!own.empty()) return own;
  return find_yesterday(repository, options.snapshot ? inventory_name(options.source)
                                                     : point_inventory_name(options.source));
}

// The rows of the bucket at that time, into the writer.
Result<Content> store_rows(files::Bucket& bucket, repo::Repository& repository,
                           repo::Writer& writer, const InventoryOptions& options, TimePoint at,
                           const StopSignal& stop) {
  std::optional<ReferenceCheck> check;
  if (options.point && options.point->moment <= at) {
    auto keys = TRY(reference_keys(repository, *options.point));
    if (keys) check.emplace(*std::move(keys), options.on_mismatch);
  }
  const Yesterday yesterday = TRY(yesterday_of(repository, options));
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
    if (check) TRY(check->add_file(file->key));
    return part.add(encode_file(*file));
  });
  const auto alive = [&]() -> Status {
    if (stop.requested()) return stopped();
    return writer.keep_alive();
  };
  const auto take = [&](const FileVersion& version) -> Status {
    TRY(alive());
    return walk.add(version);
  };
  TRY(options.report != nullptr ? options.report->for_each_version(options.prefix, take, alive)
                                : bucket.for_each_version(options.prefix, take));
  TRY(walk.finish());
  TRY(part.finish(content.files));
  if (!check) return content;
  TRY(check->finish());
  content.references = {.missing = check->missing(), .orphaned = check->orphaned()};
  return content;
}

// Gives the lines of a stream one after the other, a chunk in memory at a time.
class Lines {
 public:
  static Result<std::shared_ptr<Lines>> open(repo::Repository& repository, ArchiveReader reader,
                                             std::string_view stream) {
    auto references = TRY(repository.references(*reader.find(stream)));
    return std::shared_ptr<Lines>(
        new Lines(repository, std::move(reader), stream, std::move(references)));
  }

  // Valid until the next call; nullopt after the last, once all of them are proven.
  Result<std::optional<ByteView>> next() {
    for (;;) {
      const std::size_t end = pending_.find('\n', at_);
      if (end == Bytes::npos) {
        if (next_ < references_.size()) {
          TRY(fill());
          continue;
        }
        TRY(reader_.prove(*reader_.find(stream_), checksum_));
        return std::optional<ByteView>();
      }
      const ByteView line = ByteView(pending_).substr(at_, end - at_);
      at_ = end + 1;
      return std::optional(line);
    }
  }

 private:
  Lines(repo::Repository& repository, ArchiveReader reader, std::string_view stream,
        std::vector<repo::ChunkReference> references)
      : repository_(repository),
        reader_(std::move(reader)),
        stream_(stream),
        references_(std::move(references)) {}

  Status fill() {
    pending_.erase(0, at_);
    at_ = 0;
    if (pending_.size() > kRowBytesMax) return malformed();
    const Bytes chunk = TRY(repository_.read_chunk(references_[next_++].id));
    checksum_.add(chunk);
    pending_ += chunk;
    return Done{};
  }

  repo::Repository& repository_;
  const ArchiveReader reader_;
  const std::string_view stream_;
  const std::vector<repo::ChunkReference> references_;
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

bool is_meant(const repo::Archive& inventory, const std::string& name) {
  return is_named(inventory.name, name) || fact(inventory, kSnapshotFact) == name ||
         (name.size() >= kNameDigitsLeast && fact(inventory, kPointFact).starts_with(name));
}

}  // namespace

std::string inventory_name(const std::string& source) { return source + "/files"; }

std::string point_inventory_name(const std::string& source) {
  return inventory_name(source) + "/points";
}

SnapshotMoment snapshot_moment(const core::RecoveryPoint& point) {
  return {.id = point.id, .moment = point.moment(), .last_transaction = point.last_transaction};
}

std::optional<Seconds> SnapshotMoment::skew_of(TimePoint files) const {
  if (!last_transaction) return std::nullopt;
  return std::chrono::floor<Seconds>(files) - std::chrono::floor<Seconds>(*last_transaction);
}

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
  outcome.moment = now;
  if (versioned && options.point) outcome.moment = options.point->moment;
  if (versioned && options.snapshot)
    outcome.moment = std::chrono::floor<Seconds>(options.snapshot->moment);
  if (options.report != nullptr)
    outcome.moment = std::min(outcome.moment, options.report->moment());
  auto writer = TRY(repo::Writer::begin(repository, options.owner));
  const auto store = [&]() -> Result<repo::ObjectName> {
    const Content content = TRY(store_rows(bucket, repository, *writer, options,
                                           versioned ? outcome.moment : kEndOfTime, stop));
    outcome.files = content.files;
    outcome.bytes = content.bytes;
    outcome.references = content.references;
    repo::ArchiveFacts facts{.moment = outcome.moment,
                             .source = name_of(options),
                             .tool_version = options.tool_version,
                             .facts = {{std::string(kBucketFact), bucket.describe()},
                                       {std::string(kPrefixFact), options.prefix},
                                       {"bytes", std::to_string(content.bytes)},
                                       {"versioning", versioned ? "on" : "off"}}};
    if (options.report != nullptr) {
      outcome.report = options.report->name();
      facts.facts[std::string(kReportFact)] = options.report->name();
      facts.facts[std::string(kTakenFact)] = format_time(now);
    }
    if (content.references) {
      facts.facts[std::string(kMissingFact)] = std::to_string(content.references->missing);
      facts.facts[std::string(kOrphanedFact)] = std::to_string(content.references->orphaned);
    }
    if (options.snapshot) {
      outcome.skew = options.snapshot->skew_of(outcome.moment);
      facts.facts[std::string(kSnapshotFact)] = options.snapshot->id;
      if (outcome.skew) facts.facts[std::string(kSkewFact)] = std::to_string(outcome.skew->count());
    }
    if (options.point) {
      outcome.skew = std::chrono::floor<Seconds>(outcome.moment - options.point->moment);
      facts.facts[std::string(kPointFact)] = options.point->name.hex();
      facts.facts[std::string(kSkewFact)] = std::to_string(outcome.skew->count());
    }
    return writer->commit(facts);
  };
  const auto name = store();
  if (!name) {
    discard(writer->abandon(), "its lease ends by itself");
    return name.error();
  }
  outcome.name = *name;
  outcome.tally = writer->tally();
  return outcome;
}

Result<repo::Archive> find_inventory(repo::Repository& repository, const std::string& source,
                                     const std::optional<std::string>& name) {
  const repo::History history = TRY(repository.history());
  std::vector<repo::Archive> found;
  for (const auto& [id, archive] : history.archives) {
    const bool of_snapshot = archive.source == point_inventory_name(source);
    if (!of_snapshot && archive.source != inventory_name(source)) continue;
    if (name ? is_meant(archive, *name) : !of_snapshot) found.push_back(archive);
  }
  const auto newest =
      std::max_element(found.begin(), found.end(), [](const auto& one, const auto& other) {
        return std::pair(one.moment, one.sequence) < std::pair(other.moment, other.sequence);
      });
  if (newest != found.end()) return *newest;
  return Error{
      ErrorKind::not_found,
      name ? fmt::format("no inventory of the files of {} is {}, or belongs to it", source, *name)
           : fmt::format("there is no inventory of the files of {}", source),
      "`tidemark archives` lists what there is; `tidemark files inventory` takes one"};
}

std::optional<repo::Archive> point_of_inventory(const repo::History& history,
                                                const repo::Archive& inventory) {
  for (const auto& [name, archive] : history.archives)
    if (name.hex() == fact(inventory, kPointFact)) return archive;
  return std::nullopt;
}

Result<std::optional<repo::Archive>> point_without_inventory(repo::Repository& repository,
                                                             const std::string& source,
                                                             const std::string& database) {
  const repo::History history = TRY(repository.history());
  std::optional<repo::Archive> newest;
  for (const auto& [name, archive] : history.archives) {
    const bool wanted = database.empty() ? archive.source.starts_with(source + "/") &&
                                               archive.source != inventory_name(source) &&
                                               archive.source != point_inventory_name(source)
                                         : archive.source == source + "/" + database;
    if (wanted && (!newest || std::pair(newest->moment, newest->sequence) <
                                  std::pair(archive.moment, archive.sequence)))
      newest = archive;
  }
  if (!newest) return newest;
  for (const auto& [name, archive] : history.archives)
    if (fact(archive, kPointFact) == newest->name.hex()) return std::optional<repo::Archive>();
  return newest;
}

Result<files::RowSource> inventory_rows(repo::Repository& repository, const repo::Archive& archive,
                                        const std::string& prefix) {
  ArchiveReader reader = TRY(ArchiveReader::open(repository, archive));
  if (reader.find(kFilesStream) == nullptr)
    return Error{ErrorKind::invalid_input, fmt::format("{} is not of files", reader.shown()),
                 "`tidemark archives` lists those that are"};
  // Shared by the copies of the function.
  auto lines = TRY(Lines::open(repository, std::move(reader), kFilesStream));
  return files::RowSource([lines, prefix]() -> Result<std::optional<FileVersion>> {
    for (;;) {
      const std::optional<ByteView> line = TRY(lines->next());
      if (!line) return std::optional<FileVersion>();
      FileVersion file = TRY(decode_file(*line));
      if (file.key.starts_with(prefix)) return std::optional(std::move(file));
    }
  });
}

Result<std::optional<KeySource>> reference_keys(repo::Repository& repository,
                                                const repo::Archive& archive) {
  ArchiveReader reader = TRY(ArchiveReader::open(repository, archive));
  if (reader.find(kReferencesStream) == nullptr) return std::optional<KeySource>();
  auto lines = TRY(Lines::open(repository, std::move(reader), kReferencesStream));
  return std::optional<KeySource>([lines]() -> Result<std::optional<std::string>> {
    const std::optional<ByteView> line = TRY(lines->next());
    if (!line) return std::optional<std::string>();
    return std::optional(TRY(decode_reference(*line)));
  });
}

}  // namespace tidemark::ops
