// pg_dump's custom format, read and written: the file that stock pg_restore lists and restores.
//
// The format is what pg_dump 15 writes, found by comparing its files with what pg_restore lists;
// 1.15 (PostgreSQL 16) and 1.16 (17) differ where it says so.
//
//   file      = header contents data*
//   header    = "PGDMP" major minor revision int_size offset_size format compression
//               second minute hour day month year is_dst database server dump_version
//   contents  = int(count) entry{count}
//   entry     = int(dump_id) int(has_data) string(table_oid) string(oid) string(tag) string(kind)
//               int(section) string(definition) string(drop) string(copy) string(schema)
//               string(tablespace) string(access_method) [1.16: int(relkind)] string(owner)
//               string("false") string(dependency)* string(none) offset
//   data      = byte(1) int(dump_id) chunk* int(0)                        rows of COPY, then "\."
//             | byte(3) int(dump_id) (int(oid) chunk* int(0))* int(0)     large objects
//   chunk     = int(length) bytes
//   int       = a sign byte (1: negative) and int_size bytes, the least first
//   string    = int(length) bytes, or int(-1) for none
//   offset    = byte(1 not known, 2 known, 3 no data) and offset_size bytes, the least first
//
// revision, int_size (4), offset_size (8) and format (1, "custom") are single bytes; compression is
// an int (0 none, -1 gzip), and from 1.15 on a byte (0 none). Only what is not compressed is taken.
// Data stand in the order of the contents, because pg_restore cannot go back in a pipe.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace tidemark::postgres {

enum class Section : std::int32_t { none = 1, pre_data = 2, data = 3, post_data = 4 };

struct ArchiveEntry {
  using Text = std::optional<std::string>;

  std::int32_t dump_id = 0;
  bool has_data = false;
  std::string table_oid = "0";  // of the catalog that oid is from
  std::string oid = "0";
  Text tag;   // the name
  Text kind;  // "TABLE", "TABLE DATA", "CONSTRAINT"
  Section section = Section::none;
  Text definition;
  Text drop;
  Text copy;
  Text schema;
  Text tablespace;
  Text access_method;
  std::int32_t relkind = 0;
  Text owner = "";
  std::vector<std::string> dependencies;  // dump ids
  std::optional<std::uint64_t> offset;    // of its data, when known
};

struct CustomArchive {
  std::uint8_t minor = 14;  // of version 1
  std::uint8_t revision = 0;
  std::vector<std::int32_t> created;  // second, minute, hour, day, month, year - 1900, is_dst
  ArchiveEntry::Text database;
  ArchiveEntry::Text server_version;
  ArchiveEntry::Text dump_version;
  std::vector<ArchiveEntry> entries;
};

// Header and contents; what follows is not looked at. Fails with corrupt, or with unsupported for
// another version, another format or a compressed archive. Never reads past the end, and holds no
// more than a small multiple of what it was given.
Result<CustomArchive> parse_custom_archive(ByteView bytes);

// Header and contents. Its size does not depend on the offsets.
Bytes encode_contents(const CustomArchive& archive);

// The same for toc.dat of pg_dump's directory format: instead of an offset each entry has a text,
// the name of the file with its data, or "" without data; and the format is 3.
Bytes encode_folder_contents(const CustomArchive& archive,
                             const std::map<std::int32_t, std::string>& file_of_entry);

}  // namespace tidemark::postgres
