#include "repo/delta/row_matcher.h"

#include <algorithm>
#include <bit>

#include "repo/chunk/content_hash.h"

namespace tidemark::repo {
namespace {

constexpr std::size_t kNearRows = 64;
constexpr int kChainMax = 16;              // rows of one hash that are looked at
constexpr std::size_t kKeyColumnsMax = 4;  // the key is among the first
constexpr std::size_t kKeySampleRows = 512;

std::size_t distance(std::size_t left, std::size_t right) {
  return left > right ? left - right : right - left;
}

}  // namespace

RowTable::RowTable(std::size_t rows)
    : mask_(std::bit_ceil(rows * 2 + 16) - 1), slots_(mask_ + 1, kNone), next_(rows, kNone) {}

void RowTable::add(std::uint64_t hash, std::uint32_t row) {
  next_[row] = slots_[hash & mask_];
  slots_[hash & mask_] = row;
}

RowMatcher::RowMatcher(const Grid& rows, const Grid& reference)
    : rows_(rows), reference_(reference), by_hash_(reference.rows()), by_key_(reference.rows()) {
  choose_key();
  for (std::size_t row = reference.rows(); row-- > 0;) {
    by_hash_.add(content_hash(reference.row(row)), static_cast<std::uint32_t>(row));
    by_key_.add(key_of(reference, row), static_cast<std::uint32_t>(row));
  }
}

std::uint64_t RowMatcher::key_of(const Grid& grid, std::size_t row) const {
  const ByteView first = grid.field(row, key_begin_);
  const ByteView last = grid.field(row, key_end_ - 1);
  return content_hash(
      {first.data(), static_cast<std::size_t>(last.data() + last.size() - first.data())});
}

// The first column that tells (nearly) all rows apart, or the first two together.
void RowMatcher::choose_key() {
  const std::size_t columns = std::min(reference_.columns(), kKeyColumnsMax);
  if (key_is_good()) return;
  if (columns > 1) {
    key_end_ = 2;
    if (key_is_good()) return;
  }
  for (key_begin_ = 1; key_begin_ < columns; ++key_begin_) {
    key_end_ = key_begin_ + 1;
    if (key_is_good()) return;
  }
  key_begin_ = 0;
  key_end_ = 1;
}

bool RowMatcher::key_is_good() const {
  std::vector<std::uint64_t> keys(std::min(reference_.rows(), kKeySampleRows));
  for (std::size_t row = 0; row < keys.size(); ++row) keys[row] = key_of(reference_, row);
  std::sort(keys.begin(), keys.end());
  const auto different = std::unique(keys.begin(), keys.end()) - keys.begin();
  return static_cast<std::size_t>(different) * 10 >= keys.size() * 9;
}

bool RowMatcher::same(std::size_t row, std::size_t reference_row) const {
  return rows_.row(row) == reference_.row(reference_row);
}

std::optional<std::size_t> RowMatcher::find_equal(std::size_t row, std::size_t from) {
  int looked_at = 0;
  for (std::uint32_t found = by_hash_.first_from(content_hash(rows_.row(row)), from);
       found != RowTable::kNone && looked_at < kChainMax; found = by_hash_.next(found)) {
    ++looked_at;
    if (!same(row, found)) continue;
    if (found - from < kNearRows) return found;
    const bool more = row + 1 < rows_.rows() && found + 1u < reference_.rows();
    if (more && same(row + 1, found + 1u)) return found;
  }
  return std::nullopt;
}

bool RowMatcher::alike(std::size_t row, std::size_t reference_row) const {
  std::size_t same_fields = 0;
  for (std::size_t column = 0; column < rows_.columns(); ++column)
    same_fields += rows_.field(row, column) == reference_.field(reference_row, column) ? 1 : 0;
  return same_fields * 2 >= rows_.columns();
}

std::optional<std::size_t> RowMatcher::find_changed(std::size_t row, std::size_t near) const {
  std::optional<std::size_t> best;
  const std::uint64_t key = key_of(rows_, row);
  int looked_at = 0;
  for (std::uint32_t found = by_key_.first(key); found != RowTable::kNone && looked_at < kChainMax;
       found = by_key_.next(found)) {
    ++looked_at;
    if (best && distance(*best, near) <= distance(found, near)) continue;
    if (key_of(reference_, found) == key && alike(row, found)) best = found;
  }
  return best;
}

}  // namespace tidemark::repo
