#include "ops/restore_archive.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

#include <fmt/format.h>

#include "base/memory_file.h"
#include "core/problem.h"
#include "ops/row_checksum.h"
#include "postgres/copy/copy_in.h"
#include "postgres/dump/client_programs.h"
#include "postgres/dump/large_object_restore.h"
#include "postgres/dump/tables.h"

namespace tidemark::ops {
namespace {

using postgres::Connection;

const repo::Stream* stream_of(const repo::Manifest& manifest, std::string_view name) {
  const auto found = std::find_if(manifest.streams.begin(), manifest.streams.end(),
                                  [&](const repo::Stream& one) { return one.name == name; });
  return found == manifest.streams.end() ? nullptr : &*found;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
  }
  return parts;
}

class RestoreArchiveRun {
 public:
  RestoreArchiveRun(const postgres::ConnectionOptions& connection, repo::Repository& repository,
                    const RestoreArchiveOptions& options, Clock& clock, const StopSignal& stop)
      : connection_(connection),
        repository_(repository),
        options_(options),
        clock_(clock),
        stop_(stop) {
    connection_.read_only = false;
  }

  Result<RestoredArchive> run(const repo::Archive& archive) {
    manifest_ = TRY(repository_.load(archive.name));
    Connection connection = TRY(Connection::open(connection_, clock_, stop_));
    version_ = connection.server_version();
    TRY(choose_tables());
    outcome_.total.tables_total = tables_.size();
    if (!options_.tables.empty()) {
      TRY(left_behind("nothing but some of their rows", copy_tables()));
      return outcome_;
    }
    TRY(require_empty(connection));
    const Bytes definitions = TRY(read_stream(kDefinitionsStream));
    const Fd file = TRY(sealed_file(definitions));
    TRY(run_pg_restore(file, "--section=pre-data", "--single-transaction"));
    TRY(left_behind("definitions and some rows", copy_tables()));
    TRY(left_behind("definitions and rows", set_sequences(connection)));
    TRY(left_behind("definitions and rows", restore_large_objects(connection)));
    TRY(left_behind(
        "all but some indexes and constraints",
        run_pg_restore(file, "--section=post-data", fmt::format("--jobs={}", options_.jobs))));
    TRY(fill_views(connection));
    return outcome_;
  }

 private:
  // A restore that fails says what it leaves; dropping it is the operator's to decide.
  Status left_behind(std::string_view what, Status status) const {
    if (status) return status;
    Error error = std::move(status).error();
    error.message += fmt::format(" (database {} holds {} now)", connection_.database, what);
    if (error.hint.empty()) error.hint = "drop and create it before you try again";
    return error;
  }

  Status require_empty(Connection& connection) const {
    const auto tables = TRY(postgres::read_tables(connection));
    if (tables.empty()) return Done{};
    return Error{ErrorKind::unsafe,
                 fmt::format("database {} is not empty: it has {} tables", connection_.database,
                             tables.size()),
                 "create an empty one, and restore into that"};
  }

  Status choose_tables() {
    for (const repo::Stream& stream : manifest_.streams) {
      if (!stream.name.starts_with(kRowsPrefix)) continue;
      const std::string name = stream.name.substr(kRowsPrefix.size());
      const bool wanted =
          options_.tables.empty() ||
          std::find(options_.tables.begin(), options_.tables.end(), name) != options_.tables.end();
      if (wanted) tables_.push_back(&stream);
    }
    std::sort(tables_.begin(), tables_.end(), [](const repo::Stream* a, const repo::Stream* b) {
      return a->bytes != b->bytes ? a->bytes > b->bytes : a->name < b->name;
    });
    for (const std::string& name : options_.tables)
      if (stream_of(manifest_, std::string(kRowsPrefix) + name) == nullptr)
        return Error{ErrorKind::not_found, fmt::format("the archive has no table {}", name),
                     "name it with its schema, as in public.orders"};
    return Done{};
  }

