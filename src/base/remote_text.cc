#include "base/remote_text.h"

#include <cstdint>

namespace tidemark {
namespace {

struct Character {
  char32_t code = 0;
  std::size_t length = 0;  // 0 when the bytes are not UTF-8
};

// The character that text begins with, by RFC 3629: no overlong forms, no surrogates.
Character first_character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return {};
  char32_t code = lead & (0xffu >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {};
    code = code << 6 | (byte(i) & 0x3f);
  }
  constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  if (code < kLeast[length] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return {};
  return {code, length};
}

bool is_control(char32_t code) { return code < 0x20 || (code >= 0x7f && code <= 0x9f); }

// Marks that let a text show otherwise than it reads, and the separators that end a line.
bool is_deceptive(char32_t code) {
  return (code >= 0x200b && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) ||
         (code >= 0x2060 && code <= 0x2069) || code == 0xfeff;
}

}  // namespace

std::string clean_remote_text(std::string_view text, std::size_t bytes_max) {
  constexpr std::string_view kCut = "...";
  std::string result;
  while (!text.empty()) {
    const Character next = first_character(text);
    std::string_view piece = next.length == 0 ? "?" : text.substr(0, next.length);
    text.remove_prefix(next.length == 0 ? 1 : next.length);
    if (next.code == '\n' || next.code == '\r' || next.code == '\t')
      piece = " ";
    else if (next.length != 0 && (is_control(next.code) || is_deceptive(next.code)))
      continue;
    if (result.size() + piece.size() > bytes_max) return result.append(kCut);
    result += piece;
  }
  return result;
}

}  // namespace tidemark
