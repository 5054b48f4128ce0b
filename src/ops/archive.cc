#include "ops/archive.h"

#include <atomic>
#include <map>
#include <mutex>
#include <thread>

#include <fmt/format.h>

#include "base/log.h"
#include "core/contents.h"
#include "ops/row_checksum.h"
#include "postgres/copy/copy_out.h"
#include "postgres/dump/definitions.h"
#include "postgres/dump/large_objects.h"
#include "postgres/dump/tables.h"
#include "repo/chunk/predecessors.h"
#include "repo/chunk/row_cutter.h"

namespace tidemark::ops {
namespace {

using postgres::Connection;
using postgres::TableToCopy;

constexpr std::size_t kPlainCutBytes = repo::kMiB;  // of streams that are no rows

// The source's last archive, if there is one, by the names of its streams.
using Yesterday = std::map<std::string, repo::Stream, std::less<>>;

Result<Yesterday> find_yesterday(repo::Repository& repository, const std::string& source) {
  const repo::History history = TRY(repository.history());
  const repo::Archive* newest = nullptr;
  for (const auto& [name, archive] : history.archives)
    if (archive.source == source && (newest == nullptr || archive.sequence > newest->sequence))
      newest = &archive;
  Yesterday streams;
  if (newest == nullptr) return streams;
  repo::Manifest manifest = TRY(repository.load(newest->name));
  for (repo::Stream& stream : manifest.streams) streams.emplace(stream.name, std::move(stream));
  return streams;
}

// Stores a table's chunks, each beside those of yesterday that it resembles. What cannot be known
// of yesterday costs space, never the archive.
class TableWriter {
 public:
  TableWriter(repo::Repository& repository, repo::Writer& writer, const repo::Stream* yesterday)
      : writer_(writer), predecessors_(spans_of(repository, yesterday)) {}

  Status add(const repo::CutChunk& chunk) {
    const repo::PredecessorRange near =
        predecessors_.find({chunk.start_mark, chunk.end_mark, chunk.bytes.size()});
    std::vector<repo::ChunkId> bases;
    for (std::size_t i = near.first; i < near.first + near.count; ++i)
      bases.push_back(old_.at(i).id);
    references_.push_back({TRY(writer_.add_chunk(chunk.bytes, bases)), chunk.start_mark});
    bytes_ += chunk.bytes.size();
    return Done{};
  }

  const std::vector<repo::ChunkReference>& references() const { return references_; }
  std::uint64_t bytes() const { return bytes_; }

 private:
  std::vector<repo::ChunkSpan> spans_of(repo::Repository& repository,
                                        const repo::Stream* yesterday) {
    if (yesterday == nullptr) return {};
    auto references = repository.references(*yesterday);
    if (!references) {
      log::warning(
          fmt::format("{} is stored anew: {}", yesterday->name, references.error().message));
      return {};
    }
    old_ = *std::move(references);
    std::vector<repo::ChunkSpan> spans;
    // A chunk ends where the next one starts.
    for (std::size_t i = 0; i < old_.size(); ++i)
      spans.push_back({old_[i].mark, i + 1 < old_.size() ? old_[i + 1].mark : ~std::uint64_t{0},
                       length_of(repository, old_[i].id)});
    return spans;
  }

  static std::uint64_t length_of(repo::Repository& repository, const repo::ChunkId& id) {
    const auto places = repository.index().find(id);
    return places && !places->empty() ? places->front().entry.plain_bytes : repo::kMiB;
  }

  repo::Writer& writer_;
  std::vector<repo::ChunkReference> old_;
  repo::Predecessors predecessors_;
  std::vector<repo::ChunkReference> references_;
  std::uint64_t bytes_ = 0;
};

// One stream of rows on its way into the repository: cut, stored, summed up.
class RowStream {
 public:
  RowStream(repo::Repository& repository, repo::Writer& writer, const Yesterday& yesterday,
            repo::Stream stream)
      : writer_(writer),
        stream_(std::move(stream)),
        chunks_(repository, writer, before(yesterday, stream_.name)),
        cutter_({}, [this](const repo::CutChunk& chunk) { return chunks_.add(chunk); }) {}
  RowStream(const RowStream&) = delete;
  RowStream& operator=(const RowStream&) = delete;

  Status add(ByteView rows) {
    checksum_.add(rows);
    return cutter_.add(rows);
  }

