// write_column: which form a column takes.
#include <algorithm>
#include <optional>

#include "repo/chunk/content_hash.h"
#include "repo/codec/columns.h"

namespace tidemark::repo {
namespace {

constexpr std::size_t kDictionaryMax = 255;
constexpr std::size_t kRowsPerEntryMin = 3;        // fewer, and the list costs more than it saves
constexpr std::size_t kLoneConstantBytesMax = 64;  // a longer value may be of a better form
constexpr std::size_t kHexDigitsMin = 8;           // on average; shorter ones are rather words
constexpr ByteView kByteaPrefix = "\\\\x";         // as COPY writes it
constexpr std::size_t kSuffixBytesMax = 8;         // of a timestamp: "+05:30", "+00 BC"

using Fields = std::span<const ByteView>;

// Numbers the different fields in the order in which they come.
class Dictionary {
 public:
  // False when there are too many of them.
  bool build(Fields fields) {
    indexes_.reserve(fields.size());
    for (const ByteView field : fields) {
      const auto index = index_of(field);
      if (!index) return false;
      indexes_.push_back(static_cast<char>(*index));
    }
    return entries_.size() * kRowsPerEntryMin <= fields.size();
  }

  std::size_t size() const { return entries_.size(); }
  Bytes take_indexes() { return std::move(indexes_); }
  Bytes joined_entries() const {
    Bytes joined;
    for (const ByteView entry : entries_) joined.append(entry).push_back('\n');
    return joined;
  }

 private:
  static constexpr std::size_t kSlots = 1024;

  std::optional<std::size_t> index_of(ByteView field) {
    if (!entries_.empty() && field == entries_[last_]) return last_;
    std::size_t slot = content_hash(field) % kSlots;
    for (; slots_[slot] != 0; slot = (slot + 1) % kSlots)
      if (entries_[slots_[slot] - 1u] == field) return last_ = slots_[slot] - 1u;
    if (entries_.size() == kDictionaryMax) return std::nullopt;
    entries_.push_back(field);
    slots_[slot] = static_cast<std::uint16_t>(entries_.size());
    return last_ = entries_.size() - 1;
  }

  std::vector<ByteView> entries_;
  std::array<std::uint16_t, kSlots> slots_{};  // entry + 1
  std::size_t last_ = 0;
  Bytes indexes_;
};

// The values that stand for the fields, or nothing when one of them is of another form.
template <class Parse>
std::optional<std::vector<std::int64_t>> parse_all(Fields fields, Parse parse) {
  std::vector<std::int64_t> values;
  values.reserve(fields.size());
  for (const ByteView field : fields) {
    const std::optional<std::int64_t> value = parse(field);
    if (!value) return std::nullopt;
    values.push_back(*value);
  }
  return values;
}

// Writes the column once its form is found. Nulls are told apart first, except by the forms that
// hold them as they hold any field.
class Writer {
 public:
  Writer(Fields all, StreamWriter& streams) : all_(all), streams_(streams) {
    for (const ByteView field : all)
      if (field != kNullField) values_.push_back(field);
  }

  void write() {
    if (constant() || dictionary()) return;
    if (!values_.empty() && (integer() || decimal() || date() || timestamp() || uuid() || hex()))
      return;
    text();
  }

 private:
  void open(ColumnForm form) {
    const bool nulls = values_.size() != all_.size();
    streams_.head().push_back(
        static_cast<char>(static_cast<std::uint8_t>(form) | (nulls ? kNullsBit : 0)));
    if (!nulls) return;
    Bytes present((all_.size() + 7) / 8, '\0');
    for (std::size_t row = 0; row < all_.size(); ++row)
      if (all_[row] != kNullField)
        present[row / 8] = static_cast<char>(present[row / 8] | 1 << (row % 8));
    streams_.add(std::move(present));
  }
  void open_with_nulls_inside(ColumnForm form) {
    streams_.head().push_back(static_cast<char>(form));
  }
  void put(ByteView affix) {
    put_varint(streams_.head(), affix.size());
    streams_.head() += affix;
  }

