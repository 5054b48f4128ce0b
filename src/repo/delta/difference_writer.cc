// write_difference: a script, the changed fields column by column, and the literal rows.
#include <map>

#include "repo/delta/changed_column.h"
#include "repo/delta/difference.h"
#include "repo/delta/difference_limits.h"
#include "repo/delta/find_script.h"
#include "repo/delta/script_coder.h"

namespace tidemark::repo {
namespace {

// Which columns of a row changed: a bit each.
Bytes shape_of(const Grid& rows, const Grid& reference, const ChangedRow& change) {
  Bytes shape((rows.columns() + 7) / 8, '\0');
  for (std::size_t column = 0; column < rows.columns(); ++column)
    if (rows.field(change.row, column) != reference.field(change.reference_row, column))
      shape[column / 8] = static_cast<char>(shape[column / 8] | 1 << column % 8);
  return shape;
}

void write_changed_rows(const Grid& rows, const Grid& reference,
                        const std::vector<ChangedRow>& changes, StreamWriter& streams) {
  std::map<Bytes, std::uint64_t> shapes;
  std::vector<std::uint64_t> shape_numbers;
  Bytes shape_list;
  std::vector<std::vector<FieldChange>> columns(rows.columns());
  for (const ChangedRow& change : changes) {
    const Bytes shape = shape_of(rows, reference, change);
    const auto [known, fresh] = shapes.emplace(shape, shapes.size());
    if (fresh) shape_list += shape;
    shape_numbers.push_back(known->second);
    for (std::size_t column = 0; column < rows.columns(); ++column)
      if ((shape[column / 8] >> column % 8 & 1) != 0)
        columns[column].push_back(
            {reference.field(change.reference_row, column), rows.field(change.row, column)});
  }
  std::size_t bytes = 0;
  for (const ChangedRow& change : changes) bytes += rows.row(change.row).size();
  put_varint(streams.head(), bytes);
  put_varint(streams.head(), shapes.size());
  streams.head() += shape_list;
  NumberModel model;
  for (const std::uint64_t number : shape_numbers) model.put(number, streams.numbers());
  for (const std::vector<FieldChange>& column : columns)
    if (!column.empty()) write_changes(column, streams);
}

}  // namespace

bool write_difference(const Grid& rows, const Grid& reference, StreamWriter& streams) {
  if (rows.columns() != reference.columns() || !rows.ends_with_row_end() ||
      !reference.ends_with_row_end())
    return false;
  const RowScript script = find_script(rows, reference);
  if (script.steps.size() > kScriptStepsMax) return false;

  put_varint(streams.head(), rows.columns());
  put_varint(streams.head(), script.steps.size());
  StepModel model;
  for (const ScriptStep& step : script.steps) model.put(step, streams.numbers());
  if (!script.changes.empty()) write_changed_rows(rows, reference, script.changes, streams);
  if (script.literals.empty()) return true;
  Bytes literals;
  for (const std::uint32_t row : script.literals) literals += rows.row(row);
  write_rows(*Grid::parse(literals), streams);
  return true;
}

}  // namespace tidemark::repo
