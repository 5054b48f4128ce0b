#include "repo/seal/key_text.h"

#include <array>
#include <cctype>
#include <cstdint>
#include <optional>

#include <fmt/format.h>

#include "base/bytes.h"

namespace tidemark::repo {
namespace {

constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr int kLines = 4;
constexpr std::size_t kLineBytes = 8;
constexpr int kDataDigits = 13;  // 64 bits and a zero
constexpr int kCheckDigits = 3;  // 15 bits
constexpr std::size_t kTextBytesMax = 65'536;

std::uint64_t big_endian(ByteView bytes) {
  std::uint64_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

// CRC-15/CAN of a line: it catches each wrong character and each pair that changed places, which a
// digest of that length does not.
unsigned check_of(int line, ByteView bytes) {
  constexpr unsigned kPolynomial = 0x4599;
  unsigned crc = 0;
  for (const char c : std::string(1, static_cast<char>(line)) + std::string(bytes)) {
    for (int bit = 7; bit >= 0; --bit) {
      const bool carry = ((crc >> 14 ^ static_cast<unsigned char>(c) >> bit) & 1) != 0;
      crc = (crc << 1 ^ (carry ? kPolynomial : 0)) & 0x7fff;
    }
  }
  return crc;
}

// count digits of 5 bits each, the most significant first.
std::string digits_of(std::uint64_t value, int count) {
  std::string digits;
  for (int shift = 5 * (count - 1); shift >= 0; shift -= 5)
    digits += kAlphabet[value >> shift & 31];
  return digits;
}

std::string format_line(int line, ByteView bytes) {
  // 13 digits have room for 65 bits: the first 12 are the upper 60, the last one is the rest.
  const std::uint64_t data = big_endian(bytes);
  const std::string digits = digits_of(data >> 4, kDataDigits - 1) +
                             digits_of((data & 15) << 1, 1) +
                             digits_of(check_of(line, bytes), kCheckDigits);
  return fmt::format("{}  {}-{}-{}-{}\n", line, digits.substr(0, 4), digits.substr(4, 4),
                     digits.substr(8, 4), digits.substr(12, 4));
}

// Crockford's reading of what people write for one another. -1 is no digit.
int digit_of(char c) {
  const char upper = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  if (upper == 'O') return 0;
  if (upper == 'I' || upper == 'L') return 1;
  const std::size_t at = kAlphabet.find(upper);
  return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

Error wrong_line(int line, std::string_view why) {
  return Error{ErrorKind::invalid_input, fmt::format("line {} of the key {}", line, why),
               "compare that line with the sheet, character by character"};
}

// The 8 bytes that a line's characters stand for.
Result<Bytes> parse_line(int line, std::string_view text) {
  std::uint64_t data = 0;
  unsigned check = 0;
  int count = 0;
  for (const char c : text) {
    if (c == ' ' || c == '-' || c == '\t' || c == '\r') continue;
    const int digit = digit_of(c);
    if (digit < 0) return wrong_line(line, "has a character that no key has");
    if (count < kDataDigits - 1) data = data << 5 | static_cast<unsigned>(digit);
    if (count == kDataDigits - 1) {
      if ((digit & 1) != 0) return wrong_line(line, "does not match its check characters");
      data = data << 4 | static_cast<unsigned>(digit >> 1);
    }
    if (count >= kDataDigits) check = (check << 5 | static_cast<unsigned>(digit)) & 0x7fff;
    ++count;
  }
  if (count != kDataDigits + kCheckDigits)
    return wrong_line(line,
                      fmt::format("has {} characters, not {}", count, kDataDigits + kCheckDigits));
  Bytes bytes;
  for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>(data >> shift & 0xff);
  if (check != check_of(line, bytes))
    return wrong_line(line, "does not match its check characters");
  return bytes;
}

// Which line of the key a line of the text is, and where its characters begin; 0 is a comment.
int line_number(std::string_view text, std::size_t* begin) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos || first + 1 >= text.size()) return 0;
  if (text[first] < '1' || text[first] > '0' + kLines) return 0;
  if (std::string_view(" \t.:").find(text[first + 1]) == std::string_view::npos) return 0;
  *begin = first + 2;
  return text[first] - '0';
}

}  // namespace

Secret format_key_text(const Secret& secret) {
  CHECK(secret.reveal().size() == kLines * kLineBytes);
  std::string text;
  for (int line = 1; line <= kLines; ++line)
    text += format_line(line, secret.reveal().substr((line - 1) * kLineBytes, kLineBytes));
  return Secret(std::move(text));
}

Result<Secret> parse_key_text(std::string_view text) {
  if (text.size() > kTextBytesMax)
    return Error{ErrorKind::invalid_input, "the key file is far too long to be one"};
  std::array<std::optional<Bytes>, kLines> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view current = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    std::size_t begin = 0;
    const int line = line_number(current, &begin);
    if (line == 0) continue;
    if (lines[line - 1]) return wrong_line(line, "is there twice");
    lines[line - 1] = TRY(parse_line(line, current.substr(begin)));
  }
  std::string secret;
  for (int line = 1; line <= kLines; ++line) {
    if (!lines[line - 1]) return wrong_line(line, "is missing");
    secret += *lines[line - 1];
  }
  return Secret(std::move(secret));
}

}  // namespace tidemark::repo
