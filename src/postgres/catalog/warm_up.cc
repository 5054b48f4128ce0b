#include "postgres/catalog/warm_up.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <thread>

#include <fmt/format.h>

#include "postgres/catalog/catalog.h"
#include "postgres/catalog/number.h"

namespace tidemark::postgres {
namespace {

constexpr std::int64_t kPiecePages = 16'384;  // 128 MiB: often enough for a progress line
constexpr Millis kPieceDeadline{3'600'000};   // a cold volume may give less than 1 MB/s
constexpr int kLanesMax = 16;
constexpr int kTidRangeScanSince = 140'000;  // before, a range of ctid reads the whole table

// What to read in one statement.
struct Piece {
  std::string table;  // for people
  std::string sql;
  Parameters parameters;
  std::int64_t pages = 0;
};

// Tables with the expression that reads a row's large values, and what pg_prewarm would read.
// Casting to text makes the server fetch a value that is stored apart; its length would not.
constexpr const char* kRelations = R"(
SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname), c.oid,
       pages.main, pages.toast, c.reltoastrelid,
       (SELECT pg_catalog.string_agg('pg_catalog.count(pg_catalog.' ||
          CASE a.atttypid WHEN 'pg_catalog.bytea'::pg_catalog.regtype
            THEN 'md5(' || pg_catalog.quote_ident(a.attname) || '))'
            ELSE 'hashtext(' || pg_catalog.quote_ident(a.attname) || '::pg_catalog.text))' END,
          ', ')
        FROM pg_catalog.pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
          AND a.attlen = -1 AND a.attstorage <> 'p')
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL (
  SELECT pg_catalog.pg_relation_size(c.oid) / b AS main,
         COALESCE(pg_catalog.pg_relation_size(NULLIF(c.reltoastrelid, 0)), 0) / b AS toast
  FROM (SELECT pg_catalog.current_setting('block_size')::int8 AS b) s) AS pages
WHERE c.relkind IN ('r', 'm') AND c.relpersistence <> 't'
  AND n.nspname NOT IN ('pg_catalog', 'information_schema')
  AND pages.main > 0
ORDER BY pages.main + pages.toast DESC)";

constexpr const char* kIndexes = R"(
SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname), c.oid,
       pg_catalog.pg_relation_size(c.oid) / pg_catalog.current_setting('block_size')::int8
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'i' AND n.nspname NOT IN ('pg_catalog', 'information_schema')
  AND pg_catalog.pg_relation_size(c.oid) > 0)";

std::string tid(std::int64_t page) { return fmt::format("({},0)", page); }

// Lists the pieces of one database.
class Pieces {
 public:
  Pieces(Connection& connection, bool indexes) : connection_(connection), indexes_(indexes) {}

  Result<std::vector<Piece>> list() {
    const Rows extension = TRY(connection_.query(
        "SELECT pg_catalog.quote_ident(n.nspname) FROM pg_catalog.pg_extension e "
        "JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace WHERE extname = 'pg_prewarm'"));
    if (!extension.rows.empty()) prewarm_ = TRY(text_in(extension.rows[0][0])) + ".pg_prewarm";
    const Rows relations = TRY(connection_.query(kRelations, {}, kPieceDeadline));
    for (const Row& row : relations.rows) TRY(add_table(row));
    if (indexes_ && !prewarm_.empty()) {
      const Rows indexes = TRY(connection_.query(kIndexes, {}, kPieceDeadline));
      for (const Row& row : indexes.rows)
        add_prewarm(TRY(text_in(row[0])), TRY(text_in(row[1])), TRY(number_in(row[2])));
    }
    return std::move(pieces_);
  }

 private:
  Status add_table(const Row& row) {
    const std::string name = TRY(text_in(row[0]));
    const std::string oid = TRY(text_in(row[1]));
    const std::int64_t pages = TRY(number_in(row[2]));
    const std::int64_t toast_pages = TRY(number_in(row[3]));
    if (!prewarm_.empty()) {
      add_prewarm(name, oid, pages);
      if (toast_pages > 0) add_prewarm(name, TRY(text_in(row[4])), toast_pages);
      return Done{};
    }
    // The condition on ctid keeps the planner from counting in an index alone.
    std::string what = "pg_catalog.count(*)";
    if (toast_pages > 0 && row[5]) what += ", " + *row[5];
    const bool ranges = connection_.server_version() >= kTidRangeScanSince;
    const std::int64_t step = ranges ? kPiecePages : pages;
    for (std::int64_t page = 0; page < pages; page += step) {
      const std::int64_t end = std::min(page + step, pages);
      // Large values lie apart, in about the order of their rows.
      const std::int64_t toast = toast_pages * end / pages - toast_pages * page / pages;
      pieces_.push_back(
          Piece{.table = name,
                .sql = fmt::format(
                    "SELECT {} FROM ONLY {} WHERE ctid >= $1::tid AND ctid < $2::tid", what, name),
                .parameters = {tid(page), tid(end)},
                .pages = end - page + toast});
    }
    return Done{};
  }

