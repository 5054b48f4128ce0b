#include "base/json_text.h"

#include <fmt/format.h>

namespace tidemark {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";

// Length of the well-formed UTF-8 sequence at the front (Unicode 15, table 3-7), or 0.
std::size_t sequence_bytes(std::string_view text) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto continues = [&](std::size_t i, unsigned low, unsigned high) {
    return i < text.size() && at(i) >= low && at(i) <= high;
  };
  const unsigned lead = at(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) return continues(1, 0x80, 0xbf) ? 2 : 0;
  if (lead >= 0xe0 && lead <= 0xef) {
    const unsigned low = lead == 0xe0 ? 0xa0 : 0x80;
    const unsigned high = lead == 0xed ? 0x9f : 0xbf;
    return continues(1, low, high) && continues(2, 0x80, 0xbf) ? 3 : 0;
  }
  if (lead >= 0xf0 && lead <= 0xf4) {
    const unsigned low = lead == 0xf0 ? 0x90 : 0x80;
    const unsigned high = lead == 0xf4 ? 0x8f : 0xbf;
    const bool whole =
        continues(1, low, high) && continues(2, 0x80, 0xbf) && continues(3, 0x80, 0xbf);
    return whole ? 4 : 0;
  }
  return 0;
}

}  // namespace

std::string json_text(std::string_view text) {
  std::string literal = "\"";
  while (!text.empty()) {
    const char c = text[0];
    if (c == '"' || c == '\\') {
      literal += '\\';
      literal += c;
      text.remove_prefix(1);
    } else if (static_cast<unsigned char>(c) < 0x20) {
      literal += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
      text.remove_prefix(1);
    } else if (const std::size_t length = sequence_bytes(text); length > 0) {
      literal += text.substr(0, length);
      text.remove_prefix(length);
    } else {
      literal += kReplacement;
      text.remove_prefix(1);
    }
  }
  return literal + "\"";
}

}  // namespace tidemark