  bool constant() {
    if (all_.size() == 1 && all_[0].size() > kLoneConstantBytesMax) return false;
    if (all_.empty() || !std::ranges::all_of(all_, [&](ByteView f) { return f == all_[0]; }))
      return false;
    open_with_nulls_inside(ColumnForm::constant);
    put(all_[0]);
    return true;
  }

  bool dictionary() {
    Dictionary found;
    if (!found.build(all_)) return false;
    open_with_nulls_inside(ColumnForm::dictionary);
    put_varint(streams_.head(), found.size());
    streams_.add(found.joined_entries());
    streams_.add(found.take_indexes());
    return true;
  }

  void text() {
    open_with_nulls_inside(ColumnForm::text);
    Bytes joined;
    std::size_t size = 0;
    for (const ByteView field : all_) size += field.size() + 1;
    joined.reserve(size);
    for (const ByteView field : all_) joined.append(field).push_back('\n');
    streams_.add(std::move(joined));
  }

  bool integer() {
    const auto values = parse_all(values_, parse_integer);
    if (!values) return false;
    open(ColumnForm::integer);
    write_integers(*values, streams_);
    return true;
  }

  bool decimal() {
    const unsigned scale = decimal_scale(values_[0]);
    if (scale == 0) return false;
    const auto values =
        parse_all(values_, [&](ByteView field) { return parse_decimal(field, scale); });
    if (!values) return false;
    open(ColumnForm::decimal);
    put_varint(streams_.head(), scale);
    write_integers(*values, streams_);
    return true;
  }

  bool date() {
    const auto values = parse_all(values_, parse_date);
    if (!values) return false;
    open(ColumnForm::date);
    write_integers(*values, streams_);
    return true;
  }

  bool timestamp() {
    ByteView suffix;
    if (!parse_timestamp(values_[0], suffix) || suffix.size() > kSuffixBytesMax) return false;
    const auto values = parse_all(values_, [&](ByteView field) {
      ByteView rest;
      const auto value = parse_timestamp(field, rest);
      return rest == suffix ? value : std::nullopt;
    });
    if (!values) return false;
    open(ColumnForm::timestamp);
    put(suffix);
    write_integers(*values, streams_);
    return true;
  }

  bool uuid() {
    if (values_[0].size() != kUuidTextBytes) return false;
    Bytes bytes(values_.size() * kUuidBytes, '\0');
    for (std::size_t i = 0; i < values_.size(); ++i)
      if (!parse_uuid(values_[i], bytes.data() + i * kUuidBytes)) return false;
    open(ColumnForm::uuid);
    streams_.add(std::move(bytes));
    return true;
  }

  bool hex() {
    const ByteView prefix = values_[0].starts_with(kByteaPrefix) ? kByteaPrefix : ByteView();
    Bytes bytes;
    std::vector<std::int64_t> digits;
    std::size_t sum = 0;
    for (ByteView field : values_) {
      if (!field.starts_with(prefix)) return false;
      field.remove_prefix(prefix.size());
      if (!parse_hex(field, bytes)) return false;
      digits.push_back(static_cast<std::int64_t>(field.size()));
      sum += field.size();
    }
    if (sum < kHexDigitsMin * values_.size()) return false;
    open(ColumnForm::hex);
    put(prefix);
    const bool even = std::ranges::all_of(digits, [&](auto count) { return count == digits[0]; });
    put_varint(streams_.head(), even ? static_cast<std::uint64_t>(digits[0]) : 0);
    if (!even) write_integers(digits, streams_);
    streams_.add(std::move(bytes));
    return true;
  }

  Fields all_;
  std::vector<ByteView> values_;  // without nulls
  StreamWriter& streams_;
};

}  // namespace

void write_column(std::span<const ByteView> fields, StreamWriter& streams) {
  Writer(fields, streams).write();
}

}  // namespace tidemark::repo
