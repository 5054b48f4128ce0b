#include "repo/codec/integers.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

namespace tidemark::repo {
namespace {

constexpr unsigned kStepsBit = 1;  // of the first byte of the head; the width is above it
constexpr unsigned kWidthMax = 8;
constexpr unsigned kModelled = 9;  // in place of a width: the values are modelled numbers
constexpr std::size_t kModelledMax = 512;

unsigned bytes_for(std::uint64_t most) {
  return (static_cast<unsigned>(std::bit_width(most)) + 7) / 8;
}

// What the planes of these values cost at least, in bits, when each byte is coded by how often it
// occurs in its plane.
double cost_of(std::span<const std::uint64_t> values, unsigned width) {
  double bits = 0;
  for (unsigned plane = 0; plane < width; ++plane) {
    std::array<std::uint32_t, 256> counts{};
    for (const std::uint64_t value : values) ++counts[(value >> (8 * plane)) & 0xff];
    const double all = static_cast<double>(values.size());
    double plane_bits = 0;
    for (const std::uint32_t count : counts)
      if (count > 0) plane_bits += count * std::log2(all / count);
    bits += std::min(plane_bits, 8 * all);
  }
  return bits;
}

// About what the values cost as modelled numbers: bits beside their length, which is learnt.
double modelled_cost_of(std::span<const std::uint64_t> values) {
  double bits = 0;
  for (const std::uint64_t value : values) bits += std::bit_width(value);
  return bits;
}

void add_planes(std::span<const std::uint64_t> values, unsigned width, StreamWriter& streams) {
  for (unsigned plane = 0; plane < width; ++plane) {
    Bytes bytes(values.size(), '\0');
    for (std::size_t i = 0; i < values.size(); ++i)
      bytes[i] = static_cast<char>(values[i] >> (8 * plane));
    streams.add(std::move(bytes));
  }
}

// The greatest number that divides all of them, at least 1.
std::uint64_t common_unit(std::span<const std::uint64_t> values) {
  std::uint64_t unit = 0;
  for (const std::uint64_t value : values) {
    unit = std::gcd(unit, value);
    if (unit == 1) break;
  }
  return std::max<std::uint64_t>(unit, 1);
}

template <unsigned Width>
void join_planes(const std::array<const char*, 8>& planes, std::size_t at,
                 std::span<std::int64_t> values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    std::uint64_t value = 0;
    for (unsigned plane = 0; plane < Width; ++plane)
      value |= static_cast<std::uint64_t>(static_cast<unsigned char>(planes[plane][at + i]))
               << (8 * plane);
    values[i] = static_cast<std::int64_t>(value);
  }
}

using JoinPlanes = void (*)(const std::array<const char*, 8>&, std::size_t,
                            std::span<std::int64_t>);
constexpr std::array<JoinPlanes, kWidthMax + 1> kJoinPlanes = {
    join_planes<0>, join_planes<1>, join_planes<2>, join_planes<3>, join_planes<4>,
    join_planes<5>, join_planes<6>, join_planes<7>, join_planes<8>};

}  // namespace