  void add_prewarm(const std::string& name, const std::string& oid, std::int64_t pages) {
    for (std::int64_t page = 0; page < pages; page += kPiecePages) {
      const std::int64_t end = std::min(page + kPiecePages, pages);
      pieces_.push_back(Piece{
          .table = name,
          .sql = fmt::format("SELECT {}($1::pg_catalog.oid::pg_catalog.regclass, 'read', 'main', "
                             "$2::int8, $3::int8)",
                             prewarm_),
          .parameters = {oid, std::to_string(page), std::to_string(end - 1)},
          .pages = end - page});
    }
  }

  Connection& connection_;
  const bool indexes_;
  std::string prewarm_;  // the function, or empty
  std::vector<Piece> pieces_;
};

// The pieces of one database, read by some lanes.
class Readers {
 public:
  Readers(const ConnectionOptions& options, const WarmUpListener& listener, Clock& clock,
          const StopSignal& stop, WarmUpProgress& progress, WarmUpOutcome& outcome)
      : options_(options),
        listener_(listener),
        clock_(clock),
        stop_(stop),
        progress_(progress),
        outcome_(outcome) {}

  Status read(std::vector<Piece> pieces, int lanes) {
    pieces_ = std::move(pieces);
    {
      std::vector<std::jthread> threads;
      for (int i = 0; i < lanes; ++i)
        threads.emplace_back([this] {
          const Status status = run_lane();
          const std::lock_guard lock(mutex_);
          if (!status && !failure_) failure_ = status.error();
        });
    }
    if (failure_) return *failure_;
    return Done{};
  }

 private:
  Status run_lane() {
    Connection connection = TRY(Connection::open(options_, clock_, stop_));
    // One backend a lane, and the table itself rather than an index of it.
    TRY(connection.query(
        "SELECT pg_catalog.set_config('max_parallel_workers_per_gather', '0', false), "
        "pg_catalog.set_config('enable_indexonlyscan', 'off', false)"));
    while (const Piece* const piece = next()) {
      const Result<Rows> read = connection.query(piece->sql, piece->parameters, kPieceDeadline);
      if (!read && (connection.lost() || read.error().kind == ErrorKind::cancelled))
        return read.error();
      finished(*piece, read ? nullptr : &read.error());
    }
    return Done{};
  }

  const Piece* next() {
    const std::lock_guard lock(mutex_);
    if (failure_ || next_ == pieces_.size()) return nullptr;
    return &pieces_[next_++];
  }

  void finished(const Piece& piece, const Error* error) {
    const std::lock_guard lock(mutex_);
    if (error != nullptr && last_skipped_ != piece.table) {
      last_skipped_ = piece.table;
      outcome_.skipped.push_back(fmt::format("{}: {}", piece.table, error->message));
    }
    if (error == nullptr) outcome_.pages += piece.pages;
    progress_.database = options_.database;
    progress_.table = piece.table;
    progress_.pages_done += piece.pages;
    if (listener_) listener_(progress_);
  }

  const ConnectionOptions& options_;
  const WarmUpListener& listener_;
  Clock& clock_;
  const StopSignal& stop_;
  WarmUpProgress& progress_;
  WarmUpOutcome& outcome_;
  std::mutex mutex_;
  std::vector<Piece> pieces_;
  std::size_t next_ = 0;
  std::string last_skipped_;
  std::optional<Error> failure_;
};

}  // namespace

Result<WarmUpOutcome> warm_up(const ConnectionOptions& connection, const WarmUpOptions& options,
                              const WarmUpListener& listener, Clock& clock,
                              const StopSignal& stop) {
  ConnectionOptions inside = connection;
  WarmUpOutcome outcome;
  WarmUpProgress progress;
  std::vector<std::pair<std::string, std::vector<Piece>>> work;
  {
    Connection first = TRY(Connection::open(inside, clock, stop));
    for (std::string& name : TRY(read_databases(first))) work.emplace_back(std::move(name), 0);
  }
  for (auto& [database, pieces] : work) {
    inside.database = database;
    Result<Connection> opened = Connection::open(inside, clock, stop);
    if (!opened && opened.error().code.empty()) return std::move(opened).error();
    Result<std::vector<Piece>> listed = opened
                                            ? Pieces(*opened, options.indexes).list()
                                            : Result<std::vector<Piece>>(std::move(opened).error());
    if (!listed && listed.error().kind == ErrorKind::cancelled) return std::move(listed).error();
    if (!listed) outcome.skipped.push_back(listed.error().message);
    if (listed) pieces = *std::move(listed);
    for (const Piece& piece : pieces) progress.pages_total += piece.pages;
  }
  for (auto& [database, pieces] : work) {
    inside.database = database;
    const auto lanes = std::min<std::size_t>(
        pieces.size(), static_cast<std::size_t>(std::clamp(options.lanes, 1, kLanesMax)));
    Readers readers(inside, listener, clock, stop, progress, outcome);
    TRY(readers.read(std::move(pieces), static_cast<int>(lanes)));
  }
  return outcome;
}

}  // namespace tidemark::postgres
