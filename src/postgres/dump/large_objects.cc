#include "postgres/dump/large_objects.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "postgres/catalog/number.h"

namespace tidemark::postgres {
namespace {

constexpr Millis kPieceDeadline{600'000};
constexpr std::size_t kPieceBytes = 256 << 10;
constexpr std::size_t kObjectsAtOnce = 16;  // most are small; this many pieces are held at most

// The owner's rights stand for themselves unless something was taken from them.
constexpr const char* kObjects = R"(
SELECT m.oid, pg_catalog.pg_get_userbyid(m.lomowner),
       (SELECT pg_catalog.string_agg(sql, '' ORDER BY rank, sql) FROM (
          SELECT 0 AS rank, pg_catalog.format(E'REVOKE ALL ON LARGE OBJECT %s FROM %I;\n', m.oid,
                   pg_catalog.pg_get_userbyid(m.lomowner)) AS sql
          WHERE m.lomacl IS NOT NULL
          UNION ALL
          SELECT 1, pg_catalog.format(E'GRANT %s ON LARGE OBJECT %s TO %s%s;\n', a.privilege_type,
                   m.oid,
                   CASE a.grantee WHEN 0 THEN 'PUBLIC'
                     ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantee)) END,
                   CASE WHEN a.is_grantable AND a.grantee <> m.lomowner
                     THEN ' WITH GRANT OPTION' ELSE '' END)
          FROM pg_catalog.aclexplode(m.lomacl) AS a) AS grants),
       pg_catalog.obj_description(m.oid, 'pg_largeobject')
FROM pg_catalog.pg_largeobject_metadata m WHERE m.oid > $1::pg_catalog.oid
ORDER BY m.oid LIMIT $2::int8)";

Result<std::uint32_t> oid_in(const Value& value) {
  const std::int64_t number = TRY(number_in(value));
  if (number <= 0 || number > std::numeric_limits<std::uint32_t>::max())
    return Error{ErrorKind::corrupt, "the server gave an oid out of range"};
  return static_cast<std::uint32_t>(number);
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

Result<Bytes> read_piece(Connection& connection, std::uint32_t oid, std::int64_t offset) {
  const std::string text = TRY(connection.query_value(
      "SELECT pg_catalog.lo_get($1::pg_catalog.oid, $2::int8, $3::int4)",
      {std::to_string(oid), std::to_string(offset), std::to_string(kPieceBytes)}, kPieceDeadline));
  return decode_bytea(text);
}

// Hands on the first piece, and all that follows when it was a full one.
Status copy_from_first(Connection& connection, std::uint32_t oid, Bytes piece,
                       const LargeObjectSink& sink) {
  std::int64_t offset = 0;
  while (!piece.empty()) {
    TRY(sink(oid, piece));
    if (piece.size() < kPieceBytes) break;
    offset += static_cast<std::int64_t>(piece.size());
    piece = TRY(read_piece(connection, oid, offset));
  }
  return sink(oid, {});
}

}  // namespace

Result<std::vector<LargeObject>> read_large_objects(Connection& connection, std::uint32_t after) {
  const Rows rows = TRY(connection.query(
      kObjects, {std::to_string(after), std::to_string(kLargeObjectsAtOnce)}, kPieceDeadline));
  std::vector<LargeObject> objects;
  for (const Row& row : rows.rows)
    objects.push_back(LargeObject{.oid = TRY(oid_in(row[0])),
                                  .owner = TRY(text_in(row[1])),
                                  .grants = row[2].value_or(""),
                                  .comment = row[3]});
  return objects;
}

Status copy_large_objects(Connection& connection, const std::vector<LargeObject>& objects,
                          const LargeObjectSink& sink) {
  for (std::size_t at = 0; at < objects.size(); at += kObjectsAtOnce) {
    const std::size_t end = std::min(at + kObjectsAtOnce, objects.size());
    std::string oids = "{";
    for (std::size_t i = at; i < end; ++i)
      oids += fmt::format("{}{}", i == at ? "" : ",", objects[i].oid);
    const Rows pieces = TRY(connection.query(
        "SELECT pg_catalog.lo_get(o.oid, 0, $2::int4) FROM "
        "pg_catalog.unnest($1::pg_catalog.oid[]) WITH ORDINALITY AS o(oid, i) ORDER BY o.i",
        {oids + "}", std::to_string(kPieceBytes)}, kPieceDeadline));
    if (pieces.rows.size() != end - at)
      return Error{ErrorKind::corrupt,
                   fmt::format("{} did not give every large object", connection.name())};
    for (std::size_t i = at; i < end; ++i) {
      const std::string text = TRY(text_in(pieces.rows[i - at][0]));
      Bytes piece = TRY(decode_bytea(text));
      TRY(copy_from_first(connection, objects[i].oid, std::move(piece), sink));
    }
  }
  return Done{};
}

Result<Bytes> decode_bytea(std::string_view text) {
  const Error error{ErrorKind::corrupt, "the server gave bytes in an unknown form"};
  if (text.size() % 2 != 0 || text.substr(0, 2) != "\\x") return error;
  text.remove_prefix(2);
  Bytes bytes(text.size() / 2, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const int high = hex_digit(text[2 * i]);
    const int low = hex_digit(text[2 * i + 1]);
    if (high < 0 || low < 0) return error;
    bytes[i] = static_cast<char>(high << 4 | low);
  }
  return bytes;
}

}  // namespace tidemark::postgres
