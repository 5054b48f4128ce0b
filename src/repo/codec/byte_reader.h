// Small numbers in stored bytes, and a reader that cannot run past the end.
//
// A varint holds 7 bits a byte, lowest first; the high bit says that another byte follows. A signed
// number is folded first (zigzag), so that small ones of either sign are short.
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace tidemark::repo {

inline void put_varint(Bytes& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>(value | 0x80));
  out.push_back(static_cast<char>(value));
}

inline std::uint64_t fold_sign(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}

inline std::int64_t unfold_sign(std::uint64_t folded) {
  return static_cast<std::int64_t>((folded >> 1) ^ (~(folded & 1) + 1));
}

// Reads from borrowed bytes. After the first fault every read gives zeros or nothing and failed()
// stays true, so that a header can be read whole and judged once.
class ByteReader {
 public:
  explicit ByteReader(ByteView bytes) : left_(bytes) {}

  bool failed() const { return failed_; }
  ByteView rest() const { return left_; }

  std::uint8_t byte() {
    const ByteView one = bytes(1);
    return one.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(one[0]);
  }

  ByteView bytes(std::uint64_t count) {
    if (count > left_.size()) {
      fail();
      return {};
    }
    const ByteView taken = left_.substr(0, count);
    left_.remove_prefix(count);
    return taken;
  }

  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const std::uint64_t next = byte();
      if (failed_) return 0;
      if (shift == 63 && next > 1) break;
      value |= (next & 0x7f) << shift;
      if (next < 0x80) return value;
    }
    fail();
    return 0;
  }

  // A varint that may not be above most.
  std::uint64_t varint_up_to(std::uint64_t most) {
    const std::uint64_t value = varint();
    if (value <= most) return value;
    fail();
    return 0;
  }

  std::int64_t signed_varint() { return unfold_sign(varint()); }

  void fail() {
    failed_ = true;
    left_ = {};
  }

 private:
  ByteView left_;
  bool failed_ = false;
};

}  // namespace tidemark::repo
