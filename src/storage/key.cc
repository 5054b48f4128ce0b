#include "storage/key.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/log.h"

namespace tidemark::storage {
namespace {

constexpr std::size_t kQuotedBytesMax = 80;

bool is_key_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

bool is_part(std::string_view part) {
  return part.size() <= kKeyPartBytesMax && !part.starts_with('.') &&
         std::all_of(part.begin(), part.end(), is_key_byte);
}

// Whether all parts but the last are whole, and the last is one or the beginning of one.
bool is_prefix(std::string_view text) {
  if (text.size() > kKeyBytesMax) return false;
  for (;;) {
    const std::size_t slash = text.find('/');
    if (!is_part(text.substr(0, slash))) return false;
    if (slash == std::string_view::npos) return true;
    if (slash == 0) return false;
    text.remove_prefix(slash + 1);
  }
}

Error malformed(std::string_view what, std::string_view text) {
  return Error{ErrorKind::invalid_input,
               fmt::format("'{}' is not {}", log::safe_text(text.substr(0, kQuotedBytesMax)), what),
               "A key has lower-case letters, digits, '.', '_', '-' and '/' only."};
}

}  // namespace

bool is_key(std::string_view text) {
  return !text.empty() && !text.ends_with('/') && is_prefix(text);
}

Status check_key(std::string_view key) {
  if (!is_key(key)) return malformed("the key of an object", key);
  return Done{};
}

Status check_prefix(std::string_view prefix) {
  if (!is_prefix(prefix)) return malformed("how a key begins", prefix);
  return Done{};
}

Status check_put(std::string_view key, ByteView body) {
  TRY(check_key(key));
  if (body.size() <= kObjectBytesMax) return Done{};
  return Error{ErrorKind::exhausted, fmt::format("object {} has {} bytes; the most is {}", key,
                                                 body.size(), kObjectBytesMax)};
}

Status check_range(std::string_view key, const ByteRange& range, std::uint64_t size) {
  if (range.length > kObjectBytesMax)
    return Error{ErrorKind::exhausted,
                 fmt::format("{} bytes of object {} were asked for at once", range.length, key)};
  if (range.offset <= size && range.length <= size - range.offset) return Done{};
  return Error{ErrorKind::corrupt,
               fmt::format("object {} has {} bytes, and {} from {} were expected", key, size,
                           range.length, range.offset)};
}

}  // namespace tidemark::storage
