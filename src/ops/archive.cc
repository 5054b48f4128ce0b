#include "ops/archive.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <thread>

#include <fmt/format.h>

#include "base/remote_text.h"
#include "core/contents.h"
#include "ops/file_references.h"
#include "ops/row_stream.h"
#include "postgres/catalog/catalog.h"
#include "postgres/copy/copy_out.h"
#include "postgres/dump/definitions.h"
#include "postgres/dump/large_objects.h"
#include "postgres/dump/tables.h"
#include "storage/wrap/bandwidth_limited_store.h"

namespace tidemark::ops {
namespace {

using postgres::Connection;
using postgres::TableToCopy;

constexpr std::size_t kPlainCutBytes = repo::kMiB;  // of streams that are no rows

// A range of a table, as a lane takes it.
struct PieceToCopy {
  const TableToCopy* table = nullptr;
  RowStream* stream = nullptr;
  std::size_t range = 0;
  std::int64_t pages = 0;
};

class ArchiveRun {
 public:
  ArchiveRun(const postgres::ConnectionOptions& connection, repo::Repository& repository,
             const ArchiveOptions& options, Clock& clock, const StopSignal& stop)
      : connection_(connection),
        repository_(repository),
        options_(options),
        clock_(clock),
        stop_(stop),
        rate_(options.read_bytes_per_second, clock) {}

  Result<ArchiveOutcome> run() {
    // The lease first: from here on a prune knows of us.
    auto writer = TRY(repo::Writer::begin(repository_, options_.owner));
    auto outcome = run_with(*writer);
    if (!outcome) discard(writer->abandon(), "its lease ends by itself");
    return outcome;
  }

 private:
  Result<ArchiveOutcome> run_with(repo::Writer& writer) {
    // By our clock, as slots are: a server's that is behind would have us archive again and again.
    const TimePoint moment = clock_.now();
    auto snapshot = TRY(postgres::Snapshot::take(connection_, clock_, stop_));
    Connection& leader = snapshot.connection();
    const int version = leader.server_version();
    const auto programs = TRY(postgres::find_client_programs(version));
    const std::string server_moment = TRY(moment_of(leader));
    const std::string server = TRY(postgres::system_identifier(leader));
    const auto tables = TRY(postgres::read_tables(leader));
    // From here on nobody can empty a table under us, which the snapshot alone would not notice.
    TRY(snapshot.lock(tables));
    TRY(writer.keep_alive());
    if (auto last = TRY(last_archive(repository_, options_.source))) {
      TRY(same_server(*last, server));
      yesterday_ = streams_of(std::move(*last));
    }
    progress_.tables_total = tables.size();

    // It may wait for locks for longer than a lease lasts.
    const Bytes dumped = TRY(postgres::dump_definitions(
        programs, connection_, snapshot, clock_, stop_, [&] { return writer.keep_alive(); }));
    const Bytes definitions = TRY(undated(dumped));
    TRY(add_plain(writer, kDefinitionsStream, definitions));
    TRY(add_plain(writer, kTablesStream, encode_tables(tables)));
    const auto sequences = TRY(postgres::read_sequences(leader));
    TRY(add_plain(writer, kSequencesStream, encode_sequences(sequences)));
    const auto views = TRY(postgres::read_views_to_refresh(leader));
    TRY(add_plain(writer, kViewsStream, encode_views(views)));
    const auto roles = TRY(postgres::read_roles(leader));
    TRY(add_plain(writer, kRolesStream, encode_roles(roles)));
    TRY(copy_tables(writer, snapshot, tables, version));
    TRY(copy_large_objects(writer, leader));
    std::optional<Error> references_error;
    if (!options_.references_sql.empty()) {
      const Status copied = copy_references(writer, snapshot);
      if (!copied && copied.error().kind == ErrorKind::cancelled) return copied.error();
      if (!copied) references_error = copied.error();
    }
    TRY(snapshot.still_held());

    const auto role_count = std::count_if(roles.begin(), roles.end(), [](const auto& one) {
      return one.kind == postgres::RoleStatementKind::role;
    });
    repo::ArchiveFacts facts{.moment = moment,
                             .source = options_.source,
                             .tool_version = options_.tool_version,
                             .facts = {{"database", connection_.database},
                                       {"server_version", fmt::format("{}", version)},
                                       {"postgresql", core::version_text(version)},
                                       {"server_moment", server_moment},
                                       {std::string(kRowsFact), fmt::format("{}", progress_.rows)},
                                       {"role_passwords", "left out"},
                                       {"roles", fmt::format("{}", role_count)}}};
    if (!server.empty()) facts.facts.emplace(kSystemIdentifierFact, server);
    ArchiveOutcome outcome{.name = TRY(writer.commit(facts)),
                           .moment = moment,
                           .total = progress_,
                           .tally = writer.tally(),
                           .problems = problems_,
                           .references_error = std::move(references_error)};
    return outcome;
  }

