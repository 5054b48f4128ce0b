#include "repo/codec/field_text.h"

#include <array>
#include <chrono>
#include <cstring>

namespace tidemark::repo {
namespace {

constexpr std::int64_t kSecond = 1'000'000;  // microseconds
constexpr std::int64_t kDay = 86'400 * kSecond;
constexpr std::chrono::sys_days kEpoch = std::chrono::year(2000) / 1 / 1;

// "00" to "99".
constexpr std::array<char, 200> make_pairs() {
  std::array<char, 200> pairs{};
  for (std::size_t i = 0; i < 100; ++i) {
    pairs[2 * i] = static_cast<char>('0' + i / 10);
    pairs[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return pairs;
}
constexpr std::array<char, 200> kPairs = make_pairs();

// "00" to "ff".
constexpr std::array<char, 512> make_hex_pairs() {
  constexpr char kDigits[] = "0123456789abcdef";
  std::array<char, 512> pairs{};
  for (std::size_t i = 0; i < 256; ++i) {
    pairs[2 * i] = kDigits[i / 16];
    pairs[2 * i + 1] = kDigits[i % 16];
  }
  return pairs;
}
constexpr std::array<char, 512> kHexPairs = make_hex_pairs();

constexpr std::uint8_t kNoDigit = 0xff;
constexpr std::array<std::uint8_t, 256> make_hex_values() {
  std::array<std::uint8_t, 256> values{};
  values.fill(kNoDigit);
  for (unsigned i = 0; i < 10; ++i) values['0' + i] = static_cast<std::uint8_t>(i);
  for (unsigned i = 0; i < 6; ++i) values['a' + i] = static_cast<std::uint8_t>(10 + i);
  return values;
}
constexpr std::array<std::uint8_t, 256> kHexValues = make_hex_values();

constexpr std::array<std::uint64_t, kDigitsMax + 1> make_powers() {
  std::array<std::uint64_t, kDigitsMax + 1> powers{};
  powers[0] = 1;
  for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}
constexpr std::array<std::uint64_t, kDigitsMax + 1> kPowers = make_powers();

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Two digits at the position, or a number above 99.
unsigned two_digits(ByteView text, std::size_t at) {
  if (!is_digit(text[at]) || !is_digit(text[at + 1])) return 100;
  return static_cast<unsigned>((text[at] - '0') * 10 + (text[at + 1] - '0'));
}

char* put_pair(char* out, std::uint64_t value) {
  std::memcpy(out, &kPairs[2 * value], 2);
  return out + 2;
}

char* put_digits(char* out, std::uint64_t value) {
  char text[20];
  char* at = text + sizeof(text);
  while (value >= 100) {
    at -= 2;
    std::memcpy(at, &kPairs[2 * (value % 100)], 2);
    value /= 100;
  }
  if (value >= 10) {
    at -= 2;
    std::memcpy(at, &kPairs[2 * value], 2);
  } else {
    *--at = static_cast<char>('0' + value);
  }
  const auto size = static_cast<std::size_t>(text + sizeof(text) - at);
  std::memcpy(out, at, size);
  return out + size;
}

// Digits without a needless zero before them.
std::optional<std::uint64_t> parse_digits(ByteView text) {
  if (text.empty() || text.size() > kDigitsMax) return std::nullopt;
  if (text[0] == '0' && text.size() > 1) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    if (!is_digit(c)) return std::nullopt;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return value;
}

std::optional<std::int64_t> with_sign(bool negative, std::optional<std::uint64_t> magnitude) {
  if (!magnitude || (negative && *magnitude == 0)) return std::nullopt;
  const auto value = static_cast<std::int64_t>(*magnitude);
  return negative ? -value : value;
}

std::uint64_t magnitude_of(std::int64_t value) {
  return value < 0 ? ~static_cast<std::uint64_t>(value) + 1 : static_cast<std::uint64_t>(value);
}

}  // namespace

std::optional<std::int64_t> parse_integer(ByteView field) {
  const bool negative = field.starts_with('-');
  return with_sign(negative, parse_digits(field.substr(negative ? 1 : 0)));
}

char* format_integer(char* out, std::int64_t value) {
  if (value < 0) *out++ = '-';
  return put_digits(out, magnitude_of(value));
}

unsigned decimal_scale(ByteView field) {
  const std::size_t point = field.find('.');
  const std::size_t digits = point == ByteView::npos ? 0 : field.size() - point - 1;
  return digits < kDigitsMax ? static_cast<unsigned>(digits) : 0;
}

std::optional<std::int64_t> parse_decimal(ByteView field, unsigned scale) {
  const bool negative = field.starts_with('-');
  if (negative) field.remove_prefix(1);
  if (field.size() < scale + 2 || field.size() > kDigitsMax + 1) return std::nullopt;
  const std::size_t point = field.size() - scale - 1;
  if (field[point] != '.') return std::nullopt;
  const auto whole = parse_digits(field.substr(0, point));
  if (!whole) return std::nullopt;
  std::uint64_t value = *whole;
  for (const char c : field.substr(point + 1)) {
    if (!is_digit(c)) return std::nullopt;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return with_sign(negative, value);
}

char* format_decimal(char* out, std::int64_t value, unsigned scale) {
  if (value < 0) *out++ = '-';
  const std::uint64_t magnitude = magnitude_of(value);
  out = put_digits(out, magnitude / kPowers[scale]);
  *out++ = '.';
  std::uint64_t fraction = magnitude % kPowers[scale];
  for (unsigned i = scale; i > 0; --i, fraction /= 10)
    out[i - 1] = static_cast<char>('0' + fraction % 10);
  return out + scale;
}

std::optional<std::int64_t> parse_date(ByteView field) {
  if (field.size() != kDateBytes || field[4] != '-' || field[7] != '-') return std::nullopt;
  const unsigned century = two_digits(field, 0);
  const unsigned of_century = two_digits(field, 2);
  if (century > 99 || of_century > 99) return std::nullopt;
  const std::chrono::year_month_day date(
      std::chrono::year(static_cast<int>(century * 100 + of_century)),
      std::chrono::month(two_digits(field, 5)), std::chrono::day(two_digits(field, 8)));
  if (!date.ok()) return std::nullopt;
  return (std::chrono::sys_days(date) - kEpoch).count();
}

std::optional<std::int64_t> parse_timestamp(ByteView field, ByteView& rest) {
  constexpr std::size_t kToSeconds = 19;
  if (field.size() < kToSeconds || field[10] != ' ' || field[13] != ':' || field[16] != ':')
    return std::nullopt;
  const auto day = parse_date(field.substr(0, kDateBytes));
  const unsigned hour = two_digits(field, 11);
  const unsigned minute = two_digits(field, 14);
  const unsigned second = two_digits(field, 17);
  if (!day || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  std::size_t at = kToSeconds;
  std::int64_t fraction = 0;
  if (at < field.size() && field[at] == '.') {
    std::int64_t place = kSecond;
    for (++at; at < field.size() && is_digit(field[at]) && place > 1; ++at) {
      place /= 10;
      fraction += (field[at] - '0') * place;
    }
    if (field[at - 1] == '0' || field[at - 1] == '.') return std::nullopt;
  }
  rest = field.substr(at);
  return *day * kDay + ((hour * 60 + minute) * 60 + second) * kSecond + fraction;
}

char* CalendarFormat::date(char* out, std::int64_t day) {
  if (day != day_) {
    // Any number may come from damaged bytes: only years of four digits are dates.
    constexpr std::int64_t kFirst = -730'485;  // 0000-01-01
    constexpr std::int64_t kLast = 2'921'939;  // 9999-12-31
    day_ = std::min(std::max(day, kFirst), kLast);
    const std::chrono::year_month_day date(kEpoch + std::chrono::days(day_));
    const auto year = static_cast<unsigned>(static_cast<int>(date.year()));
    char* at = put_pair(put_pair(text_, year / 100), year % 100);
    *at++ = '-';
    at = put_pair(at, static_cast<unsigned>(date.month()));
    *at++ = '-';
    put_pair(at, static_cast<unsigned>(date.day()));
    day_ = day;
  }
  std::memcpy(out, text_, kDateBytes);
  return out + kDateBytes;
}

char* CalendarFormat::timestamp(char* out, std::int64_t microseconds) {
  std::int64_t day = microseconds / kDay;
  std::int64_t time = microseconds % kDay;
  if (time < 0) {
    time += kDay;
    --day;
  }
  out = date(out, day);
  const auto seconds = static_cast<std::uint32_t>(time / kSecond);
  auto fraction = static_cast<std::uint32_t>(time % kSecond);
  *out++ = ' ';
  out = put_pair(out, seconds / 3600);
  *out++ = ':';
  out = put_pair(out, seconds / 60 % 60);
  *out++ = ':';
  out = put_pair(out, seconds % 60);
  if (fraction == 0) return out;
  *out++ = '.';
  char* end =
      put_pair(put_pair(put_pair(out, fraction / 10'000), fraction / 100 % 100), fraction % 100);
  while (end[-1] == '0') --end;
  return end;
}

bool parse_uuid(ByteView field, char* out) {
  if (field.size() != kUuidTextBytes) return false;
  std::size_t at = 0;
  unsigned faults = 0;
  for (std::size_t i = 0; i < kUuidBytes; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) faults |= field[at++] != '-';
    const unsigned high = kHexValues[static_cast<unsigned char>(field[at++])];
    const unsigned low = kHexValues[static_cast<unsigned char>(field[at++])];
    faults |= (high | low) & 0xf0;
    out[i] = static_cast<char>(high << 4 | (low & 0xf));
  }
  return faults == 0;
}

char* format_uuid(char* out, const char* uuid) {
  const auto put = [&](std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < to; ++i, out += 2)
      std::memcpy(out, &kHexPairs[2 * static_cast<unsigned char>(uuid[i])], 2);
  };
  put(0, 4);
  for (std::size_t i = 4; i < 10; i += 2) {
    *out++ = '-';
    put(i, i + 2);
  }
  *out++ = '-';
  put(10, 16);
  return out;
}

bool parse_hex(ByteView digits, Bytes& out) {
  const std::size_t before = out.size();
  out.resize(before + (digits.size() + 1) / 2);
  char* at = out.data() + before;
  unsigned faults = 0;
  const std::size_t even = digits.size() & ~std::size_t{1};
  for (std::size_t i = 0; i < even; i += 2) {
    const unsigned high = kHexValues[static_cast<unsigned char>(digits[i])];
    const unsigned low = kHexValues[static_cast<unsigned char>(digits[i + 1])];
    faults |= (high | low) & 0xf0;
    *at++ = static_cast<char>(high << 4 | (low & 0xf));
  }
  if (even != digits.size()) {
    const unsigned high = kHexValues[static_cast<unsigned char>(digits.back())];
    faults |= high & 0xf0;
    *at = static_cast<char>(high << 4);
  }
  return faults == 0;
}

char* format_hex(char* out, const char* bytes, std::size_t digits) {
  for (std::size_t i = 0; i < digits / 2; ++i, out += 2)
    std::memcpy(out, &kHexPairs[2 * static_cast<unsigned char>(bytes[i])], 2);
  if (digits % 2 != 0) *out++ = kHexPairs[2 * static_cast<unsigned char>(bytes[digits / 2])];
  return out;
}

}  // namespace tidemark::repo
