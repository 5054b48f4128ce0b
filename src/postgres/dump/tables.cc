#include "postgres/dump/tables.h"

#include <algorithm>

#include <fmt/format.h>

#include "postgres/catalog/number.h"

namespace tidemark::postgres {
namespace {

constexpr Millis kListDeadline{600'000};
constexpr int kTidRangeScanSince = 140'000;
constexpr std::size_t kSequencesAtOnce = 100;

// Relations that an extension owns come with it, unless it declares them as configuration.
constexpr const char* kConfiguration = R"(
WITH configuration AS (
  SELECT extname, config.oid, config.condition FROM pg_catalog.pg_extension,
         ROWS FROM (pg_catalog.unnest(extconfig), pg_catalog.unnest(extcondition))
           AS config(oid, condition)),
relation AS (
  SELECT c.*, n.nspname, g.extname, g.condition
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN configuration g ON g.oid = c.oid
  WHERE c.relpersistence <> 't' AND (g.oid IS NOT NULL OR (
    n.nspname <> 'information_schema' AND n.nspname !~ '^pg_' AND NOT EXISTS (
      SELECT FROM pg_catalog.pg_depend d
      WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid
        AND d.deptype = 'e')))))";

constexpr const char* kTables = R"(
SELECT oid, nspname, relname,
       pg_catalog.quote_ident(nspname) || '.' || pg_catalog.quote_ident(relname),
       (SELECT pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' ORDER BY a.attnum)
        FROM pg_catalog.pg_attribute a WHERE a.attrelid = relation.oid AND a.attnum > 0
          AND NOT a.attisdropped AND a.attgenerated = ''),
       condition, extname, pg_catalog.pg_get_userbyid(relowner),
       pg_catalog.pg_relation_size(oid) / pg_catalog.current_setting('block_size')::int8,
       relam = (SELECT am.oid FROM pg_catalog.pg_am am WHERE am.amname = 'heap')
FROM relation WHERE relkind = 'r'
  AND NOT (relpersistence = 'u' AND pg_catalog.pg_is_in_recovery())
ORDER BY 9 DESC, oid)";

constexpr const char* kSequences = R"(
SELECT oid, nspname, relname,
       pg_catalog.quote_ident(nspname) || '.' || pg_catalog.quote_ident(relname),
       pg_catalog.pg_get_userbyid(relowner)
FROM relation WHERE relkind = 'S'
  AND NOT (relpersistence = 'u' AND pg_catalog.pg_is_in_recovery())
ORDER BY oid)";

// A view that reads another reads all that the other reads, so it reads more of them: counting
// gives the order. One that reads an empty (never filled) view cannot be filled.
constexpr const char* kViews = R"(
WITH RECURSIVE reads AS (
  SELECT r.ev_class AS reader, d.refobjid AS relation
  FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_depend d ON d.objid = r.oid
  WHERE d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
    AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid <> r.ev_class),
reaches AS (
  SELECT c.oid AS view, reads.relation
  FROM pg_catalog.pg_class c JOIN reads ON reads.reader = c.oid WHERE c.relkind = 'm'
  UNION
  SELECT reaches.view, reads.relation FROM reaches JOIN reads ON reads.reader = reaches.relation),
counted AS (
  SELECT reaches.view, pg_catalog.count(*) AS views,
         pg_catalog.bool_and(c.relispopulated) AS filled
  FROM reaches JOIN pg_catalog.pg_class c ON c.oid = reaches.relation AND c.relkind = 'm'
  GROUP BY reaches.view)
SELECT c.oid, n.nspname, c.relname,
       pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname),
       pg_catalog.pg_get_userbyid(c.relowner)
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN counted ON counted.view = c.oid
WHERE c.relkind = 'm' AND c.relispopulated AND COALESCE(counted.filled, true)
  AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend d
    WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid
      AND d.deptype = 'e')
ORDER BY COALESCE(counted.views, 0), c.oid)";