  // Without the time of the dump, so that definitions that did not change are known tomorrow.
  static Result<Bytes> undated(ByteView definitions) {
    auto archive = TRY(postgres::parse_custom_archive(definitions));
    std::fill(archive.created.begin(), archive.created.end(), 0);
    return postgres::encode_contents(archive);
  }

  static Result<std::string> moment_of(Connection& connection) {
    return connection.query_value(
        "SELECT pg_catalog.to_char(pg_catalog.now() AT TIME ZONE 'UTC', "
        "'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')");
  }

  // Two databases under one name share a policy, and the newest of one is not the newest of the
  // other. A server that tells nothing is taken for the same.
  Status same_server(const repo::Manifest& last, const std::string& server) {
    const auto before = last.facts.find(std::string(kSystemIdentifierFact));
    if (before == last.facts.end() || server.empty() || before->second == server) return Done{};
    const std::string name = clean_remote_text(options_.source);
    const std::string what =
        fmt::format("the last archive of {} is of another server (system identifier {}; now {})",
                    name, clean_remote_text(before->second), clean_remote_text(server));
    if (options_.other_server == OtherServer::refused)
      return Error{
          ErrorKind::conflict, what,
          fmt::format("--name gives this one a name of its own; --name '{}' goes on, after "
                      "a move or a major upgrade",
                      name)};
    problems_.push_back({core::Severity::warning, what,
                         "after a move or a major upgrade all is well; two databases of one name "
                         "need names of their own: --name, or a source each"});
    return Done{};
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

  // Lanes take pieces from one list, those of the largest tables first. The first failure ends all
  // of them.
  Status copy_tables(repo::Writer& writer, const postgres::Snapshot& snapshot,
                     const std::vector<TableToCopy>& tables, int version) {
    std::vector<std::unique_ptr<RowStream>> streams;
    for (const TableToCopy& table : tables) {
      streams.push_back(std::make_unique<RowStream>(
          repository_, writer, yesterday_,
          repo::Stream{.name = std::string(kRowsPrefix) + table.name, .meta = table.columns},
          postgres::split_by_pages(table, options_.range_pages, version)));
      add_pieces(table, *streams.back());
    }
    std::vector<std::jthread> lanes;
    const int count = std::min<int>(options_.jobs, static_cast<int>(pieces_.size()));
    for (int lane = 0; lane < count; ++lane)
      lanes.emplace_back([&] {
        const Status done = run_lane(writer, snapshot);
        const std::lock_guard lock(mutex_);
        if (!done && !failure_) failure_ = done.error();
      });
    lanes.clear();  // joins
    if (failure_) return *failure_;
    return Done{};
  }

  void add_pieces(const TableToCopy& table, RowStream& stream) {
    const auto& ranges = stream.ranges();
    for (std::size_t range = 0; range < ranges.size(); ++range) {
      const std::int64_t end =
          ranges[range].end.value_or(std::max(table.pages, ranges[range].first));
      pieces_.push_back({&table, &stream, range, end - ranges[range].first});
      // A table without pages costs a little as well.
      pages_ += pieces_.back().pages + 1;
    }
  }

  Status run_lane(repo::Writer& writer, const postgres::Snapshot& snapshot) {
    Connection connection = TRY(snapshot.join(connection_, clock_, stop_));
    for (std::size_t at = next_++; at < pieces_.size() && !failed(); at = next_++) {
      const Status copied = copy_piece(writer, connection, pieces_[at]);
      if (!copied)
        return in_context(fmt::format("table {}", clean_remote_text(pieces_[at].table->name)),
                          copied.error());
    }
    return Done{};
  }

  bool failed() {
    const std::lock_guard lock(mutex_);
    return failure_.has_value();
  }

  Status copy_piece(repo::Writer& writer, Connection& connection, const PieceToCopy& piece) {
    RowPart part(*piece.stream, piece.range);
    const auto take = [&](const postgres::RowBlock& block) -> Status {
      TRY(part.add(block.bytes));
      report(block);
      if (failed()) return stopped();
      // Rows that are few or slow give no chunk for long, and only chunks keep the lease.
      TRY(writer.keep_alive());
      return rate_.take(block.bytes.size());
    };
    const postgres::PageRange& range = piece.stream->ranges()[piece.range];
    const auto totals = TRY(postgres::copy_out(
        connection, postgres::copy_out_statement(*piece.table, range), {}, take));
    const bool table_done = TRY(part.finish(static_cast<std::uint64_t>(totals.rows)));
    const std::lock_guard lock(mutex_);
    if (table_done) ++progress_.tables_done;
    pages_done_ += piece.pages + 1;
    progress_.done = static_cast<double>(pages_done_) / static_cast<double>(pages_);
    return Done{};
  }

  // As rows, so that they are stored like a table's. As many as one question gives are known at a
  // time, however many there are.
  Status copy_large_objects(repo::Writer& writer, Connection& connection) {
    RowStream content_stream(repository_, writer, yesterday_,
                             repo::Stream{.name = std::string(kLargeObjectsStream), .meta = {}});
    RowStream facts_stream(repository_, writer, yesterday_,
                           repo::Stream{.name = std::string(kLargeObjectFactsStream), .meta = {}});
    RowPart content(content_stream, 0);
    RowPart facts(facts_stream, 0);
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
      TRY(writer.keep_alive());
      return rate_.take(piece.size());
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
    TRY(content.finish(pieces));
    return Done{};
  }

  // On a connection of its own, in the same snapshot: a query that fails costs the references,
  // never the archive.
  Status copy_references(repo::Writer& writer, const postgres::Snapshot& snapshot) {
    Connection connection = TRY(snapshot.join(connection_, clock_, stop_));
    // Elsewhere no schema is searched; this query is the operator's, written as for psql.
    TRY(connection.query("SET LOCAL search_path TO \"$user\", public"));
    RowStream stream(repository_, writer, yesterday_,
                     repo::Stream{.name = std::string(kReferencesStream), .meta = {}});
    RowPart part(stream, 0);
    const auto take = [&](const postgres::RowBlock& block) -> Status {
      TRY(part.add(block.bytes));
      return writer.keep_alive();
    };
    const auto copied = TRY(
        postgres::copy_out(connection, references_statement(options_.references_sql), {}, take));
    TRY(part.finish(static_cast<std::uint64_t>(copied.rows)));
    return Done{};
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
  std::vector<core::Problem> problems_;
  storage::TokenBucket rate_;
  std::vector<PieceToCopy> pieces_;
  std::int64_t pages_ = 0;
  std::atomic<std::size_t> next_{0};
  std::mutex mutex_;  // of what follows
  std::optional<Error> failure_;
  std::int64_t pages_done_ = 0;
  ArchiveProgress progress_;
};

}  // namespace

Result<ArchiveOutcome> archive_database(const postgres::ConnectionOptions& connection,
                                        repo::Repository& repository, const ArchiveOptions& options,
                                        Clock& clock, const StopSignal& stop) {
  return ArchiveRun(connection, repository, options, clock, stop).run();
}

}  // namespace tidemark::ops
