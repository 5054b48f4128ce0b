#include "repo/delta/row_cursor.h"

#include <algorithm>

namespace tidemark::repo {

RowCursor::RowCursor(const RowSet& rows) : rows_(rows) {
  starts_.reserve(rows.runs().size() + 1);
  starts_.push_back(0);
  for (const RowSet::Run& run : rows.runs()) starts_.push_back(starts_.back() + run.count);
}

bool RowCursor::has(std::int64_t distance) const {
  if (distance < 0) return static_cast<std::uint64_t>(-(distance + 1)) < place_;
  return static_cast<std::uint64_t>(distance) < rows_.rows() - place_;
}

std::size_t RowCursor::run_of(std::uint64_t row) {
  if (row >= starts_[run_] && row < starts_[run_ + 1]) return run_;
  if (run_ + 2 < starts_.size() && row >= starts_[run_ + 1] && row < starts_[run_ + 2])
    return ++run_;
  const auto after = std::ranges::upper_bound(starts_, row);
  return run_ = static_cast<std::size_t>(after - starts_.begin()) - 1;
}

ByteView RowCursor::row(std::int64_t distance) {
  const std::uint64_t number = place_ + static_cast<std::uint64_t>(distance);
  const std::size_t at = run_of(number);
  const RowSet::Run& run = rows_.runs()[at];
  return rows_.block(run).rows_at(run.first + (number - starts_[at]), 1);
}

bool RowCursor::move(std::uint64_t count) {
  if (count > rows_.rows() - place_) return false;
  place_ += count;
  return true;
}

bool RowCursor::take_runs(std::uint64_t count, std::vector<RowSet::Run>& runs) {
  if (count > rows_.rows() - place_) return false;
  while (count > 0) {
    const std::size_t at = run_of(place_);
    RowSet::Run run = rows_.runs()[at];
    const std::uint64_t taken = std::min(count, starts_[at + 1] - place_);
    run.first += static_cast<std::uint32_t>(place_ - starts_[at]);
    run.count = static_cast<std::uint32_t>(taken);
    runs.push_back(run);
    place_ += taken;
    count -= taken;
  }
  return true;
}

}  // namespace tidemark::repo
