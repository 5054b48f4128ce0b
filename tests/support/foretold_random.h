// ForetoldRandom: the same bytes in each run, never the same twice in one. For golden bytes.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "crypto/hash.h"
#include "crypto/random.h"

namespace tidemark::test {

class ForetoldRandom final : public crypto::RandomSource {
 public:
  explicit ForetoldRandom(std::string seed = "seed") : seed_(std::move(seed)) {}

  std::string bytes(std::size_t count) override {
    std::string out;
    while (out.size() < count) {
      std::string block = seed_;
      put_le(block, next_++);
      out += crypto::sha256(block);
    }
    out.resize(count);
    return out;
  }

 private:
  std::string seed_;
  std::uint64_t next_ = 0;
};

}  // namespace tidemark::test
