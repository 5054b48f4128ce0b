#include "repo/delta/changed_column.h"

#include <algorithm>
#include <bit>

namespace tidemark::repo {
namespace {

// Part of the format.
enum Form : std::uint8_t {
  kWhole = 0,   // the fields, as a column
  kGrowth = 1,  // head: scale, 0 for integers; integers: after - before
  kSplice = 2,  // integers: bytes kept at the beginning, at the end; column: what is between
};

constexpr std::size_t kSpliceBytesMin = 32;  // on average

using Changes = std::vector<FieldChange>;

std::optional<std::int64_t> parse_number(ByteView field, unsigned scale) {
  return scale == 0 ? parse_integer(field) : parse_decimal(field, scale);
}

// What numbers cost beyond the least of them, in bits.
std::size_t cost_of(const std::vector<std::int64_t>& numbers) {
  const std::int64_t least = *std::ranges::min_element(numbers);
  std::size_t bits = 0;
  for (const std::int64_t number : numbers)
    bits += static_cast<std::size_t>(
        std::bit_width(static_cast<std::uint64_t>(number) - static_cast<std::uint64_t>(least)));
  return bits;
}

bool write_growth(const Changes& changes, StreamWriter& streams) {
  const unsigned scale = decimal_scale(changes[0].after);
  std::vector<std::int64_t> growths;
  std::vector<std::int64_t> values;
  for (const auto& [before, after] : changes) {
    const auto old = parse_number(before, scale);
    const auto value = parse_number(after, scale);
    if (!old || !value) return false;
    growths.push_back(*value - *old);
    values.push_back(*value);
  }
  if (cost_of(growths) >= cost_of(values)) return false;
  streams.head().push_back(kGrowth);
  put_varint(streams.head(), scale);
  write_integers(growths, streams);
  return true;
}

bool write_splice(const Changes& changes, StreamWriter& streams) {
  std::vector<std::int64_t> kept_before;
  std::vector<std::int64_t> kept_after;
  std::vector<ByteView> between;
  std::size_t bytes = 0;
  std::size_t new_bytes = 0;
  for (const auto& [before, after] : changes) {
    const std::size_t most = std::min(before.size(), after.size());
    const auto begin = static_cast<std::size_t>(
        std::mismatch(after.begin(), after.begin() + static_cast<std::ptrdiff_t>(most),
                      before.begin())
            .first -
        after.begin());
    std::size_t end = 0;
    while (end < most - begin && after[after.size() - 1 - end] == before[before.size() - 1 - end])
      ++end;
    kept_before.push_back(static_cast<std::int64_t>(begin));
    kept_after.push_back(static_cast<std::int64_t>(end));
    between.push_back(after.substr(begin, after.size() - begin - end));
    bytes += after.size();
    new_bytes += between.back().size();
  }
  if (bytes < kSpliceBytesMin * changes.size() || new_bytes * 2 > bytes) return false;
  streams.head().push_back(kSplice);
  write_integers(kept_before, streams);
  write_integers(kept_after, streams);
  write_column(between, streams);
  return true;
}

std::vector<std::int64_t> read_all(StreamReader& streams, std::size_t count) {
  IntegerReader reader(streams, count);
  if (streams.head().failed()) return {};
  std::vector<std::int64_t> values(count);
  reader.read(values);
  return values;
}

}  // namespace

void write_changes(const Changes& changes, StreamWriter& streams) {
  if (write_growth(changes, streams) || write_splice(changes, streams)) return;
  std::vector<ByteView> fields;
  for (const FieldChange& change : changes) fields.push_back(change.after);
  streams.head().push_back(kWhole);
  write_column(fields, streams);
}

ChangeReader::ChangeReader(StreamReader& streams, std::size_t count)
    : form_(streams.head().byte()) {
  ByteReader& head = streams.head();
  switch (form_) {
    case kGrowth:
      scale_ = static_cast<unsigned>(head.varint_up_to(kDigitsMax - 1));
      growths_ = read_all(streams, count);
      return;
    case kSplice:
      kept_before_ = read_all(streams, count);
      kept_after_ = read_all(streams, count);
      [[fallthrough]];
    case kWhole: fields_.emplace(streams, count); return;
    default: head.fail();
  }
}

char* ChangeReader::append_sum(ByteView before, char* out) {
  const auto old = parse_number(before, scale_);
  if (!old) return nullptr;
  const auto value = static_cast<std::int64_t>(static_cast<std::uint64_t>(*old) +
                                               static_cast<std::uint64_t>(growths_[at_++]));
  return scale_ == 0 ? format_integer(out, value) : format_decimal(out, value, scale_);
}

char* ChangeReader::append_splice(ByteView before, char* out, const char* limit) {
  const auto begin = static_cast<std::uint64_t>(kept_before_[at_]);
  const auto end = static_cast<std::uint64_t>(kept_after_[at_++]);
  if (begin > before.size() || end > before.size() - begin) return nullptr;
  if (begin > static_cast<std::size_t>(limit - out)) return nullptr;
  before.copy(out, begin);
  out = fields_->append(out + begin, limit);
  if (out == nullptr || out > limit || end > static_cast<std::size_t>(limit - out)) return nullptr;
  before.copy(out, end, before.size() - end);
  return out + end;
}

char* ChangeReader::append(ByteView before, char* out, const char* limit) {
  if (out > limit) return nullptr;
  switch (form_) {
    case kGrowth: return append_sum(before, out);
    case kSplice: return append_splice(before, out, limit);
    default: return fields_->append(out, limit);
  }
}

}  // namespace tidemark::repo
