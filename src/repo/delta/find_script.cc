#include "repo/delta/find_script.h"

#include <optional>

#include "repo/delta/row_matcher.h"

namespace tidemark::repo {
namespace {

class Finder {
 public:
  Finder(const Grid& rows, const Grid& reference) : rows_(rows), reference_(reference) {}

  RowScript find() {
    while (row_ < rows_.rows()) {
      copy_while_same();
      if (row_ < rows_.rows()) bridge_gap();
    }
    return std::move(script_);
  }

 private:
  void add(RowStep step, std::int64_t count) {
    if (count == 0 && step != RowStep::borrow) return;
    std::vector<ScriptStep>& steps = script_.steps;
    if (!steps.empty() && steps.back().step == step && step != RowStep::borrow)
      steps.back().count += count;
    else
      steps.push_back({step, count});
  }

  void copy_while_same() {
    const std::size_t begin = row_;
    while (row_ < rows_.rows() && place_ < reference_.rows() &&
           rows_.row(row_) == reference_.row(place_)) {
      ++row_;
      ++place_;
    }
    add(RowStep::copy, static_cast<std::int64_t>(row_ - begin));
  }

  // From where rows differ to the next row that both have.
  void bridge_gap() {
    if (!matcher_) matcher_.emplace(rows_, reference_);
    std::size_t end = row_;
    std::optional<std::size_t> anchor;
    for (; end < rows_.rows(); ++end) {
      anchor = matcher_->find_equal(end, place_);
      if (anchor) break;
    }
    const std::size_t reference_end = anchor.value_or(reference_.rows());
    for (; row_ < end; ++row_) explain_row(reference_end);
    if (anchor) move_to(reference_end);
  }

  // A row that the reference does not have.
  void explain_row(std::size_t reference_end) {
    const auto row = static_cast<std::uint32_t>(row_);
    const auto old = matcher_->find_changed(row_, place_);
    if (!old) {
      add(RowStep::literal, 1);
      script_.literals.push_back(row);
      return;
    }
    script_.changes.push_back({row, static_cast<std::uint32_t>(*old)});
    if (*old >= place_ && *old - place_ < kSkipMax && *old < reference_end) {
      move_to(*old);
      add(RowStep::update, 1);
      ++place_;
    } else {
      add(RowStep::borrow, static_cast<std::int64_t>(*old) - static_cast<std::int64_t>(place_));
    }
  }

  void move_to(std::size_t reference_row) {
    add(RowStep::skip, static_cast<std::int64_t>(reference_row - place_));
    place_ = reference_row;
  }

  static constexpr std::size_t kSkipMax = 8;  // further off it is a row that moved

  const Grid& rows_;
  const Grid& reference_;
  std::optional<RowMatcher> matcher_;  // made at the first difference
  std::size_t row_ = 0;
  std::size_t place_ = 0;  // in the reference
  RowScript script_;
};

}  // namespace

RowScript find_script(const Grid& rows, const Grid& reference) {
  return Finder(rows, reference).find();
}

}  // namespace tidemark::repo