  // expected: how many rows there were, by whoever gave them.
  Status finish(std::uint64_t expected) {
    TRY(cutter_.finish());
    if (checksum_.rows() != expected)
      return Error{ErrorKind::corrupt, fmt::format("{} rows came, and the server counted {}",
                                                   checksum_.rows(), expected)};
    stream_.rows = expected;
    stream_.bytes = chunks_.bytes();
    stream_.checksum = checksum_.digest();
    return writer_.add_stream(std::move(stream_), chunks_.references());
  }

 private:
  static const repo::Stream* before(const Yesterday& yesterday, const std::string& name) {
    const auto found = yesterday.find(name);
    return found == yesterday.end() ? nullptr : &found->second;
  }

  repo::Writer& writer_;
  repo::Stream stream_;
  TableWriter chunks_;
  repo::RowCutter cutter_;
  RowChecksum checksum_;
};

class ArchiveRun {
 public:
  ArchiveRun(const postgres::ConnectionOptions& connection, repo::Repository& repository,
             const ArchiveOptions& options, Clock& clock, const StopSignal& stop)
      : connection_(connection),
        repository_(repository),
        options_(options),
        clock_(clock),
        stop_(stop) {}

  Result<ArchiveOutcome> run() {
    // The lease first: from here on a prune knows of us.
    auto writer = TRY(repo::Writer::begin(repository_, options_.owner));
    auto outcome = run_with(*writer);
    if (!outcome) discard(writer->abandon(), "its lease ends by itself");
    return outcome;
  }

 private:
  Result<ArchiveOutcome> run_with(repo::Writer& writer) {
    auto snapshot = TRY(postgres::Snapshot::take(connection_, clock_, stop_));
    Connection& leader = snapshot.connection();
    const int version = leader.server_version();
    const auto programs = TRY(postgres::find_client_programs(version));
    const TimePoint moment = TRY(moment_of(leader));
    const auto tables = TRY(postgres::read_tables(leader));
    // From here on nobody can empty a table under us, which the snapshot alone would not notice.
    TRY(snapshot.lock(tables));
    yesterday_ = TRY(find_yesterday(repository_, options_.source));
    progress_.tables_total = tables.size();

    const Bytes dumped =
        TRY(postgres::dump_definitions(programs, connection_, snapshot, clock_, stop_));
    const Bytes definitions = TRY(undated(dumped));
    TRY(add_plain(writer, kDefinitionsStream, definitions));
    TRY(add_plain(writer, kTablesStream, encode_tables(tables)));
    const auto sequences = TRY(postgres::read_sequences(leader));
    TRY(add_plain(writer, kSequencesStream, encode_sequences(sequences)));
    const auto views = TRY(postgres::read_views_to_refresh(leader));
    TRY(add_plain(writer, kViewsStream, encode_views(views)));
    TRY(copy_tables(writer, snapshot, tables));
    TRY(copy_large_objects(writer, leader));
    TRY(snapshot.still_held());

    const repo::ArchiveFacts facts{.moment = moment,
                                   .source = options_.source,
                                   .tool_version = options_.tool_version,
                                   .facts = {{"database", connection_.database},
                                             {"server_version", fmt::format("{}", version)},
                                             {"postgresql", core::version_text(version)}}};
    ArchiveOutcome outcome{.name = TRY(writer.commit(facts)),
                           .moment = moment,
                           .total = progress_,
                           .tally = writer.tally()};
    return outcome;
  }

  // Without the time of the dump, so that definitions that did not change are known tomorrow.
  static Result<Bytes> undated(ByteView definitions) {
    auto archive = TRY(postgres::parse_custom_archive(definitions));
    std::fill(archive.created.begin(), archive.created.end(), 0);
    return postgres::encode_contents(archive);
  }

  static Result<TimePoint> moment_of(Connection& connection) {
    const std::string text =
        TRY(connection.query_value("SELECT pg_catalog.to_char(pg_catalog.now() AT TIME ZONE 'UTC', "
                                   "'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"));
    return parse_time(text);
  }

  // Bytes that are no table: cut at fixed lengths.
  static Status add_plain(repo::Writer& writer, std::string_view name, ByteView bytes) {
    std::vector<repo::ChunkReference> references;
    repo::Stream stream{.name = std::string(name), .meta = {}};
    stream.bytes = bytes.size();
    for (std::size_t at = 0; at < bytes.size(); at += kPlainCutBytes)
      references.push_back({TRY(writer.add_chunk(bytes.substr(at, kPlainCutBytes))), 0});
    return writer.add_stream(std::move(stream), references);
  }