void write_integers(std::span<const std::int64_t> values, StreamWriter& streams) {
  const std::int64_t least = values.empty() ? 0 : *std::ranges::min_element(values);
  std::vector<std::uint64_t> plain(values.size());
  for (std::size_t i = 0; i < values.size(); ++i)
    plain[i] = static_cast<std::uint64_t>(values[i]) - static_cast<std::uint64_t>(least);
  const std::uint64_t unit = common_unit(plain);
  if (unit > 1)
    for (std::uint64_t& value : plain) value /= unit;
  const unsigned width = plain.empty() ? 0 : bytes_for(*std::ranges::max_element(plain));

  // The first step is from 0 and is told apart, so that it cannot widen the others.
  std::vector<std::uint64_t> steps(plain.size() > 1 ? plain.size() - 1 : 0);
  std::int64_t least_step = 0;
  unsigned step_width = width;
  if (!steps.empty()) {
    for (std::size_t i = 0; i < steps.size(); ++i) steps[i] = plain[i + 1] - plain[i];
    least_step = static_cast<std::int64_t>(*std::ranges::min_element(
        steps, {}, [](std::uint64_t step) { return static_cast<std::int64_t>(step); }));
    for (std::uint64_t& step : steps) step -= static_cast<std::uint64_t>(least_step);
    step_width = bytes_for(*std::ranges::max_element(steps));
  }
  const bool model = values.size() <= kModelledMax;
  const auto cost = [&](std::span<const std::uint64_t> numbers, unsigned bytes) {
    return model ? modelled_cost_of(numbers) : cost_of(numbers, bytes);
  };
  const bool use_steps = !steps.empty() && cost(steps, step_width) < cost(plain, width);
  const std::vector<std::uint64_t>& chosen = use_steps ? steps : plain;
  const unsigned chosen_width = model ? kModelled : use_steps ? step_width : width;

  Bytes& head = streams.head();
  head.push_back(static_cast<char>(chosen_width << 1 | (use_steps ? kStepsBit : 0)));
  put_varint(head, fold_sign(least));
  put_varint(head, unit);
  if (use_steps) {
    put_varint(head, fold_sign(least_step));
    put_varint(head, plain[0]);
  }
  if (!model) return add_planes(chosen, chosen_width, streams);
  NumberModel numbers;
  for (const std::uint64_t value : chosen) numbers.put(value, streams.numbers());
}

IntegerReader::IntegerReader(StreamReader& streams, std::size_t count) {
  ByteReader& head = streams.head();
  const unsigned first = head.byte();
  steps_ = (first & kStepsBit) != 0;
  width_ = first >> 1;
  least_ = static_cast<std::uint64_t>(head.signed_varint());
  unit_ = head.varint();
  if (steps_) {
    least_step_ = static_cast<std::uint64_t>(head.signed_varint());
    last_ = head.varint();
  }
  if (width_ > kModelled || (steps_ && count == 0) ||
      (width_ == kModelled && count > kModelledMax)) {
    head.fail();
    return;
  }
  const std::size_t plane_bytes = steps_ ? count - 1 : count;
  if (width_ == kModelled) {
    short_ = true;
    NumberModel numbers;
    for (std::size_t i = 0; i < plane_bytes; ++i)
      modelled_.push_back(numbers.take(streams.numbers()));
    if (streams.numbers().failed()) head.fail();
    return;
  }
  for (unsigned plane = 0; plane < width_; ++plane) {
    const ByteView bytes = streams.next();
    if (bytes.size() != plane_bytes) head.fail();
    planes_[plane] = bytes.data();
  }
}

void IntegerReader::take(std::span<std::int64_t> values) {
  if (short_)
    std::copy_n(modelled_.begin() + static_cast<std::ptrdiff_t>(at_), values.size(),
                values.begin());
  else
    kJoinPlanes[width_](planes_, at_, values);
  at_ += values.size();
}

void IntegerReader::read(std::span<std::int64_t> values) {
  if (values.empty()) return;
  const std::uint64_t unit = unit_;
  const std::uint64_t least = least_;
  if (!steps_) {
    take(values);
    for (std::int64_t& value : values)
      value = static_cast<std::int64_t>(static_cast<std::uint64_t>(value) * unit + least);
    return;
  }
  std::size_t first = 0;
  if (!started_) {
    started_ = true;
    values[0] = static_cast<std::int64_t>(last_ * unit + least);
    first = 1;
  }
  const std::span<std::int64_t> stepped = values.subspan(first);
  take(stepped);
  std::uint64_t last = last_;
  for (std::int64_t& value : stepped) {
    last += static_cast<std::uint64_t>(value) + least_step_;
    value = static_cast<std::int64_t>(last * unit + least);
  }
  last_ = last;
}

}  // namespace tidemark::repo
