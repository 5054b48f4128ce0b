// Streams: a list of byte strings stored together, each in the cheapest way.
//
// A long stream is a zstd frame of its own, because its bytes are unlike those of the others. Short
// ones share a frame: each would cost more than it saves. What does not get smaller is stored as it
// is. docs/chunk-format.md, "Streams", is normative.
#pragma once

#include <memory>
#include <vector>

#include "repo/codec/byte_reader.h"
#include "repo/codec/number_coder.h"
#include "repo/codec/zstd_frames.h"

namespace tidemark::repo {

inline constexpr std::size_t kStreamsMax = 65536;

class StreamWriter {
 public:
  // The first stream: what is needed to read the others.
  Bytes& head() { return streams_[0]; }
  // The second one: all numbers that are coded by a model, in the order in which they are read.
  BitEncoder& numbers() { return numbers_; }
  void add(Bytes stream) { streams_.push_back(std::move(stream)); }
  std::size_t plain_bytes() const;
  std::size_t count() const { return streams_.size(); }

  // Appends all of them to out; nothing may be added after that.
  void write(ZstdFrames& zstd, int level, Bytes& out);

 private:
  BitEncoder numbers_;
  std::vector<Bytes> streams_ = std::vector<Bytes>(2);
};

// The streams restored, in their order. Readable past the end of each by kStreamSlack bytes, so
// that a decoder may copy in steps of 16.
class StreamReader {
 public:
  static constexpr std::size_t kStreamSlack = 64;

  // Fails with corrupt, also when they would hold more than plain_bytes_max together.
  static Result<StreamReader> open(ByteView stored, std::size_t plain_bytes_max, ZstdFrames& zstd);

  ByteReader& head() { return head_; }
  BitDecoder& numbers() { return numbers_; }

  // The stream after the last one that was given. When there is none, the head fails.
  ByteView next();
  bool at_end() const { return next_ == streams_.size(); }

 private:
  struct Range {
    std::size_t begin;
    std::size_t size;
  };

  ByteView stream(std::size_t index) const {
    return {arena_.get() + streams_[index].begin, streams_[index].size};
  }

  std::unique_ptr<char[]> arena_;  // all of them, one after the other
  std::vector<Range> streams_;
  std::size_t next_ = 2;
  ByteReader head_{ByteView()};
  BitDecoder numbers_;
};

}  // namespace tidemark::repo
