// The lists of an archive: what is in a database besides its definitions and the rows themselves.
//
// docs/repository-format.md, "The streams of an archive", is normative. Rows of COPY's text format,
// because names may hold anything. Pure.
#pragma once

#include "postgres/dump/archive_writer.h"
#include "postgres/dump/roles.h"
#include "repo/manifest/manifest.h"

namespace tidemark::ops {

inline constexpr std::string_view kDefinitionsStream = "definitions";
inline constexpr std::string_view kTablesStream = "tables";
inline constexpr std::string_view kSequencesStream = "sequences";
inline constexpr std::string_view kViewsStream = "views";
inline constexpr std::string_view kLargeObjectsStream = "large objects";
inline constexpr std::string_view kLargeObjectFactsStream = "large object facts";
inline constexpr std::string_view kRolesStream = "roles";
inline constexpr std::string_view kSystemIdentifierFact = "system_identifier";
inline constexpr std::string_view kRowsPrefix = "rows ";
inline constexpr std::string_view kRowsFact = "rows";  // of an archive: how many tables have

Bytes encode_tables(const std::vector<postgres::TableToCopy>& tables);
Bytes encode_sequences(const std::vector<postgres::SequenceToCopy>& sequences);
Bytes encode_views(const std::vector<postgres::ViewToRefresh>& views);
Bytes encode_large_objects(const std::vector<postgres::LargeObject>& objects);

Bytes encode_roles(const std::vector<postgres::RoleStatement>& statements);

// A piece of a large object as a row; an empty one is all there is of an empty object.
Bytes encode_piece(std::uint32_t oid, std::uint64_t offset, ByteView piece);

struct LargeObjectPiece {
  std::uint32_t oid = 0;
  std::uint64_t offset = 0;
  Bytes bytes;
};

// All fail with corrupt.
Result<std::vector<postgres::TableToCopy>> decode_tables(ByteView rows);
Result<std::vector<postgres::SequenceToCopy>> decode_sequences(ByteView rows);
Result<std::vector<postgres::ViewToRefresh>> decode_views(ByteView rows);
Result<std::vector<postgres::LargeObject>> decode_large_objects(ByteView rows);
Result<std::vector<postgres::RoleStatement>> decode_roles(ByteView rows);
Result<LargeObjectPiece> decode_piece(ByteView row);  // without its line end

}  // namespace tidemark::ops
