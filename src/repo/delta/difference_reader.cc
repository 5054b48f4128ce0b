// read_difference: rows from a script that may be damaged.
#include <algorithm>

#include "repo/delta/changed_column.h"
#include "repo/delta/difference.h"
#include "repo/delta/difference_limits.h"
#include "repo/delta/script_coder.h"

namespace tidemark::repo {
namespace {

Error damaged() { return Error{ErrorKind::corrupt, "a difference of rows is damaged"}; }

struct Script {
  std::size_t columns = 0;
  std::vector<ScriptStep> steps;
  std::size_t rows = 0;
  std::size_t changes = 0;
  std::size_t literals = 0;
};

Result<Script> read_script(StreamReader& streams) {
  ByteReader& head = streams.head();
  Script script;
  script.columns = head.varint_up_to(kColumnsMax);
  const std::size_t count = head.varint_up_to(kScriptStepsMax);
  if (head.failed() || script.columns == 0) return damaged();
  StepModel model;
  for (std::size_t i = 0; i < count; ++i) {
    const ScriptStep step = model.take(streams.numbers());
    if (streams.numbers().failed()) return damaged();
    const std::size_t made =
        step.step == RowStep::borrow ? 1 : static_cast<std::size_t>(step.count);
    switch (step.step) {
      case RowStep::skip: break;
      case RowStep::copy: script.rows += made; break;
      case RowStep::literal:
        script.rows += made;
        script.literals += made;
        break;
      case RowStep::update:
      case RowStep::borrow:
        script.rows += made;
        script.changes += made;
        break;
      default: return damaged();
    }
    if (script.rows > kFieldsMax) return damaged();
    script.steps.push_back(step);
  }
  return script;
}

// The changed rows, made one after the other into a block of their own.
class ChangedRows {
 public:
  static Result<ChangedRows> open(StreamReader& streams, const Script& script,
                                  std::size_t bytes_max) {
    ChangedRows rows;
    rows.columns_.resize(script.columns);
    if (script.changes == 0) return rows;
    ByteReader& head = streams.head();
    const std::size_t shape_bytes = (script.columns + 7) / 8;
    const std::size_t bytes = head.varint_up_to(bytes_max);
    const std::size_t shapes = head.varint_up_to(script.changes);
    for (std::size_t i = 0; i < shapes && !head.failed(); ++i)
      rows.shapes_.push_back(head.bytes(shape_bytes));
    if (head.failed()) return damaged();
    std::vector<std::size_t> changes_of(shapes);
    NumberModel model;
    for (std::size_t i = 0; i < script.changes; ++i) {
      const std::uint64_t shape = model.take(streams.numbers());
      if (shape >= shapes || streams.numbers().failed()) return damaged();
      ++changes_of[shape];
      rows.shape_numbers_.push_back(static_cast<std::uint32_t>(shape));
    }
    for (std::size_t column = 0; column < script.columns; ++column) {
      std::size_t count = 0;
      for (std::size_t i = 0; i < shapes; ++i)
        if (has(rows.shapes_[i], column)) count += changes_of[i];
      if (count > 0) rows.columns_[column].emplace(streams, count);
    }
    if (head.failed()) return damaged();
    auto text = std::make_unique_for_overwrite<char[]>(bytes + ColumnReader::kSlack);
    rows.out_ = text.get();
    rows.limit_ = rows.out_ + bytes;
    rows.block_ = std::move(text);
    return rows;
  }

  // The next one, changed from `before`; empty when it does not fit the row or has no room.
  ByteView make(ByteView before) {
    if (before.ends_with('\n')) before.remove_suffix(1);
    const ByteView shape = shapes_[shape_numbers_[made_++]];
    char* const begin = out_;
    for (std::size_t column = 0; column < columns_.size(); ++column) {
      const bool last = column + 1 == columns_.size();
      const std::size_t end = last ? before.size() : before.find('\t');
      if (end == ByteView::npos) return {};
      const ByteView field = before.substr(0, end);
      before.remove_prefix(std::min(end + 1, before.size()));
      if (has(shape, column)) {
        out_ = columns_[column]->append(field, out_, limit_);
        if (out_ == nullptr || out_ > limit_) return {};
      } else {
        if (field.size() > static_cast<std::size_t>(limit_ - out_)) return {};
        out_ = std::copy(field.begin(), field.end(), out_);
      }
      if (out_ == limit_) return {};
      *out_++ = last ? '\n' : '\t';
    }
    return {begin, static_cast<std::size_t>(out_ - begin)};
  }

  const RowSet::Block& block() const { return block_; }

 private:
  static bool has(ByteView shape, std::size_t column) {
    return (static_cast<unsigned char>(shape[column / 8]) >> column % 8 & 1) != 0;
  }

  std::vector<std::optional<ChangeReader>> columns_;
  std::vector<ByteView> shapes_;
  std::vector<std::uint32_t> shape_numbers_;
  RowSet::Block block_;
  char* out_ = nullptr;
  const char* limit_ = nullptr;
  std::size_t made_ = 0;
};

// Follows a script through the rows of the reference.
class Follower {
 public:
  Follower(std::span<const ByteView> reference, std::span<const ByteView> literals,
           ChangedRows& changed, RowSet& result)
      : left_(reference), all_(reference), literals_(literals), changed_(changed), rows_(result) {}

  // False when it leads out of the reference, or a change does not fit.
  bool follow(const ScriptStep& step) {
    const auto count = static_cast<std::uint64_t>(step.count);
    if (step.step == RowStep::borrow) return borrow(step.count);
    if (step.step == RowStep::literal) {
      rows_.add(literals_.first(count));
      literals_ = literals_.subspan(count);
      return true;
    }
    if (count > left_.size()) return false;
    if (step.step == RowStep::copy) rows_.add(left_.first(count));
    if (step.step == RowStep::update)
      for (const ByteView before : left_.first(count))
        if (!change(before)) return false;
    left_ = left_.subspan(count);
    return true;
  }

 private:
  bool borrow(std::int64_t distance) {
    const std::size_t place = all_.size() - left_.size();
    const std::size_t row = place + static_cast<std::size_t>(distance);
    const bool wrapped = distance < 0 ? row >= place : row < place;
    return !wrapped && row < all_.size() && change(all_[row]);
  }

  bool change(ByteView before) {
    const ByteView row = changed_.make(before);
    if (!row.empty()) rows_.add(row);
    return !row.empty();
  }

  std::span<const ByteView> left_;
  std::span<const ByteView> all_;
  std::span<const ByteView> literals_;
  ChangedRows& changed_;
  RowSet& rows_;
};

}  // namespace

Result<RowSet> read_difference(StreamReader& streams, const RowSet& reference,
                               std::size_t bytes_max) {
  const Script script = TRY(read_script(streams));
  ChangedRows changed = TRY(ChangedRows::open(streams, script, bytes_max));
  RowSet literals;
  if (script.literals > 0) TRY(read_rows(streams, bytes_max, literals));
  if (literals.rows().size() != script.literals) return damaged();

  RowSet rows;
  rows.hold_blocks_of(reference);
  rows.hold_blocks_of(literals);
  rows.hold(changed.block());
  rows.reserve(script.rows);
  Follower follower(reference.rows(), literals.rows(), changed, rows);
  for (const ScriptStep& step : script.steps)
    if (!follower.follow(step)) return damaged();
  return rows;
}

}  // namespace tidemark::repo
