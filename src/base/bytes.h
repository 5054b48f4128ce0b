// Bytes: what is stored and sent, and the integers in it.
//
// A string owns bytes and a view borrows them, as everywhere in this program: they are not text.
// Integers in stored formats are little-endian.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tidemark {

using Bytes = std::string;
using ByteView = std::string_view;

template <class Integer>
void put_le(Bytes& out, Integer value) {
  for (std::size_t i = 0; i < sizeof(Integer); ++i)
    out.push_back(static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * i)));
}

// The caller has checked that sizeof(Integer) bytes are there.
template <class Integer>
Integer get_le(const char* bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < sizeof(Integer); ++i)
    value |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  return static_cast<Integer>(value);
}

}  // namespace tidemark
