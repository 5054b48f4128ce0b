// read_difference: rows from a script that may be damaged.
#include <algorithm>

#include "repo/delta/changed_column.h"
#include "repo/delta/difference.h"
#include "repo/delta/difference_limits.h"
#include "repo/delta/row_cursor.h"
#include "repo/delta/script_coder.h"

namespace tidemark::repo {
namespace {

Error damaged() { return Error{ErrorKind::corrupt, "a difference of rows is damaged"}; }

struct Script {
  std::size_t columns = 0;
  std::vector<ScriptStep> steps;
  std::size_t changes = 0;
  std::size_t literals = 0;
};

Result<Script> read_script(StreamReader& streams, std::size_t bytes_max) {
  ByteReader& head = streams.head();
  Script script;
  script.columns = head.varint_up_to(kColumnsMax);
  const std::size_t count = head.varint_up_to(kScriptStepsMax);
  if (head.failed() || script.columns == 0) return damaged();
  StepModel model;
  std::size_t rows = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const ScriptStep step = model.take(streams.numbers());
    if (streams.numbers().failed()) return damaged();
    const std::size_t made =
        step.step == RowStep::borrow ? 1 : static_cast<std::size_t>(step.count);
    switch (step.step) {
      case RowStep::skip: break;
      case RowStep::copy: rows += made; break;
      case RowStep::literal:
        rows += made;
        script.literals += made;
        break;
      case RowStep::update:
      case RowStep::borrow:
        rows += made;
        script.changes += made;
        break;
      default: return damaged();
    }
    if (rows > bytes_max) return damaged();  // a row has at least its end
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
    rows.text_ = std::make_unique_for_overwrite<char[]>(bytes_max + ColumnReader::kSlack);
    rows.out_ = rows.text_.get();
    rows.limit_ = rows.out_ + bytes_max;
    return rows;
  }

  // False when the change does not fit the row, or there is no room.
  bool add(ByteView before) {
    if (before.ends_with('\n')) before.remove_suffix(1);
    const ByteView shape = shapes_[shape_numbers_[begins_.size() - 1]];
    for (std::size_t column = 0; column < columns_.size(); ++column) {
      const bool last = column + 1 == columns_.size();
      const std::size_t end = last ? before.size() : before.find('\t');
      if (end == ByteView::npos) return false;
      const ByteView field = before.substr(0, end);
      before.remove_prefix(std::min(end + 1, before.size()));
      if (has(shape, column)) {
        out_ = columns_[column]->append(field, out_, limit_);
        if (out_ == nullptr || out_ > limit_) return false;
      } else {
        if (field.size() > static_cast<std::size_t>(limit_ - out_)) return false;
        out_ = std::copy(field.begin(), field.end(), out_);
      }
      if (out_ == limit_) return false;
      *out_++ = last ? '\n' : '\t';
    }
    begins_.push_back(static_cast<std::uint32_t>(out_ - text_.get()));
    return true;
  }

  std::shared_ptr<const RowBlock> take_block() {
    return std::make_shared<const RowBlock>(std::move(text_), std::move(begins_));
  }

 private:
  static bool has(ByteView shape, std::size_t column) {
    return (static_cast<unsigned char>(shape[column / 8]) >> column % 8 & 1) != 0;
  }

  std::vector<std::optional<ChangeReader>> columns_;
  std::vector<ByteView> shapes_;
  std::vector<std::uint32_t> shape_numbers_;
  std::unique_ptr<char[]> text_;
  char* out_ = nullptr;
  char* limit_ = nullptr;
  std::vector<std::uint32_t> begins_ = {0};
};

// The runs that a script makes, out of the blocks of the reference and two more: changed rows and
// literal ones.
class RunMaker {
 public:
  RunMaker(const RowSet& reference, ChangedRows& changed)
      : place_(reference), changed_(changed), changed_block_(reference.blocks()) {}

  bool follow(const ScriptStep& step) {
    const auto count = static_cast<std::uint64_t>(step.count);
    switch (step.step) {
      case RowStep::copy: return place_.take_runs(count, runs_);
      case RowStep::skip: return place_.move(count);
      case RowStep::literal: add_run(changed_block_ + 1, literals_, count); return true;
      case RowStep::update:
        for (std::uint64_t i = 0; i < count; ++i)
          if (!change(0) || !place_.move(1)) return false;
        return true;
      case RowStep::borrow: return change(step.count);
    }
    return false;
  }

  const std::vector<RowSet::Run>& runs() const { return runs_; }

 private:
  bool change(std::int64_t distance) {
    if (!place_.has(distance) || !changed_.add(place_.row(distance))) return false;
    add_run(changed_block_, changes_, 1);
    return true;
  }

  void add_run(std::uint32_t block, std::uint32_t& used, std::uint64_t count) {
    runs_.push_back({block, used, static_cast<std::uint32_t>(count)});
    used += static_cast<std::uint32_t>(count);
  }

  RowCursor place_;
  ChangedRows& changed_;
  std::uint32_t changed_block_;
  std::uint32_t changes_ = 0;
  std::uint32_t literals_ = 0;
  std::vector<RowSet::Run> runs_;
};

}  // namespace

Result<RowSet> read_difference(StreamReader& streams, const RowSet& reference,
                               std::size_t bytes_max) {
  const Script script = TRY(read_script(streams, bytes_max));
  ChangedRows changed = TRY(ChangedRows::open(streams, script, bytes_max));
  std::shared_ptr<const RowBlock> literals = RowBlock::of_text("");
  if (script.literals > 0) {
    literals = TRY(read_rows(streams, bytes_max));
    if (literals->rows() != script.literals) return damaged();
  }
  RunMaker maker(reference, changed);
  for (const ScriptStep& step : script.steps)
    if (!maker.follow(step)) return damaged();

  RowSet rows;
  rows.share_blocks(reference);
  rows.hold_block(changed.take_block());
  rows.hold_block(std::move(literals));
  for (const RowSet::Run& run : maker.runs()) {
    rows.add_run(run);
    if (rows.bytes() > bytes_max) return damaged();
  }
  return rows;
}

}  // namespace tidemark::repo
