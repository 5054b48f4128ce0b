#include "postgres/dump/inventory.h"

#include <fmt/format.h>

#include "postgres/catalog/number.h"

namespace tidemark::postgres {
namespace {

constexpr Millis kListDeadline{600'000};  // databases with very many tables

// An extension's own tables are made by CREATE EXTENSION; the rows that its configuration tables
// have beyond that are the user's (PostgreSQL, "Extension Configuration Tables").
constexpr const char* kTables = R"(
SELECT format('%I.%I', n.nspname, c.relname),
       coalesce((SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum)
                   FROM pg_catalog.pg_attribute a
                  WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                    AND a.attgenerated = ''), ''),
       coalesce(e.condition, ''),
       pg_catalog.pg_table_size(c.oid)
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN LATERAL (
       SELECT x.extcondition[i] AS condition
         FROM pg_catalog.pg_extension x, generate_subscripts(x.extconfig, 1) i
        WHERE x.extconfig[i] = c.oid) e ON true
 WHERE c.relkind = 'r' AND c.relpersistence <> 't'
   AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
   AND (e.condition IS NOT NULL OR NOT EXISTS (
        SELECT FROM pg_catalog.pg_depend d
         WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid
           AND d.deptype = 'e'))
 ORDER BY 4 DESC, 1)";

constexpr const char* kSequences = R"(
SELECT format('%I.%I', n.nspname, c.relname)
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind = 'S' AND c.relpersistence <> 't'
   AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                    WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid
                      AND d.deptype = 'e')
 ORDER BY 1)";

constexpr const char* kFilledViews = R"(
SELECT format('%I.%I', n.nspname, c.relname)
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind = 'm' AND c.relispopulated
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                    WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid
                      AND d.deptype = 'e')
 ORDER BY c.oid)";

}  // namespace

std::string CopiedTable::copy_out() const {
  if (columns.empty()) return fmt::format("COPY {} TO STDOUT", name);
  if (condition.empty()) return fmt::format("COPY {} ({}) TO STDOUT", name, columns);
  return fmt::format("COPY (SELECT {} FROM ONLY {} {}) TO STDOUT", columns, name, condition);
}

std::string CopiedTable::copy_in() const {
  return columns.empty() ? fmt::format("COPY {} FROM STDIN", name)
                         : fmt::format("COPY {} ({}) FROM STDIN", name, columns);
}

Result<DatabaseInventory> read_inventory(Connection& connection) {
  DatabaseInventory inventory;
  for (const Row& row : TRY(connection.query(kTables, {}, kListDeadline)).rows) {
    CopiedTable table;
    table.name = TRY(text_in(row[0]));
    table.columns = TRY(text_in(row[1]));
    table.condition = TRY(text_in(row[2]));
    table.bytes = TRY(number_in(row[3]));
    inventory.tables.push_back(std::move(table));
  }
  for (const Row& row : TRY(connection.query(kSequences, {}, kListDeadline)).rows) {
    SequenceState sequence;
    sequence.name = TRY(text_in(row[0]));
    const Rows state =
        TRY(connection.query(fmt::format("SELECT last_value, is_called FROM {}", sequence.name)));
    if (state.rows.size() != 1)
      return Error{ErrorKind::corrupt, fmt::format("sequence {} has no state", sequence.name)};
    sequence.last_value = TRY(text_in(state.rows[0][0]));
    sequence.is_called = TRY(text_in(state.rows[0][1])) == "t";
    inventory.sequences.push_back(std::move(sequence));
  }
  for (const Row& row : TRY(connection.query(kFilledViews, {}, kListDeadline)).rows)
    inventory.filled_views.push_back(TRY(text_in(row[0])));
  const Rows objects =
      TRY(connection.query("SELECT count(*) FROM pg_catalog.pg_largeobject_metadata"));
  inventory.large_objects = TRY(number_in(objects.rows.at(0).at(0)));
  return inventory;
}

}  // namespace tidemark::postgres
