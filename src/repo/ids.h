// The names of things in a repository: 32 raw bytes that do not mix with one another.
#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstring>
#include <functional>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/encoding.h"

namespace tidemark::repo {

template <class Tag>
struct Id {
  static constexpr std::size_t kBytes = 32;

  std::array<char, kBytes> bytes{};

  ByteView view() const { return {bytes.data(), bytes.size()}; }
  std::string hex() const { return to_hex(view()); }
  bool zero() const { return *this == Id{}; }
  // Ids are digests or random, so their first bytes are as good as a hash.
  std::uint64_t prefix() const { return get_le<std::uint64_t>(bytes.data()); }

  // The caller has checked that kBytes are there.
  static Id from(const char* raw) {
    Id id;
    std::memcpy(id.bytes.data(), raw, kBytes);
    return id;
  }
  static Id from(ByteView raw) { return from(raw.data()); }
  static std::optional<Id> from_hex(std::string_view text);

  friend bool operator==(const Id&, const Id&) = default;
  friend std::strong_ordering operator<=>(const Id& left, const Id& right) {
    return std::memcmp(left.bytes.data(), right.bytes.data(), kBytes) <=> 0;
  }
};

template <class Tag>
std::optional<Id<Tag>> Id<Tag>::from_hex(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  if (text.size() != 2 * kBytes) return {};
  Id id;
  for (std::size_t i = 0; i < kBytes; ++i) {
    const std::size_t high = kDigits.find(text[2 * i]);
    const std::size_t low = kDigits.find(text[2 * i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) return {};
    id.bytes[i] = static_cast<char>(high << 4 | low);
  }
  return id;
}

using ChunkId = Id<struct ChunkTag>;      // keyed digest of a chunk's plain bytes
using ObjectName = Id<struct ObjectTag>;  // digest of an object's bytes, as in its key

}  // namespace tidemark::repo

template <class Tag>
struct std::hash<tidemark::repo::Id<Tag>> {
  std::size_t operator()(const tidemark::repo::Id<Tag>& id) const noexcept { return id.prefix(); }
};