  Result<Bytes> read_stream(std::string_view name) {
    const repo::Stream* stream = stream_of(manifest_, name);
    if (stream == nullptr)
      return Error{ErrorKind::corrupt, fmt::format("the archive has no {}", name)};
    Bytes bytes;
    for (const repo::ChunkReference& one : TRY(repository_.references(*stream)))
      bytes += TRY(repository_.read_chunk(one.id));
    if (bytes.size() != stream->bytes)
      return Error{ErrorKind::corrupt, fmt::format("{} of the archive are {} bytes, not {}", name,
                                                   bytes.size(), stream->bytes)};
    return bytes;
  }

  // The definitions are in a file that exists in memory only.
  Status run_pg_restore(const Fd& definitions, const std::string& section, const std::string& how) {
    const auto programs = TRY(postgres::find_restore_programs(version_));
    postgres::ClientRun run{.program = "pg_restore",
                            .arguments = {"--exit-on-error", section, how},
                            .descriptors = {definitions.get()},
                            .deadline = std::chrono::hours(24)};
    if (!options_.owners) run.arguments.emplace_back("--no-owner");
    if (!options_.privileges) run.arguments.emplace_back("--no-privileges");
    run.arguments.emplace_back("/dev/fd/4");
    TRY(postgres::run_client(programs, connection_, run, clock_, stop_));
    return Done{};
  }

  Status copy_tables() {
    std::vector<std::jthread> lanes;
    const int count = std::min<int>(options_.jobs, static_cast<int>(tables_.size()));
    for (int lane = 0; lane < count; ++lane)
      lanes.emplace_back([&] {
        const Status done = run_lane();
        const std::lock_guard lock(mutex_);
        if (!done && !failure_) failure_ = done.error();
      });
    lanes.clear();  // joins
    if (failure_) return *failure_;
    return Done{};
  }

  Status run_lane() {
    Connection connection = TRY(Connection::open(connection_, clock_, stop_));
    for (std::size_t at = next_++; at < tables_.size() && !failed(); at = next_++) {
      const Status copied = copy_table(connection, *tables_[at]);
      if (!copied) return in_context(tables_[at]->name, copied.error());
    }
    return Done{};
  }

  bool failed() {
    const std::lock_guard lock(mutex_);
    return failure_.has_value();
  }

  Status copy_table(Connection& connection, const repo::Stream& stream) {
    postgres::TableToCopy table;
    table.name = stream.name.substr(kRowsPrefix.size());
    table.columns = stream.meta;
    TRY(copy_rows(connection, stream, postgres::copy_in_statement(table)));
    const std::lock_guard lock(mutex_);
    outcome_.total.rows += stream.rows;
    ++outcome_.total.tables_done;
    return Done{};
  }

  Status copy_rows(Connection& connection, const repo::Stream& stream,
                   const std::string& statement) {
    RowChecksum checksum;
    auto copy = TRY(postgres::CopyIn::begin(connection, statement));
    const auto references = TRY(repository_.references(stream));
    for (const repo::ChunkReference& one : references) {
      const Bytes rows = TRY(repository_.read_chunk(one.id));
      checksum.add(rows);
      TRY(copy.write(rows));
      report(rows);
    }
    // Before the rows count: a table that is not what was archived must not be there at all.
    if (checksum.rows() != stream.rows || checksum.digest() != stream.checksum) {
      copy.abort("its rows are not those that were archived");
      return Error{ErrorKind::corrupt, "its rows are not those that were archived",
                   "`tidemark verify` says what is damaged"};
    }
    const std::int64_t stored = TRY(copy.finish());
    if (static_cast<std::uint64_t>(stored) == stream.rows) return Done{};
    return Error{ErrorKind::rejected,
                 fmt::format("the server stored {} rows of {}", stored, stream.rows)};
  }

  // All of them or none: in one transaction, with their owners and grants.
  Status restore_large_objects(Connection& connection) {
    const repo::Stream* content = stream_of(manifest_, kLargeObjectsStream);
    if (content == nullptr) return Done{};
    TRY(connection.query("BEGIN"));
    TRY(connection.query(std::string(postgres::kMakeGathered)));
    TRY(copy_rows(connection, *content, std::string(postgres::kCopyGathered)));
    TRY(postgres::make_large_objects(connection));
    const auto statements = TRY(read_statements());
    for (const std::string& statement : statements) {
      const bool of_owner = statement.starts_with("ALTER ");
      const bool of_privilege = statement.starts_with("GRANT ");
      const bool wanted = (!of_owner || options_.owners) && (!of_privilege || options_.privileges);
      if (wanted) TRY(connection.query(statement));
    }
    TRY(connection.query("COMMIT"));
    return Done{};
  }

