// FieldReader: takes integers and texts from the front of stored bytes, and never beyond their end.
//
// The first thing that is not there makes it bad, and it stays bad: what it gives then is zero or
// empty. So a decoder reads straight on and asks once.
#pragma once

#include <limits>

#include "base/bytes.h"
#include "base/result.h"

namespace tidemark::repo {

class FieldReader {
 public:
  explicit FieldReader(ByteView bytes) : left_(bytes) {}

  template <class Integer>
  Integer integer() {
    const ByteView taken = bytes(sizeof(Integer));
    return good_ ? get_le<Integer>(taken.data()) : Integer{};
  }

  ByteView bytes(std::size_t count) {
    if (count > left_.size()) return fail();
    const ByteView taken = left_.substr(0, count);
    left_.remove_prefix(count);
    return taken;
  }

  // A length (4 bytes) and that many bytes, at most bytes_max.
  ByteView text(std::size_t bytes_max) {
    const auto length = integer<std::uint32_t>();
    return length <= bytes_max ? bytes(length) : fail();
  }

  // A count that cannot be met by what is left, at the least size of an element, is bad: so nobody
  // allocates for elements that are not there.
  template <class Integer>
  std::size_t count(std::size_t count_max, std::size_t element_bytes) {
    const std::size_t value = integer<Integer>();
    if (value > count_max || value > left_.size() / element_bytes) fail();
    return good_ ? value : 0;
  }

  bool good() const { return good_; }
  bool at_end() const { return good_ && left_.empty(); }
  std::size_t size() const { return left_.size(); }

  // For what the decoder itself finds wrong.
  ByteView fail() {
    good_ = false;
    left_ = {};
    return {};
  }

 private:
  ByteView left_;
  bool good_ = true;
};

inline void put_text(Bytes& out, ByteView text) {
  CHECK(text.size() <= std::numeric_limits<std::uint32_t>::max());
  put_le(out, static_cast<std::uint32_t>(text.size()));
  out += text;
}

}  // namespace tidemark::repo
