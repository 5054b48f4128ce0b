// RandomSource: where unpredictable bytes come from. Passed in, so that tests can foretell them.
#pragma once

#include <string>

namespace tidemark::crypto {

// Thread-safe.
class RandomSource {
 public:
  virtual ~RandomSource() = default;

  // Never fails: a system without randomness is a broken invariant.
  virtual std::string bytes(std::size_t count) = 0;
};

// The kernel's generator, by way of OpenSSL.
class SystemRandom final : public RandomSource {
 public:
  std::string bytes(std::size_t count) override;
};

}  // namespace tidemark::crypto
