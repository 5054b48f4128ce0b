// Sequences of integers, as planes: all lowest bytes, then all second bytes, and so on.
//
// The bytes of one plane resemble each other, those of one number do not. Numbers are counted from
// their least one, in their greatest common unit, and stored as they are or as the steps between
// them, whichever looks smaller. A short sequence has no use for planes: it goes to the modelled
// numbers. docs/chunk-format.md, "Integers", is normative.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "repo/codec/streams.h"

namespace tidemark::repo {

// Values may differ by up to 2^63 - 1.
void write_integers(std::span<const std::int64_t> values, StreamWriter& streams);

// Gives the integers back in order. Borrows the streams.
class IntegerReader {
 public:
  IntegerReader() = default;
  // The head fails when the streams do not fit count values.
  IntegerReader(StreamReader& streams, std::size_t count);

  // No more than were announced.
  void read(std::span<std::int64_t> values);

 private:
  void take(std::span<std::int64_t> values);

  std::array<const char*, 8> planes_{};
  unsigned width_ = 0;
  bool steps_ = false;
  std::vector<std::uint64_t> modelled_;  // a short sequence, read already
  bool short_ = false;
  bool started_ = false;
  std::size_t at_ = 0;  // in the planes
  std::uint64_t least_ = 0;
  std::uint64_t unit_ = 1;
  std::uint64_t least_step_ = 0;
  std::uint64_t last_ = 0;
};

}  // namespace tidemark::repo
