// Changed fields of one column, told by what they were before.
//
// A number may be stored as how much it grew, a long text as what was put between the beginning and
// the end that it kept. docs/chunk-format.md, "Changed columns", is normative.
#pragma once

#include <optional>
#include <vector>

#include "repo/codec/columns.h"

namespace tidemark::repo {

struct FieldChange {
  ByteView before;
  ByteView after;
};

void write_changes(const std::vector<FieldChange>& changes, StreamWriter& streams);

// Gives the fields after the change back in order. Borrows the streams.
class ChangeReader {
 public:
  // The head fails when the streams do not fit count changes.
  ChangeReader(StreamReader& streams, std::size_t count);

  // As ColumnReader::append, for the field that was `before`.
  char* append(ByteView before, char* out, const char* limit);

 private:
  char* append_sum(ByteView before, char* out);
  char* append_splice(ByteView before, char* out, const char* limit);

  std::uint8_t form_;
  unsigned scale_ = 0;
  std::vector<std::int64_t> growths_;
  std::vector<std::int64_t> kept_before_;
  std::vector<std::int64_t> kept_after_;
  std::size_t at_ = 0;
  std::optional<ColumnReader> fields_;
};

}  // namespace tidemark::repo
