// Integers and texts as pg_dump's custom format has them: custom_archive.h says how.
#pragma once

#include <optional>
#include <string>

#include "base/bytes.h"

namespace tidemark::postgres {

inline constexpr std::size_t kArchiveIntBytes = 4;
inline constexpr std::size_t kArchiveOffsetBytes = 8;

// After the rows of each table.
inline constexpr ByteView kEndOfRows = "\\.\n\n\n";

inline void put_archive_int(Bytes& out, std::int32_t value) {
  out.push_back(value < 0 ? 1 : 0);
  const std::uint32_t bits = static_cast<std::uint32_t>(value);
  put_le(out, value < 0 ? std::uint32_t{0} - bits : bits);
}

inline void put_archive_text(Bytes& out, const std::optional<std::string>& text) {
  put_archive_int(out, text ? static_cast<std::int32_t>(text->size()) : -1);
  if (text) out += *text;
}

inline void put_archive_chunk(Bytes& out, ByteView bytes) {
  put_archive_int(out, static_cast<std::int32_t>(bytes.size()));
  out += bytes;
}

}  // namespace tidemark::postgres
