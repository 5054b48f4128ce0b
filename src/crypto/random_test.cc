#include "crypto/random.h"

#include <set>

#include <gtest/gtest.h>

namespace tidemark::crypto {
namespace {

TEST(Random, GivesAsManyBytesAsAsked) {
  SystemRandom random;
  for (const std::size_t count : {0u, 1u, 16u, 4096u}) {
    EXPECT_EQ(random.bytes(count).size(), count);
  }
}

TEST(Random, DoesNotRepeatItself) {
  SystemRandom random;
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(seen.insert(random.bytes(16)).second);
}

}  // namespace
}  // namespace tidemark::crypto
