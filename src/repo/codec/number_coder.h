// Short sequences of numbers in about as many bits as they hold news.
//
// An adaptive binary range coder. It learns while it goes, so it needs no tables, which would cost
// more than a hundred numbers do; it is too slow for long sequences (see codec/integers.h).
// docs/chunk-format.md, "Modelled numbers", is normative.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

#include "base/bytes.h"

namespace tidemark::repo {

// How likely a bit is 1, as far as it was seen.
class BitModel {
 public:
  std::uint32_t chance() const { return chance_; }  // of 65536

  void learn(bool bit) {
    const std::int32_t goal = bit ? kMost : kLeast;
    chance_ = static_cast<std::uint16_t>(chance_ + (goal - chance_) * kRates[seen_] / 4096);
    seen_ = static_cast<std::uint8_t>(seen_ + (seen_ + 1u < kRates.size() ? 1 : 0));
  }

 private:
  static constexpr std::int32_t kLeast = 64;
  static constexpr std::int32_t kMost = 65536 - 64;
  // The n-th bit moves the chance by 1 / (n + 1.5) of the way, the later ones by 1 / 40.
  static constexpr std::array<std::int32_t, 39> kRates = [] {
    std::array<std::int32_t, 39> rates{};
    for (std::size_t i = 0; i < rates.size(); ++i)
      rates[i] = static_cast<std::int32_t>(8192 / (2 * i + 3));
    return rates;
  }();

  std::uint16_t chance_ = 32768;
  std::uint8_t seen_ = 0;
};

class BitEncoder {
 public:
  void put(bool bit, BitModel& model) {
    put_with_chance(bit, model.chance());
    model.learn(bit);
  }
  void put_even(bool bit) { put_with_chance(bit, 32768); }

  // The bytes; nothing may follow.
  Bytes finish();

 private:
  void put_with_chance(bool bit, std::uint32_t chance) {
    const std::uint32_t middle =
        low_ + static_cast<std::uint32_t>((std::uint64_t{high_ - low_} * chance) >> 16);
    (bit ? high_ : low_) = bit ? middle : middle + 1;
    while (((low_ ^ high_) >> 24) == 0) {
      out_.push_back(static_cast<char>(high_ >> 24));
      low_ <<= 8;
      high_ = high_ << 8 | 0xff;
    }
  }

  std::uint32_t low_ = 0;
  std::uint32_t high_ = UINT32_MAX;
  Bytes out_;
};

inline Bytes BitEncoder::finish() {
  // The fewest bytes that, with zeros after them, lie between low and high.
  for (unsigned kept = 0; kept <= 4; ++kept) {
    const auto value = static_cast<std::uint32_t>(high_ & ~(UINT64_C(0xffffffff) >> (8 * kept)));
    if (value < low_) continue;
    for (unsigned i = 0; i < kept; ++i) out_.push_back(static_cast<char>(value >> (24 - 8 * i)));
    break;
  }
  return std::move(out_);
}

// Borrows the bytes. Past their end it reads zeros.
class BitDecoder {
 public:
  explicit BitDecoder(ByteView bytes = {}) : left_(bytes) {
    for (int i = 0; i < 4; ++i) value_ = value_ << 8 | next();
  }

  // Whether it has read more than an encoder can have left out.
  bool failed() const { return missing_ > 4; }

  bool take(BitModel& model) {
    const bool bit = take_with_chance(model.chance());
    model.learn(bit);
    return bit;
  }
  bool take_even() { return take_with_chance(32768); }

 private:
  bool take_with_chance(std::uint32_t chance) {
    const std::uint32_t middle =
        low_ + static_cast<std::uint32_t>((std::uint64_t{high_ - low_} * chance) >> 16);
    const bool bit = value_ <= middle;
    low_ = bit ? low_ : middle + 1;  // no branch: nobody can foretell it
    high_ = bit ? middle : high_;
    while (((low_ ^ high_) >> 24) == 0) {
      low_ <<= 8;
      high_ = high_ << 8 | 0xff;
      value_ = value_ << 8 | next();
    }
    return bit;
  }

  std::uint8_t next() {
    if (left_.empty()) {
      ++missing_;
      return 0;
    }
    const auto byte = static_cast<std::uint8_t>(left_[0]);
    left_.remove_prefix(1);
    return byte;
  }

  ByteView left_;
  std::uint64_t missing_ = 0;
  std::uint32_t low_ = 0;
  std::uint32_t high_ = UINT32_MAX;
  std::uint32_t value_ = 0;
};

// Numbers that resemble each other: their length in bits is learnt, and the three bits below the
// highest; the others cost one bit each.
class NumberModel {
 public:
  void put(std::uint64_t value, BitEncoder& out) {
    const unsigned width = static_cast<unsigned>(std::bit_width(value));
    const unsigned shown = std::min(width, kEscape);
    unsigned node = 1;
    for (unsigned bit = kWidthBits; bit-- > 0;) {
      const bool set = (shown >> bit & 1) != 0;
      out.put(set, widths_[node]);
      node = node << 1 | (set ? 1 : 0);
    }
    if (shown == kEscape)
      for (unsigned bit = kLongWidthBits; bit-- > 0;) out.put_even((width >> bit & 1) != 0);
    if (width < 2) return;
    unsigned below = 1;
    for (unsigned bit = width - 1; bit-- > 0;) {
      const bool set = (value >> bit & 1) != 0;
      if (below < kBelowNodes)
        out.put(set, below_[shown][below]);
      else
        out.put_even(set);
      below = std::min(below << 1 | (set ? 1 : 0), kBelowNodes);
    }
  }

  std::uint64_t take(BitDecoder& in) {
    unsigned node = 1;
    for (unsigned bit = 0; bit < kWidthBits; ++bit)
      node = node << 1 | (in.take(widths_[node]) ? 1 : 0);
    const unsigned shown = node - (1u << kWidthBits);
    unsigned width = shown;
    if (shown == kEscape) {
      width = 0;
      for (unsigned bit = 0; bit < kLongWidthBits; ++bit)
        width = width << 1 | (in.take_even() ? 1 : 0);
      width = std::min(width, 64u);
    }
    if (width < 2) return width;
    std::uint64_t value = 1;
    unsigned below = 1;
    for (unsigned bit = width - 1; bit-- > 0;) {
      const bool set = below < kBelowNodes ? in.take(below_[shown][below]) : in.take_even();
      value = value << 1 | (set ? 1 : 0);
      below = std::min(below << 1 | (set ? 1 : 0), kBelowNodes);
    }
    return value;
  }

 private:
  static constexpr unsigned kWidthBits = 5;
  static constexpr unsigned kEscape = (1u << kWidthBits) - 1;  // the width follows in 7 bits
  static constexpr unsigned kLongWidthBits = 7;
  static constexpr unsigned kBelowNodes = 8;

  std::array<BitModel, 1u << kWidthBits> widths_;
  std::array<std::array<BitModel, kBelowNodes>, kEscape + 1> below_;
};

}  // namespace tidemark::repo