  // Each with its length before it.
  Result<std::vector<std::string>> read_statements() {
    const Bytes bytes = TRY(read_stream(kLargeObjectStatementsStream));
    std::vector<std::string> statements;
    for (ByteView rest = bytes; !rest.empty();) {
      if (rest.size() < sizeof(std::uint32_t)) return cut_short();
      const std::size_t length = get_le<std::uint32_t>(rest.data());
      rest.remove_prefix(sizeof(std::uint32_t));
      if (rest.size() < length) return cut_short();
      statements.emplace_back(rest.substr(0, length));
      rest.remove_prefix(length);
    }
    return statements;
  }

  static Error cut_short() {
    return Error{ErrorKind::corrupt, "the statements of large objects are cut short"};
  }

  void report(ByteView rows) {
    const std::lock_guard lock(mutex_);
    outcome_.total.bytes += rows.size();
    if (options_.on_progress) options_.on_progress(outcome_.total);
  }

  Status set_sequences(Connection& connection) {
    const Bytes rows = TRY(read_stream(kSequencesStream));
    for (const std::string_view row : split(rows, '\n')) {
      const auto fields = split(row, '\t');
      if (fields.size() != 3)
        return Error{ErrorKind::corrupt, "the archive's sequences cannot be read"};
      TRY(connection.query(
          "SELECT pg_catalog.setval($1::regclass, $2::bigint, $3::bool)",
          {std::string(fields[0]), std::string(fields[1]), std::string(fields[2])}));
    }
    return Done{};
  }

  // One that depends on another, made later, is tried again after it.
  Status fill_views(Connection& connection) {
    const Bytes names = TRY(read_stream(kViewsStream));
    std::vector<std::string_view> left = split(names, '\n');
    for (bool progressed = true; progressed && !left.empty();) {
      progressed = false;
      std::vector<std::string_view> failed_views;
      for (const std::string_view view : left) {
        const auto filled = connection.query(fmt::format("REFRESH MATERIALIZED VIEW {}", view), {},
                                             std::chrono::hours(6));
        if (!filled && filled.error().kind == ErrorKind::cancelled) return filled.error();
        if (filled)
          progressed = true;
        else
          failed_views.push_back(view);
      }
      left = std::move(failed_views);
    }
    for (const std::string_view view : left)
      outcome_.problems.push_back({core::Severity::warning,
                                   fmt::format("materialized view {} could not be filled", view),
                                   fmt::format("REFRESH MATERIALIZED VIEW {}", view)});
    return Done{};
  }

  postgres::ConnectionOptions connection_;
  repo::Repository& repository_;
  const RestoreArchiveOptions& options_;
  Clock& clock_;
  const StopSignal& stop_;
  repo::Manifest manifest_;
  std::vector<const repo::Stream*> tables_;  // the largest first
  int version_ = 0;
  std::atomic<std::size_t> next_{0};
  std::mutex mutex_;  // of what follows
  std::optional<Error> failure_;
  RestoredArchive outcome_;
};

}  // namespace

Result<repo::Archive> find_archive(repo::Repository& repository, const std::string& name) {
  const repo::History history = TRY(repository.history());
  const repo::Archive* found = nullptr;
  for (const auto& [id, archive] : history.archives) {
    const bool matches = archive.source == name || (name.size() >= 4 && id.hex().starts_with(name));
    if (matches && (found == nullptr || archive.moment > found->moment)) found = &archive;
  }
  if (found != nullptr) return *found;
  return Error{ErrorKind::not_found, fmt::format("there is no archive {}", name),
               "`tidemark archives` lists them"};
}

Result<RestoredArchive> restore_archive(const postgres::ConnectionOptions& connection,
                                        repo::Repository& repository, const repo::Archive& archive,
                                        const RestoreArchiveOptions& options, Clock& clock,
                                        const StopSignal& stop) {
  return RestoreArchiveRun(connection, repository, options, clock, stop).run(archive);
}

}  // namespace tidemark::ops
