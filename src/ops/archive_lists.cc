#include "ops/archive_lists.h"

#include <limits>

#include <fmt/format.h>

#include "base/encoding.h"
#include "postgres/catalog/number.h"
#include "postgres/copy/copy_text.h"

namespace tidemark::ops {
namespace {

using postgres::Row;
using postgres::Value;

// A field that holds nothing and one that is empty are the same here.
Value unless_empty(const std::string& text) { return text.empty() ? Value() : Value(text); }

Error malformed(std::string_view list) {
  return Error{ErrorKind::corrupt, fmt::format("the archive's list of {} cannot be read", list)};
}

// Calls take with each row, once it has that many fields, of which the first ones are not NULL.
Status each_row(ByteView rows, std::string_view list, std::size_t fields, std::size_t given,
                const std::function<Status(const Row&)>& take) {
  return postgres::parse_copy_rows(rows, [&](const Row& row) -> Status {
    if (row.size() != fields) return malformed(list);
    for (std::size_t i = 0; i < given; ++i)
      if (!row[i]) return malformed(list);
    return take(row);
  });
}

Result<std::uint32_t> oid_in(const Value& value) {
  const std::int64_t number = TRY(postgres::number_in(value));
  if (number < 1 || number > std::numeric_limits<std::uint32_t>::max())
    return malformed("large objects");
  return static_cast<std::uint32_t>(number);
}

}  // namespace

Bytes encode_tables(const std::vector<postgres::TableToCopy>& tables) {
  Bytes rows;
  for (const postgres::TableToCopy& one : tables)
    postgres::put_copy_row(
        rows, {one.oid, one.schema, one.table, one.name, one.owner, unless_empty(one.columns),
               unless_empty(one.condition), unless_empty(one.extension)});
  return rows;
}

Result<std::vector<postgres::TableToCopy>> decode_tables(ByteView rows) {
  std::vector<postgres::TableToCopy> tables;
  TRY(each_row(rows, kTablesStream, 8, 5, [&](const Row& row) -> Status {
    tables.push_back({.oid = *row[0],
                      .schema = *row[1],
                      .table = *row[2],
                      .name = *row[3],
                      .columns = row[5].value_or(""),
                      .condition = row[6].value_or(""),
                      .extension = row[7].value_or(""),
                      .owner = *row[4]});
    return Done{};
  }));
  return tables;
}

Bytes encode_sequences(const std::vector<postgres::SequenceToCopy>& sequences) {
  Bytes rows;
  for (const postgres::SequenceToCopy& one : sequences)
    postgres::put_copy_row(rows, {one.oid, one.schema, one.sequence, one.name, one.owner,
                                  one.last_value, one.is_called ? "t" : "f"});
  return rows;
}

Result<std::vector<postgres::SequenceToCopy>> decode_sequences(ByteView rows) {
  std::vector<postgres::SequenceToCopy> sequences;
  const auto take = [&](const Row& row) -> Status {
    // It goes into statements as it stands.
    const std::int64_t last_value = TRY(postgres::number_in(row[5]));
    sequences.push_back({.oid = *row[0],
                         .schema = *row[1],
                         .sequence = *row[2],
                         .name = *row[3],
                         .owner = *row[4],
                         .last_value = std::to_string(last_value),
                         .is_called = *row[6] == "t"});
    return Done{};
  };
  TRY(each_row(rows, kSequencesStream, 7, 7, take));
  return sequences;
}

Bytes encode_views(const std::vector<postgres::ViewToRefresh>& views) {
  Bytes rows;
  for (const postgres::ViewToRefresh& one : views)
    postgres::put_copy_row(rows, {one.oid, one.schema, one.view, one.name, one.owner});
  return rows;
}

Result<std::vector<postgres::ViewToRefresh>> decode_views(ByteView rows) {
  std::vector<postgres::ViewToRefresh> views;
  TRY(each_row(rows, kViewsStream, 5, 5, [&](const Row& row) -> Status {
    views.push_back(
        {.oid = *row[0], .schema = *row[1], .view = *row[2], .name = *row[3], .owner = *row[4]});
    return Done{};
  }));
  return views;
}

Bytes encode_large_objects(const std::vector<postgres::LargeObject>& objects) {
  Bytes rows;
  for (const postgres::LargeObject& one : objects)
    postgres::put_copy_row(
        rows, {std::to_string(one.oid), one.owner, unless_empty(one.grants), one.comment});
  return rows;
}

Result<std::vector<postgres::LargeObject>> decode_large_objects(ByteView rows) {
  std::vector<postgres::LargeObject> objects;
  const auto take = [&](const Row& row) -> Status {
    const std::uint32_t oid = TRY(oid_in(row[0]));
    objects.push_back(
        {.oid = oid, .owner = *row[1], .grants = row[2].value_or(""), .comment = row[3]});
    return Done{};
  };
  TRY(each_row(rows, kLargeObjectFactsStream, 4, 2, take));
  return objects;
}

Bytes encode_roles(const std::vector<postgres::RoleStatement>& statements) {
  Bytes rows;
  for (const postgres::RoleStatement& one : statements)
    postgres::put_copy_row(rows, {std::string(word_of(one.kind)), one.role, one.sql});
  return rows;
}

Result<std::vector<postgres::RoleStatement>> decode_roles(ByteView rows) {
  std::vector<postgres::RoleStatement> statements;
  const auto take = [&](const Row& row) -> Status {
    const auto kind = TRY(postgres::parse_role_statement_kind(*row[0]));
    statements.push_back({.kind = kind, .role = *row[1], .sql = *row[2]});
    return Done{};
  };
  TRY(each_row(rows, kRolesStream, 3, 3, take));
  return statements;
}

Bytes encode_piece(std::uint32_t oid, std::uint64_t offset, ByteView piece) {
  return fmt::format("{}\t{}\t\\\\x{}\n", oid, offset, to_hex(piece));
}

Result<LargeObjectPiece> decode_piece(ByteView row) {
  const Row fields = TRY(postgres::parse_copy_row(row));
  if (fields.size() != 3 || !fields[2]) return malformed(kLargeObjectsStream);
  LargeObjectPiece piece{.oid = TRY(oid_in(fields[0])), .bytes = {}};
  const std::int64_t offset = TRY(postgres::number_in(fields[1]));
  if (offset < 0) return malformed(kLargeObjectsStream);
  piece.offset = static_cast<std::uint64_t>(offset);
  piece.bytes = TRY(postgres::decode_bytea(*fields[2]));
  return piece;
}

}  // namespace tidemark::ops
