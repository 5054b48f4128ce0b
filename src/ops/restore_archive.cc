#include "ops/restore_archive.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

#include <fmt/format.h>

#include "base/remote_text.h"
#include "ops/archive_selection.h"
#include "ops/restore_order.h"
#include "ops/restore_roles.h"
#include "ops/restore_target.h"
#include "postgres/copy/copy_in.h"
#include "postgres/dump/definitions.h"
#include "postgres/dump/large_object_restore.h"
#include "postgres/dump/quoted_name.h"

namespace tidemark::ops {
namespace {

using postgres::Connection;
using postgres::Section;

constexpr Millis kViewDeadline = std::chrono::hours(6);
// What a database holds when the rows went into one that was not empty.
constexpr std::string_view kRows = "what it held before, and the rows";

// A table's rows in the archive, and the statement that takes them.
struct RowsToCopy {
  std::string name;  // for people
  const repo::Stream* stream = nullptr;
  std::string statement;
  std::string quoted = {};            // as references name it
  std::vector<RowRange> ranges = {};  // none: all of it in one piece
  // Of the ranges that were copied.
  RowChecksum copied = {};
  std::uint64_t stored = 0;
  std::size_t ranges_left = 1;
};

struct RangeToCopy {
  RowsToCopy* rows = nullptr;
  std::size_t range = 0;
};

class RestoreArchiveRun {
 public:
  RestoreArchiveRun(const postgres::ConnectionOptions& connection, const ArchiveReader& reader,
                    const RestoreArchiveOptions& options, Clock& clock, const StopSignal& stop)
      : connection_(connection), reader_(reader), options_(options), clock_(clock), stop_(stop) {
    connection_.read_only = false;
  }

  Result<RestoredArchive> run() {
    assembly_ = TRY(assemble(reader_));
    if (options_.schema) TRY(choose_schema(*options_.schema));
    if (options_.create) TRY(create_database(connection_, assembly_.archive, clock_, stop_));
    Connection connection = TRY(Connection::open(connection_, clock_, stop_));
    version_ = connection.server_version();
    if (options_.roles) TRY(make_roles(connection));
    if (options_.table) {
      const ChosenTable chosen = TRY(find_table(assembly_, *options_.table));
      TRY(restore_table(connection, chosen));
    } else if (options_.part == RestoredPart::definitions) {
      TRY(restore_definitions(connection));
    } else if (options_.part == RestoredPart::rows) {
      TRY(restore_rows(connection));
    } else {
      TRY(restore_all(connection));
    }
    return outcome_;
  }

 private:
  Status make_roles(Connection& connection) {
    const Bytes rows = TRY(reader_.read(kRolesStream));
    const auto statements = TRY(decode_roles(rows));
    RestoredRoles roles = TRY(restore_roles(connection, statements));
    outcome_.roles_made = std::move(roles.made);
    outcome_.problems.insert(outcome_.problems.end(), roles.problems.begin(), roles.problems.end());
    return Done{};
  }

  Status choose_schema(const std::string& schema) {
    const auto left_out = TRY(select_schema(assembly_, schema));
    for (const std::string& key : left_out)
      outcome_.problems.push_back(
          {core::Severity::warning,
           fmt::format("foreign key {} is left out: its table is in another schema",
                       clean_remote_text(key)),
           "make it once the other table is there"});
    return Done{};
  }

  Status restore_all(Connection& connection) {
    TRY(require_empty(connection, options_.schema));
    drop_views_data(assembly_.archive);
    TRY(find_rows({}));
    TRY(make_definitions(Section::pre_data));
    TRY(left_behind("definitions and some rows", copy_tables()));
    TRY(left_behind("definitions and rows", set_sequences(connection)));
    TRY(left_behind("definitions and rows", fill_large_objects(connection)));
    TRY(make_definitions(Section::post_data));
    return fill_views(connection);
  }

  Status restore_definitions(Connection& connection) {
    TRY(require_empty(connection, options_.schema));
    drop_views_data(assembly_.archive);
    drop_large_objects(assembly_);
    TRY(make_definitions(Section::pre_data));
    return make_definitions(Section::post_data);
  }

