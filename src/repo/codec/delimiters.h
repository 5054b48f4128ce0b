// Finding the tabs and line ends of COPY text 16 bytes at a time.
//
// In COPY text both are escaped inside values, so each one that is seen ends a field.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

#include "base/bytes.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace tidemark::repo {

inline constexpr std::size_t kStep = 16;

// Which of the 16 bytes at `bytes` equal `wanted`: bit i for byte i.
inline unsigned matches16(const char* bytes, char wanted) {
#if defined(__SSE2__)
  const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes));
  return static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(block, _mm_set1_epi8(wanted))));
#else
  unsigned mask = 0;
  for (unsigned i = 0; i < kStep; ++i) mask |= unsigned{bytes[i] == wanted} << i;
  return mask;
#endif
}

// Calls visit(position) where matches(16 bytes) says, in order; stops when it returns false.
template <class Matches, class MatchesOne, class Visit>
bool for_each_match(ByteView text, Matches matches, MatchesOne matches_one, Visit visit) {
  std::size_t at = 0;
  for (; at + kStep <= text.size(); at += kStep)
    for (unsigned mask = matches(text.data() + at); mask != 0; mask &= mask - 1)
      if (!visit(at + static_cast<unsigned>(std::countr_zero(mask)))) return false;
  for (; at < text.size(); ++at)
    if (matches_one(text[at]) && !visit(at)) return false;
  return true;
}

template <class Visit>
bool for_each_byte(ByteView text, char wanted, Visit visit) {
  return for_each_match(
      text, [wanted](const char* block) { return matches16(block, wanted); },
      [wanted](char c) { return c == wanted; }, visit);
}

// Each tab and line end.
template <class Visit>
bool for_each_delimiter(ByteView text, Visit visit) {
  return for_each_match(
      text, [](const char* block) { return matches16(block, '\n') | matches16(block, '\t'); },
      [](char c) { return c == '\n' || c == '\t'; }, visit);
}

}  // namespace tidemark::repo
