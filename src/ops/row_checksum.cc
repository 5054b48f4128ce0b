#include "ops/row_checksum.h"

#include "base/result.h"
#include "crypto/hash.h"

namespace tidemark::ops {

void RowChecksum::add(ByteView bytes) {
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    if (end == ByteView::npos) {
      begun_ += bytes;
      return;
    }
    if (begun_.empty()) {
      add_row(bytes.substr(0, end));
    } else {
      begun_ += bytes.substr(0, end);
      add_row(begun_);
      begun_.clear();
    }
    bytes.remove_prefix(end + 1);
  }
}

void RowChecksum::add(const RowChecksum& part) {
  CHECK(part.begun_.empty());
  for (std::size_t i = 0; i < sum_.size(); ++i) sum_[i] += part.sum_[i];
  rows_ += part.rows_;
}

void RowChecksum::add_row(ByteView row) {
  const auto digest = crypto::sha256_digest(row);
  for (std::size_t i = 0; i < sum_.size(); ++i) sum_[i] += get_le<std::uint64_t>(&digest[8 * i]);
  ++rows_;
}

std::array<char, 32> RowChecksum::digest() const {
  Bytes bytes;
  for (const std::uint64_t part : sum_) put_le(bytes, part);
  std::array<char, 32> digest{};
  std::copy(bytes.begin(), bytes.end(), digest.begin());
  return digest;
}

}  // namespace tidemark::ops