  // Into what is there; only large objects are made.
  Status restore_rows(Connection& connection) {
    std::vector<TableReference> references;
    if (!options_.disable_triggers) references = TRY(read_references(connection));
    TRY(find_rows(references));
    TRY(left_behind("what it held before, and some of the rows", copy_tables()));
    TRY(left_behind(kRows, set_sequences(connection)));
    assembly_.archive = only_large_objects(assembly_);
    if (!assembly_.data.large_objects.empty()) TRY(make_definitions(Section::pre_data));
    TRY(left_behind(kRows, fill_large_objects(connection)));
    return fill_views(connection);
  }

  // All of it or nothing, in one transaction. Rows of partitions go where their table wants them.
  Status restore_table(Connection& connection, const ChosenTable& chosen) {
    outcome_.total.tables_total = chosen.tables.size();
    TRY(prepare(connection));
    TRY(connection.query("BEGIN"));
    auto name = chosen.name;
    if (options_.as) {
      name = TRY(postgres::parse_name(*options_.as));
      if (name.schema.empty()) name.schema = chosen.name.schema;
      // A partition is a table like its parent, but for the partitioning.
      const std::string definition =
          TRY(definition_of(assembly_, assembly_.data.tables[chosen.tables.front()]));
      const std::string statement = TRY(postgres::define_table_as(definition, name));
      TRY(connection.query(statement));
    }
    std::vector<RowsToCopy> parts;
    for (const std::size_t index : chosen.tables) {
      postgres::TableToCopy table = assembly_.data.tables[index];
      const repo::Stream* const stream = TRY(rows_of(reader_, table));
      if (options_.as || chosen.partitioned()) table.name = postgres::quote_name(name);
      parts.push_back({table.name, stream, postgres::copy_in_statement(table)});
      bytes_ += stream->bytes;
    }
    for (const RowsToCopy& rows : parts) TRY(of_table(rows, copy_rows(connection, rows)));
    TRY(connection.query("COMMIT"));
    return Done{};
  }

  // A restore that fails says what it leaves; dropping it is the operator's to decide.
  Status left_behind(std::string_view what, Status status) const {
    if (status) return status;
    Error error = std::move(status).error();
    error.message +=
        fmt::format(" (database {} holds {} now)", clean_remote_text(connection_.database), what);
    if (error.hint.empty() && options_.part == RestoredPart::all && !options_.schema)
      error.hint = "drop it before you try again";
    return error;
  }

  // The largest first, so that no lane is left with it alone at the end; of those that the
  // references let go at a time.
  Status find_rows(const std::vector<TableReference>& references) {
    for (const postgres::TableToCopy& table : assembly_.data.tables) {
      const repo::Stream* const stream = TRY(rows_of(reader_, table));
      rows_.push_back({table.name, stream, postgres::copy_in_statement(table),
                       postgres::quote_name({table.schema, table.table})});
    }
    std::stable_sort(rows_.begin(), rows_.end(), [](const RowsToCopy& a, const RowsToCopy& b) {
      return a.stream->bytes > b.stream->bytes;
    });
    outcome_.total.tables_total = rows_.size();
    bytes_ = bytes_of_rows(reader_, assembly_.data);
    std::vector<std::string> names;
    for (const RowsToCopy& rows : rows_) names.push_back(rows.quoted);
    const auto wave_of = TRY(waves_of(names, references));
    const auto whole = self_referring(references);
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      if (waves_.size() <= wave_of[i]) waves_.resize(wave_of[i] + 1);
      TRY(add_ranges(rows_[i], !whole.contains(rows_[i].quoted), waves_[wave_of[i]]));
    }
    return Done{};
  }

  // A table that is more than a lane's share is copied by several. Others stay in one piece, since
  // ranges that are copied side by side leave their rows in another order.
  Status add_ranges(RowsToCopy& rows, bool may_split, std::vector<RangeToCopy>& wave) {
    const bool shared = may_split && options_.jobs > 1 &&
                        rows.stream->bytes > options_.range_bytes &&
                        rows.stream->bytes > bytes_ / static_cast<std::uint64_t>(options_.jobs);
    if (shared) rows.ranges = TRY(reader_.split_rows(*rows.stream, options_.range_bytes));
    rows.ranges_left = std::max<std::size_t>(rows.ranges.size(), 1);
    for (std::size_t range = 0; range < rows.ranges_left; ++range) wave.push_back({&rows, range});
    return Done{};
  }

