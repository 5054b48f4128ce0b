// A fast 64-bit hash of bytes: finds equal rows, places the cuts, and notices damage.
//
// It is no protection against someone who chooses the bytes: sealing is (see seal/). Its values are
// part of the format (docs/chunk-format.md, "Content hash"), as stored checksums and as the places
// of cuts, so it never changes.
#pragma once

#include <cstdint>
#include <cstring>

#include "base/bytes.h"

namespace tidemark::repo {

namespace detail {

inline constexpr std::uint64_t kHashSeed = 0x9e3779b97f4a7c15;  // 2^64 / the golden ratio
inline constexpr std::uint64_t kHashLeft = 0xd1b54a32d192ed03;
inline constexpr std::uint64_t kHashRight = 0x8bb84b93962eacc9;

inline std::uint64_t load_le64(const char* bytes) {
  std::uint64_t value;
  std::memcpy(&value, bytes, sizeof(value));
  if constexpr (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__) value = __builtin_bswap64(value);
  return value;
}

// Both halves of the 128-bit product, mixed.
inline std::uint64_t fold_product(std::uint64_t left, std::uint64_t right) {
  const auto product = static_cast<unsigned __int128>(left) * right;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

}  // namespace detail

inline std::uint64_t content_hash(ByteView bytes) {
  using namespace detail;
  const char* at = bytes.data();
  std::size_t left = bytes.size();
  std::uint64_t hash = kHashSeed ^ (left * kHashLeft);
  // Two chains, because one would wait for each product.
  std::uint64_t other = hash;
  while (left > 32) {
    hash = fold_product(load_le64(at) ^ kHashLeft, load_le64(at + 8) ^ hash);
    other = fold_product(load_le64(at + 16) ^ kHashRight, load_le64(at + 24) ^ other);
    at += 32;
    left -= 32;
  }
  char tail[32] = {};
  if (left > 0) std::memcpy(tail, at, left);
  hash = fold_product(load_le64(tail) ^ kHashLeft, load_le64(tail + 8) ^ hash);
  other = fold_product(load_le64(tail + 16) ^ kHashRight, load_le64(tail + 24) ^ other);
  return fold_product(hash ^ kHashRight, other ^ kHashSeed);
}

}  // namespace tidemark::repo
