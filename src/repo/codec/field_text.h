// Fields of COPY text as numbers and back.
//
// Each parse_ accepts only the one form that its format_ writes, so that a value comes back as the
// very bytes it was. What PostgreSQL writes is that form; anything else stays text.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace tidemark::repo {

inline constexpr ByteView kNullField = "\\N";
inline constexpr unsigned kDigitsMax = 18;  // so that any two values differ by less than 2^63

// The most that a format_ function writes.
inline constexpr std::size_t kFormattedBytesMax = 48;

// "0", "-17".
std::optional<std::int64_t> parse_integer(ByteView field);
char* format_integer(char* out, std::int64_t value);

// "12.50": the digits as one number, with a fixed count of them after the point.
std::optional<std::int64_t> parse_decimal(ByteView field, unsigned scale);
char* format_decimal(char* out, std::int64_t value, unsigned scale);
// How many digits stand after the only point; 0 when it is no decimal.
unsigned decimal_scale(ByteView field);

// "2026-11-24": days since 2000-01-01.
inline constexpr std::size_t kDateBytes = 10;
std::optional<std::int64_t> parse_date(ByteView field);

// "2026-11-24 08:05:30.25": microseconds since 2000-01-01, no zero at the end of the fraction.
// Stops where the fraction ends: what follows (a zone) is at `rest`.
std::optional<std::int64_t> parse_timestamp(ByteView field, ByteView& rest);

// Writes dates and timestamps; remembers the day before, which is often the same.
class CalendarFormat {
 public:
  char* date(char* out, std::int64_t day);
  char* timestamp(char* out, std::int64_t microseconds);

 private:
  std::int64_t day_ = INT64_MIN;
  char text_[kDateBytes] = {};
};

// "8c1e4f0a-....": 16 bytes at out.
inline constexpr std::size_t kUuidTextBytes = 36;
inline constexpr std::size_t kUuidBytes = 16;
bool parse_uuid(ByteView field, char* out);
char* format_uuid(char* out, const char* uuid);

// Lower-case hexadecimal digits, two a byte; an odd last one is the high half of its byte. Appends.
bool parse_hex(ByteView digits, Bytes& out);
char* format_hex(char* out, const char* bytes, std::size_t digits);

}  // namespace tidemark::repo