  Status make_definitions(Section section) const {
    const auto programs = TRY(postgres::find_restore_programs(version_));
    const bool nothing_stays =
        section == Section::pre_data && postgres::in_one_transaction(assembly_.archive);
    const std::string_view left = options_.part == RestoredPart::rows ? kRows
                                  : nothing_stays                     ? "nothing of it"
                                  : section == Section::pre_data      ? "some definitions"
                                  : options_.part == RestoredPart::definitions
                                      ? "all but some indexes and constraints"
                                      : "all rows, but not all indexes and constraints";
    return left_behind(left, postgres::restore_definitions(programs, connection_, assembly_.archive,
                                                           {.section = section,
                                                            .owners = options_.owners,
                                                            .privileges = options_.privileges,
                                                            .jobs = options_.jobs},
                                                           clock_, stop_));
  }

  Status copy_tables() {
    for (const std::vector<RangeToCopy>& wave : waves_) TRY(copy_wave(wave));
    return Done{};
  }

  Status copy_wave(const std::vector<RangeToCopy>& wave) {
    std::vector<std::jthread> lanes;
    next_ = 0;
    const int count = std::min<int>(options_.jobs, static_cast<int>(wave.size()));
    for (int lane = 0; lane < count; ++lane)
      lanes.emplace_back([&] {
        const Status done = run_lane(wave);
        const std::lock_guard lock(mutex_);
        if (!done && !failure_) failure_ = done.error();
      });
    lanes.clear();  // joins
    if (failure_) return *failure_;
    return Done{};
  }

  Status run_lane(const std::vector<RangeToCopy>& wave) {
    Connection connection = TRY(Connection::open(connection_, clock_, stop_));
    TRY(prepare(connection));
    for (std::size_t at = next_++; at < wave.size() && !failed(); at = next_++) {
      RowsToCopy& rows = *wave[at].rows;
      TRY(of_table(rows, rows.ranges.empty() ? copy_rows(connection, rows)
                                             : copy_range(connection, rows, wave[at].range)));
    }
    return Done{};
  }

  // Of a connection that rows go through.
  Status prepare(Connection& connection) const {
    if (!options_.disable_triggers) return Done{};
    const auto set = connection.query("SET session_replication_role = replica");
    if (set) return Done{};
    Error error = in_context("triggers cannot be disabled", set.error());
    error.hint =
        "a superuser may, rds_superuser on RDS, or whoever was granted SET on "
        "session_replication_role; without it tables go in the order of their keys";
    return error;
  }

  // The archive's own faults name the table already.
  static Status of_table(const RowsToCopy& rows, Status copied) {
    if (copied || copied.error().kind == ErrorKind::corrupt) return copied;
    return in_context(fmt::format("table {}", clean_remote_text(rows.name)), copied.error());
  }

  bool failed() {
    const std::lock_guard lock(mutex_);
    return failure_.has_value();
  }

  Status copy_rows(Connection& connection, const RowsToCopy& rows) {
    TRY(copy_stream(connection, *rows.stream, rows.statement));
    return table_done(rows);
  }

  // Each range is a transaction, so the table is proven when the last one is there.
  Status copy_range(Connection& connection, RowsToCopy& rows, std::size_t range) {
    auto copy = TRY(postgres::CopyIn::begin(connection, rows.statement));
    const RowChecksum checksum =
        TRY(reader_.read_range(*rows.stream, rows.ranges[range], [&](ByteView bytes) -> Status {
          report(bytes);
          return copy.write(bytes);
        }));
    const std::int64_t stored = TRY(copy.finish());
    {
      const std::lock_guard lock(mutex_);
      rows.copied.add(checksum);
      rows.stored += static_cast<std::uint64_t>(stored);
      if (--rows.ranges_left > 0) return Done{};
    }
    TRY(reader_.prove(*rows.stream, rows.copied));
    TRY(all_stored(*rows.stream, rows.stored));
    return table_done(rows);
  }

