// Columns: the fields of one column, in the form that suits their values.
//
// Numbers, dates, identifiers and hexadecimal text become the values they stand for; few different
// values become a list of them and numbers into it; anything else stays text. A form is chosen only
// when it gives back each field byte for byte. docs/chunk-format.md, "Columns", is normative.
#pragma once

#include <memory>
#include <span>

#include "repo/codec/field_text.h"
#include "repo/codec/integers.h"
#include "repo/codec/streams.h"

namespace tidemark::repo {

// The values are part of the format.
enum class ColumnForm : std::uint8_t {
  text = 0,        // stream: each field with a line end after it
  constant = 1,    // head: the field
  dictionary = 2,  // head: count; streams: fields with line ends, a byte a row
  integer = 3,
  decimal = 4,    // head: scale
  date = 5,       // integers: days
  timestamp = 6,  // head: what follows each; integers: microseconds
  uuid = 7,       // stream: 16 bytes a row
  hex = 8,        // head: prefix, digits or 0 when they differ; integers: digits; stream: bytes
};

// Set in the form's byte when some fields are null; then the first stream holds a bit a row.
inline constexpr std::uint8_t kNullsBit = 0x80;

// No field may hold a line end.
void write_column(std::span<const ByteView> fields, StreamWriter& streams);

// Gives the fields back in order. Borrows the streams.
class ColumnReader {
 public:
  // What append may write past its limit.
  static constexpr std::size_t kSlack = 64;

  // The head fails when the streams do not fit count fields.
  ColumnReader(StreamReader& streams, std::size_t count);

  // Writes the next field, but never beyond limit + kSlack, and returns its end. A result above
  // limit, or nullptr, says that the field has no room or does not exist.
  char* append(char* out, const char* limit);

 private:
  static constexpr std::size_t kBatch = 256;
  struct Batch {
    std::array<std::int64_t, kBatch> values;
  };

  std::int64_t next_integer();
  char* append_text(char* out, const char* limit);
  char* append_hex(char* out, const char* limit);
  void open_dictionary(StreamReader& streams);
  void open_hex(StreamReader& streams);

  ColumnForm form_;
  bool nulls_ = false;
  std::size_t count_;  // of values, without nulls
  std::size_t row_ = 0;
  ByteView present_;  // a bit a row
  ByteView bytes_;    // what is left of the stream
  ByteView affix_;    // constant, suffix or prefix
  unsigned scale_ = 0;
  std::uint64_t digits_ = 0;
  std::vector<ByteView> entries_;
  CalendarFormat calendar_;
  IntegerReader integers_;
  std::unique_ptr<Batch> batch_;
  std::size_t batch_at_ = 0;
  std::size_t batch_size_ = 0;
  std::size_t values_left_;
};

}  // namespace tidemark::repo
