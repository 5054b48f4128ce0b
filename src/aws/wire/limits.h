// How much of an answer we are willing to read, whoever sent it.
#pragma once

#include <cstddef>

namespace tidemark::aws {

inline constexpr std::size_t kDocumentBytesMax = 16u << 20;

// Deeper than any answer of AWS, and far from where recursive code runs out of stack.
inline constexpr std::size_t kDepthMax = 64;

// Bounds the memory of a parsed document: its parts cost many times the bytes they are written in.
// A page of a hundred instances with all their tags has some 40,000.
inline constexpr std::size_t kPartsMax = 150'000;

}  // namespace tidemark::aws