  Status table_done(const RowsToCopy& rows) {
    const std::lock_guard lock(mutex_);
    outcome_.total.rows += rows.stream->rows;
    ++outcome_.total.tables_done;
    return Done{};
  }

  // A stream that is not what was archived ends before its rows count.
  Status copy_stream(Connection& connection, const repo::Stream& stream,
                     const std::string& statement) {
    auto copy = TRY(postgres::CopyIn::begin(connection, statement));
    TRY(reader_.read_rows(stream, [&](ByteView rows) -> Status {
      report(rows);
      return copy.write(rows);
    }));
    return all_stored(stream, static_cast<std::uint64_t>(TRY(copy.finish())));
  }

  static Status all_stored(const repo::Stream& stream, std::uint64_t stored) {
    if (stored == stream.rows) return Done{};
    return Error{ErrorKind::rejected,
                 fmt::format("the server stored {} rows of {}", stored, stream.rows)};
  }

  // Of all objects or of none, in one transaction.
  Status fill_large_objects(Connection& connection) {
    if (assembly_.data.large_objects.empty()) return Done{};
    const repo::Stream* const content = reader_.find(kLargeObjectsStream);
    if (content == nullptr)
      return Error{ErrorKind::corrupt,
                   fmt::format("{} has no content of large objects", reader_.shown())};
    TRY(connection.query("BEGIN"));
    TRY(connection.query(std::string(postgres::kMakeGathered)));
    TRY(copy_stream(connection, *content, std::string(postgres::kCopyGathered)));
    TRY(postgres::write_gathered(connection));
    TRY(connection.query("COMMIT"));
    return Done{};
  }

  void report(ByteView rows) {
    const std::lock_guard lock(mutex_);
    outcome_.total.bytes += rows.size();
    outcome_.total.done = static_cast<double>(outcome_.total.bytes) / static_cast<double>(bytes_);
    if (options_.on_progress) options_.on_progress(outcome_.total);
  }

  Status set_sequences(Connection& connection) {
    for (const postgres::SequenceToCopy& one : assembly_.data.sequences)
      TRY(connection.query("SELECT pg_catalog.setval($1::regclass, $2::bigint, $3::bool)",
                           {one.name, one.last_value, one.is_called ? "t" : "f"}));
    return Done{};
  }

  // In the order of their needs. One that cannot be filled does not make the rest worthless.
  Status fill_views(Connection& connection) {
    for (const postgres::ViewToRefresh& view : assembly_.data.views) {
      const std::string statement = fmt::format("REFRESH MATERIALIZED VIEW {}", view.name);
      const auto filled = connection.query(statement, {}, kViewDeadline);
      if (filled) continue;
      if (filled.error().kind == ErrorKind::cancelled) return filled.error();
      outcome_.problems.push_back(
          {core::Severity::warning,
           fmt::format("materialized view {} could not be filled: {}", clean_remote_text(view.name),
                       filled.error().message),
           clean_remote_text(statement)});
    }
    return Done{};
  }

  postgres::ConnectionOptions connection_;
  const ArchiveReader& reader_;
  const RestoreArchiveOptions& options_;
  Clock& clock_;
  const StopSignal& stop_;
  Assembly assembly_;
  std::vector<RowsToCopy> rows_;
  std::vector<std::vector<RangeToCopy>> waves_;
  std::uint64_t bytes_ = 0;  // that are to be copied
  int version_ = 0;
  std::atomic<std::size_t> next_{0};
  std::mutex mutex_;  // of what follows
  std::optional<Error> failure_;
  RestoredArchive outcome_;
};

}  // namespace

Result<RestoredArchive> restore_archive(const postgres::ConnectionOptions& connection,
                                        repo::Repository& repository, const repo::Archive& archive,
                                        const RestoreArchiveOptions& options, Clock& clock,
                                        const StopSignal& stop) {
  const ArchiveReader reader = TRY(ArchiveReader::open(repository, archive));
  return RestoreArchiveRun(connection, reader, options, clock, stop).run();
}

}  // namespace tidemark::ops