Result<std::vector<SequenceToCopy>> read_values(Connection& connection,
                                                std::vector<SequenceToCopy> sequences) {
  for (std::size_t at = 0; at < sequences.size(); at += kSequencesAtOnce) {
    const std::size_t end = std::min(at + kSequencesAtOnce, sequences.size());
    std::string sql;
    for (std::size_t i = at; i < end; ++i)
      sql += fmt::format("{}SELECT {}, last_value, is_called FROM {}", i == at ? "" : " UNION ALL ",
                         i, sequences[i].name);
    const Rows values = TRY(connection.query(sql, {}, kListDeadline));
    if (values.rows.size() != end - at)
      return Error{ErrorKind::corrupt,
                   fmt::format("{} did not give every sequence's value", connection.name())};
    for (const Row& row : values.rows) {
      const std::int64_t index = TRY(number_in(row[0]));
      if (index < 0 || static_cast<std::size_t>(index) >= sequences.size())
        return Error{ErrorKind::corrupt, "a sequence that was not asked for"};
      SequenceToCopy& sequence = sequences[static_cast<std::size_t>(index)];
      sequence.last_value = std::to_string(TRY(number_in(row[1])));
      sequence.is_called = TRY(text_in(row[2])) == "t";
    }
  }
  return sequences;
}

}  // namespace

Result<std::vector<TableToCopy>> read_tables(Connection& connection) {
  if (connection.server_version() < kOldestServer)
    return Error{ErrorKind::unsupported,
                 fmt::format("{} is PostgreSQL {}, and archives need {}", connection.name(),
                             connection.server_version() / 10'000, kOldestServer / 10'000)};
  const Rows rows = TRY(connection.query(std::string(kConfiguration) + kTables, {}, kListDeadline));
  std::vector<TableToCopy> tables;
  for (const Row& row : rows.rows)
    tables.push_back(TableToCopy{.oid = TRY(text_in(row[0])),
                                 .schema = TRY(text_in(row[1])),
                                 .table = TRY(text_in(row[2])),
                                 .name = TRY(text_in(row[3])),
                                 .columns = row[4].value_or(""),
                                 .condition = row[5].value_or(""),
                                 .extension = row[6].value_or(""),
                                 .owner = TRY(text_in(row[7])),
                                 .pages = TRY(number_in(row[8])),
                                 .is_heap = row[9] == "t"});
  return tables;
}

std::vector<PageRange> split_by_pages(const TableToCopy& table, std::int64_t range_pages,
                                      int server_version) {
  const bool can_be_split = server_version >= kTidRangeScanSince && table.is_heap &&
                            table.extension.empty() && !table.columns.empty();
  if (!can_be_split || table.pages <= range_pages) return {PageRange{}};
  std::vector<PageRange> ranges;
  for (std::int64_t page = 0; page < table.pages; page += range_pages)
    ranges.push_back(PageRange{.first = page, .end = page + range_pages});
  ranges.back().end = std::nullopt;
  return ranges;
}

std::string copy_out_statement(const TableToCopy& table, const PageRange& range) {
  const bool whole = range.first == 0 && !range.end;
  if (whole && table.condition.empty())
    return table.columns.empty() ? fmt::format("COPY {} TO STDOUT", table.name)
                                 : fmt::format("COPY {} ({}) TO STDOUT", table.name, table.columns);
  std::string condition = table.condition;
  if (!whole) {
    condition = fmt::format("WHERE ctid >= '({},0)'", range.first);
    if (range.end) condition += fmt::format(" AND ctid < '({},0)'", *range.end);
  }
  return fmt::format("COPY (SELECT {} FROM ONLY {} {}) TO STDOUT", table.columns, table.name,
                     condition);
}

std::string copy_in_statement(const TableToCopy& table) {
  return table.columns.empty() ? fmt::format("COPY {} FROM STDIN", table.name)
                               : fmt::format("COPY {} ({}) FROM STDIN", table.name, table.columns);
}

Result<std::vector<SequenceToCopy>> read_sequences(Connection& connection) {
  const Rows rows =
      TRY(connection.query(std::string(kConfiguration) + kSequences, {}, kListDeadline));
  std::vector<SequenceToCopy> sequences;
  for (const Row& row : rows.rows)
    sequences.push_back(SequenceToCopy{.oid = TRY(text_in(row[0])),
                                       .schema = TRY(text_in(row[1])),
                                       .sequence = TRY(text_in(row[2])),
                                       .name = TRY(text_in(row[3])),
                                       .owner = TRY(text_in(row[4]))});
  return read_values(connection, std::move(sequences));
}

Result<std::vector<ViewToRefresh>> read_views_to_refresh(Connection& connection) {
  const Rows rows = TRY(connection.query(kViews, {}, kListDeadline));
  std::vector<ViewToRefresh> views;
  for (const Row& row : rows.rows)
    views.push_back(ViewToRefresh{.oid = TRY(text_in(row[0])),
                                  .schema = TRY(text_in(row[1])),
                                  .view = TRY(text_in(row[2])),
                                  .name = TRY(text_in(row[3])),
                                  .owner = TRY(text_in(row[4]))});
  return views;
}

}  // namespace tidemark::postgres