  // Lanes take tables from one list, the largest first. The first failure ends all of them.
  Status copy_tables(repo::Writer& writer, const postgres::Snapshot& snapshot,
                     const std::vector<TableToCopy>& tables) {
    std::vector<std::jthread> lanes;
    const int count = std::min<int>(options_.jobs, static_cast<int>(tables.size()));
    for (int lane = 0; lane < count; ++lane)
      lanes.emplace_back([&] {
        const Status done = run_lane(writer, snapshot, tables);
        const std::lock_guard lock(mutex_);
        if (!done && !failure_) failure_ = done.error();
      });
    lanes.clear();  // joins
    if (failure_) return *failure_;
    return Done{};
  }

  Status run_lane(repo::Writer& writer, const postgres::Snapshot& snapshot,
                  const std::vector<TableToCopy>& tables) {
    Connection connection = TRY(snapshot.join(connection_, clock_, stop_));
    for (std::size_t at = next_++; at < tables.size() && !failed(); at = next_++)
      TRY(copy_table(writer, connection, tables[at]));
    return Done{};
  }

  bool failed() {
    const std::lock_guard lock(mutex_);
    return failure_.has_value();
  }

  Status copy_table(repo::Writer& writer, Connection& connection, const TableToCopy& table) {
    RowStream rows(
        repository_, writer, yesterday_,
        repo::Stream{.name = std::string(kRowsPrefix) + table.name, .meta = table.columns});
    const auto take = [&](const postgres::RowBlock& block) -> Status {
      TRY(rows.add(block.bytes));
      report(block);
      if (failed()) return stopped();
      return Done{};
    };
    const auto totals =
        postgres::copy_out(connection, postgres::copy_out_statement(table, {}), {}, take);
    if (!totals) return in_context(fmt::format("table {}", table.name), totals.error());
    const Status stored = rows.finish(static_cast<std::uint64_t>(totals->rows));
    if (!stored) return in_context(fmt::format("table {}", table.name), stored.error());
    const std::lock_guard lock(mutex_);
    ++progress_.tables_done;
    return Done{};
  }

  // As rows, so that they are stored like a table's. As many as one question gives are known at a
  // time, however many there are.
  Status copy_large_objects(repo::Writer& writer, Connection& connection) {
    RowStream content(repository_, writer, yesterday_,
                      repo::Stream{.name = std::string(kLargeObjectsStream), .meta = {}});
    RowStream facts(repository_, writer, yesterday_,
                    repo::Stream{.name = std::string(kLargeObjectFactsStream), .meta = {}});
    std::uint64_t pieces = 0;
    std::uint64_t objects = 0;
    std::uint64_t offset = 0;
    const auto take = [&](std::uint32_t oid, ByteView piece) -> Status {
      // The empty piece ends an object, and is all there is of an empty one.
      if (!piece.empty() || offset == 0) {
        TRY(content.add(encode_piece(oid, offset, piece)));
        ++pieces;
      }
      offset = piece.empty() ? 0 : offset + piece.size();
      return Done{};
    };
    for (std::uint32_t after = 0;;) {
      const auto some = TRY(postgres::read_large_objects(connection, after));
      TRY(facts.add(encode_large_objects(some)));
      TRY(postgres::copy_large_objects(connection, some, take));
      objects += some.size();
      if (some.size() < postgres::kLargeObjectsAtOnce) break;
      after = some.back().oid;
    }
    if (objects == 0) return Done{};
    TRY(facts.finish(objects));
    return content.finish(pieces);
  }

  void report(const postgres::RowBlock& block) {
    const std::lock_guard lock(mutex_);
    progress_.rows += static_cast<std::uint64_t>(block.rows);
    progress_.bytes += block.bytes.size();
    if (options_.on_progress) options_.on_progress(progress_);
  }

  const postgres::ConnectionOptions& connection_;
  repo::Repository& repository_;
  const ArchiveOptions& options_;
  Clock& clock_;
  const StopSignal& stop_;
  Yesterday yesterday_;
  std::atomic<std::size_t> next_{0};
  std::mutex mutex_;  // of what follows
  std::optional<Error> failure_;
  ArchiveProgress progress_;
};

}  // namespace

Result<ArchiveOutcome> archive_database(const postgres::ConnectionOptions& connection,
                                        repo::Repository& repository, const ArchiveOptions& options,
                                        Clock& clock, const StopSignal& stop) {
  return ArchiveRun(connection, repository, options, clock, stop).run();
}

}  // namespace tidemark::ops
