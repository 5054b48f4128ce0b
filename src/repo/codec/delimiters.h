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

// Calls visit(position) for each tab and line end, in order; stops when it returns false.
template <class Visit>
bool for_each_delimiter(ByteView text, Visit visit) {
  std::size_t at = 0;
  for (; at + kStep <= text.size(); at += kStep) {
    const char* block = text.data() + at;
    unsigned mask = matches16(block, '\n') | matches16(block, '\t');
    for (; mask != 0; mask &= mask - 1)
      if (!visit(at + static_cast<unsigned>(std::countr_zero(mask)))) return false;
  }
  for (; at < text.size(); ++at)
    if (text[at] == '\n' || text[at] == '\t')
      if (!visit(at)) return false;
  return true;
}

}  // namespace tidemark::repo
