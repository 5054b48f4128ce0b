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
#include "postgres/dump/client_program.h"
#include "postgres/dump/exported_snapshot.h"
#include "postgres/dump/inventory.h"
#include "postgres/dump/large_objects.h"
#include "repo/chunk/predecessors.h"
#include "repo/chunk/row_cutter.h"

namespace tidemark::ops {
namespace {

using postgres::Connection;
using postgres::CopiedTable;

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
    Connection leader = TRY(Connection::open(connection_, clock_, stop_));
    auto snapshot = TRY(postgres::ExportedSnapshot::take(std::move(leader)));
    const int version = snapshot.connection().server_version();
    const auto inventory = TRY(postgres::read_inventory(snapshot.connection()));
    yesterday_ = TRY(find_yesterday(repository_, options_.source));
    progress_.tables_total = inventory.tables.size();

    const Bytes definitions =
        TRY(postgres::dump_definitions(connection_, snapshot.id(), version, clock_, stop_));
    TRY(add_plain(writer, kDefinitionsStream, definitions));
    TRY(add_plain(writer, kSequencesStream, sequence_rows(inventory)));
    TRY(add_plain(writer, kViewsStream, view_rows(inventory)));
    TRY(copy_tables(writer, snapshot, inventory.tables));
    if (inventory.large_objects > 0) TRY(copy_large_objects(writer, snapshot.connection()));

    const repo::ArchiveFacts facts{.moment = snapshot.moment(),
                                   .source = options_.source,
                                   .tool_version = options_.tool_version,
                                   .facts = {{"database", connection_.database},
                                             {"server_version", fmt::format("{}", version)},
                                             {"postgresql", core::version_text(version)}}};
    ArchiveOutcome outcome{.name = TRY(writer.commit(facts)),
                           .moment = snapshot.moment(),
                           .total = progress_,
                           .tally = writer.tally()};
    return outcome;
  }

  static Bytes sequence_rows(const postgres::DatabaseInventory& inventory) {
    Bytes rows;
    for (const postgres::SequenceState& one : inventory.sequences)
      rows += fmt::format("{}\t{}\t{}\n", one.name, one.last_value, one.is_called ? "t" : "f");
    return rows;
  }

  static Bytes view_rows(const postgres::DatabaseInventory& inventory) {
    Bytes rows;
    for (const std::string& name : inventory.filled_views) rows += name + "\n";
    return rows;
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
  Status copy_tables(repo::Writer& writer, const postgres::ExportedSnapshot& snapshot,
                     const std::vector<CopiedTable>& tables) {
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

  Status run_lane(repo::Writer& writer, const postgres::ExportedSnapshot& snapshot,
                  const std::vector<CopiedTable>& tables) {
    Connection connection = TRY(Connection::open(connection_, clock_, stop_));
    TRY(snapshot.join(connection));
    for (std::size_t at = next_++; at < tables.size() && !failed(); at = next_++)
      TRY(copy_table(writer, connection, tables[at]));
    return Done{};
  }

  bool failed() {
    const std::lock_guard lock(mutex_);
    return failure_.has_value();
  }

  Status copy_table(repo::Writer& writer, Connection& connection, const CopiedTable& table) {
    const Status copied = copy_rows(
        writer, connection, table.copy_out(),
        repo::Stream{.name = std::string(kRowsPrefix) + table.name, .meta = table.columns});
    if (!copied) return in_context(fmt::format("table {}", table.name), copied.error());
    const std::lock_guard lock(mutex_);
    ++progress_.tables_done;
    return Done{};
  }

  Status copy_large_objects(repo::Writer& writer, Connection& connection) {
    Bytes statements;
    const auto rows = TRY(postgres::large_object_statements(connection));
    for (const postgres::Row& row : rows.rows) {
      const std::string statement = row.at(0).value_or("");
      put_le(statements, static_cast<std::uint32_t>(statement.size()));
      statements += statement;
    }
    TRY(add_plain(writer, kLargeObjectStatementsStream, statements));
    const Status copied =
        copy_rows(writer, connection, std::string(postgres::kCopyLargeObjects),
                  repo::Stream{.name = std::string(kLargeObjectsStream), .meta = {}});
    if (!copied) return in_context("large objects", copied.error());
    return Done{};
  }

  Status copy_rows(repo::Writer& writer, Connection& connection, const std::string& statement,
                   repo::Stream stream) {
    const auto before = yesterday_.find(stream.name);
    TableWriter chunks(repository_, writer, before == yesterday_.end() ? nullptr : &before->second);
    repo::RowCutter cutter({}, [&](const repo::CutChunk& chunk) { return chunks.add(chunk); });
    const bool is_table = stream.name.starts_with(kRowsPrefix);
    RowChecksum checksum;
    const auto take = [&](const postgres::RowBlock& block) -> Status {
      checksum.add(block.bytes);
      TRY(cutter.add(block.bytes));
      report(block, is_table ? block.rows : 0);
      if (failed()) return stopped();
      return Done{};
    };
    const postgres::CopyTotals totals = TRY(postgres::copy_out(connection, statement, {}, take));
    TRY(cutter.finish());
    stream.rows = static_cast<std::uint64_t>(totals.rows);
    stream.bytes = chunks.bytes();
    stream.checksum = checksum.digest();
    if (checksum.rows() != stream.rows)
      return Error{ErrorKind::corrupt, fmt::format("{} rows came, and the server counted {}",
                                                   checksum.rows(), stream.rows)};
    return writer.add_stream(std::move(stream), chunks.references());
  }

  void report(const postgres::RowBlock& block, std::int64_t rows) {
    const std::lock_guard lock(mutex_);
    progress_.rows += static_cast<std::uint64_t>(rows);
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
