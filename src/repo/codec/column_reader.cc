// ColumnReader: a column's fields from its form and streams, which may be damaged.
#include <algorithm>
#include <bit>

#include "repo/codec/columns.h"
#include "repo/codec/delimiters.h"

namespace tidemark::repo {
namespace {

constexpr std::uint64_t kAffixBytesMax = std::uint64_t{1} << 30;  // the head is what bounds it

std::size_t count_present(ByteView bits, std::size_t rows) {
  std::size_t count = 0;
  for (std::size_t row = 0; row < rows; ++row)
    count += (static_cast<unsigned char>(bits[row / 8]) >> (row % 8)) & 1u;
  return count;
}

// In steps of 16: the source is readable, and the target writable, that far past the end.
char* copy_in_steps(char* out, const char* from, std::size_t size) {
  for (std::size_t done = 0; done < size; done += kStep)
    std::memcpy(out + done, from + done, kStep);
  return out + size;
}

std::size_t room(const char* out, const char* limit) {
  return static_cast<std::size_t>(limit - out);
}

}  // namespace

ColumnReader::ColumnReader(StreamReader& streams, std::size_t count) : count_(count) {
  ByteReader& head = streams.head();
  const std::uint8_t first = head.byte();
  form_ = static_cast<ColumnForm>(first & ~kNullsBit);
  nulls_ = (first & kNullsBit) != 0;
  if (nulls_) {
    present_ = streams.next();
    if (present_.size() == (count + 7) / 8)
      count_ = count_present(present_, count);
    else
      head.fail();
  }
  values_left_ = count_;
  bool integers = false;
  switch (form_) {
    case ColumnForm::text: bytes_ = streams.next(); break;
    case ColumnForm::constant: affix_ = head.bytes(head.varint_up_to(kAffixBytesMax)); break;
    case ColumnForm::dictionary: open_dictionary(streams); break;
    case ColumnForm::decimal:
      scale_ = static_cast<unsigned>(head.varint_up_to(kDigitsMax - 1));
      integers = true;
      break;
    case ColumnForm::timestamp:
      affix_ = head.bytes(head.varint_up_to(kStep));
      integers = true;
      break;
    case ColumnForm::integer:
    case ColumnForm::date: integers = true; break;
    case ColumnForm::uuid:
      bytes_ = streams.next();
      if (bytes_.size() != count_ * kUuidBytes) head.fail();
      break;
    case ColumnForm::hex: open_hex(streams); break;
    default: head.fail();
  }
  if (integers) {
    integers_ = IntegerReader(streams, count_);
    batch_ = std::make_unique<Batch>();
  }
}

void ColumnReader::open_dictionary(StreamReader& streams) {
  ByteReader& head = streams.head();
  const std::uint64_t count = head.varint_up_to(UINT8_MAX);
  ByteView joined = streams.next();
  for (std::uint64_t i = 0; i < count && !head.failed(); ++i) {
    const std::size_t end = joined.find('\n');
    if (end == ByteView::npos) return head.fail();
    entries_.push_back(joined.substr(0, end));
    joined.remove_prefix(end + 1);
  }
  bytes_ = streams.next();
  const bool known = std::ranges::all_of(
      bytes_, [&](char index) { return static_cast<unsigned char>(index) < entries_.size(); });
  if (bytes_.size() != count_ || !known) head.fail();
}

void ColumnReader::open_hex(StreamReader& streams) {
  ByteReader& head = streams.head();
  affix_ = head.bytes(head.varint_up_to(kStep));
  digits_ = head.varint();
  if (digits_ == 0) {
    integers_ = IntegerReader(streams, count_);
    batch_ = std::make_unique<Batch>();
  }
  bytes_ = streams.next();
}

std::int64_t ColumnReader::next_integer() {
  if (batch_at_ == batch_size_) {
    batch_size_ = std::min(kBatch, values_left_);
    values_left_ -= batch_size_;
    integers_.read(std::span(batch_->values).first(batch_size_));
    batch_at_ = 0;
    if (batch_size_ == 0) return 0;
  }
  return batch_->values[batch_at_++];
}

char* ColumnReader::append_text(char* out, const char* limit) {
  const char* from = bytes_.data();
  const char* const end = from + bytes_.size();
  while (from < end && out <= limit) {
    const unsigned mask = matches16(from, '\n');
    std::memcpy(out, from, kStep);
    if (mask != 0) {
      const auto size = static_cast<std::size_t>(std::countr_zero(mask));
      from += size + 1;
      if (from > end) return nullptr;  // the line end is not the stream's
      bytes_.remove_prefix(static_cast<std::size_t>(from - bytes_.data()));
      return out + size;
    }
    out += kStep;
    from += kStep;
  }
  return nullptr;
}

char* ColumnReader::append_hex(char* out, const char* limit) {
  const auto digits = digits_ != 0 ? digits_ : static_cast<std::uint64_t>(next_integer());
  if (digits > room(out, limit) || affix_.size() > room(out, limit) - digits) return nullptr;
  const std::size_t size = (digits + 1) / 2;
  if (size > bytes_.size()) return nullptr;
  affix_.copy(out, affix_.size());
  out = format_hex(out + affix_.size(), bytes_.data(), digits);
  bytes_.remove_prefix(size);
  return out;
}

char* ColumnReader::append(char* out, const char* limit) {
  if (out > limit) return nullptr;
  if (nulls_) {
    const std::size_t row = row_++;
    if (row / 8 >= present_.size()) return nullptr;
    if (((static_cast<unsigned char>(present_[row / 8]) >> (row % 8)) & 1u) == 0) {
      kNullField.copy(out, kNullField.size());
      return out + kNullField.size();
    }
  }
  switch (form_) {
    case ColumnForm::text: return append_text(out, limit);
    case ColumnForm::constant:
      if (affix_.size() > room(out, limit)) return nullptr;
      affix_.copy(out, affix_.size());
      return out + affix_.size();
    case ColumnForm::dictionary: {
      if (bytes_.empty()) return nullptr;
      const ByteView entry = entries_[static_cast<unsigned char>(bytes_[0])];
      bytes_.remove_prefix(1);
      if (entry.size() > room(out, limit)) return nullptr;
      return copy_in_steps(out, entry.data(), entry.size());
    }
    case ColumnForm::integer: return format_integer(out, next_integer());
    case ColumnForm::decimal: return format_decimal(out, next_integer(), scale_);
    case ColumnForm::date: return calendar_.date(out, next_integer());
    case ColumnForm::timestamp:
      out = calendar_.timestamp(out, next_integer());
      affix_.copy(out, affix_.size());
      return out + affix_.size();
    case ColumnForm::uuid:
      if (bytes_.empty()) return nullptr;
      out = format_uuid(out, bytes_.data());
      bytes_.remove_prefix(kUuidBytes);
      return out;
    case ColumnForm::hex: return append_hex(out, limit);
  }
  return nullptr;
}

}  // namespace tidemark::repo
