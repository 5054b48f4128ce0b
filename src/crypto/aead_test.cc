#include "crypto/aead.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "base/encoding.h"
#include "tests/support/soak.h"

namespace tidemark::crypto {
namespace {

constexpr std::uint64_t kLastCounter = ~std::uint64_t{0};

Secret ascending_key() {
  std::string key;
  for (char c = 0; c < 32; ++c) key += c;
  return Secret(key);
}

std::string sealed_hex(Suite suite, const Secret& key, std::uint64_t counter, std::string_view aad,
                       std::string_view plain) {
  std::string out;
  aead_seal(suite, key, counter, aad, plain, out);
  return to_hex(out);
}

TEST(Aead, GcmMatchesTheVectorsOfItsSpecification) {
  // The GCM specification's test cases 13 and 14.
  const Secret zeros(std::string(32, '\0'));
  EXPECT_EQ(sealed_hex(Suite::aes256_gcm, zeros, 0, "", ""), "530f8afbc74536b9a963b4f1c4cb738b");
  EXPECT_EQ(sealed_hex(Suite::aes256_gcm, zeros, 0, "", std::string(16, '\0')),
            "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919");
}

TEST(Aead, MatchesAnIndependentImplementation) {
  // Python's cryptography for GCM and ChaCha20-Poly1305; HChaCha20 by hand, checked against the
  // draft's own vector.
  EXPECT_EQ(sealed_hex(Suite::aes256_gcm, ascending_key(), 1, "header", "rows of a table"),
            "9043f54c84c08a272b2471a25eaded6b0c44e118479d14e7b145033feece27");
  EXPECT_EQ(sealed_hex(Suite::aes256_gcm, ascending_key(), kLastCounter, "header", ""),
            "f2ad1fc10d1d194dcad4cdd8b71231d2");
  EXPECT_EQ(sealed_hex(Suite::xchacha20_poly1305, ascending_key(), 1, "header", "rows of a table"),
            "c86c0c24b972eda733a75c089b0a82483c90a5d938e293b5a73d17e0f76106");
  EXPECT_EQ(sealed_hex(Suite::xchacha20_poly1305, ascending_key(), kLastCounter, "header", ""),
            "c7cda1ca938a52e32a4f9ffd31e77d73");
}

class AeadOfEachSuite : public testing::TestWithParam<Suite> {};
INSTANTIATE_TEST_SUITE_P(All, AeadOfEachSuite,
                         testing::Values(Suite::aes256_gcm, Suite::xchacha20_poly1305));

TEST_P(AeadOfEachSuite, OpensWhatItSealed) {
  test::check_property(100, [&](std::string plain, std::string aad, std::uint64_t counter) {
    std::string sealed;
    aead_seal(GetParam(), ascending_key(), counter, aad, plain, sealed);
    const auto opened = aead_open(GetParam(), ascending_key(), counter, aad, sealed);
    RC_ASSERT(opened && *opened == plain);
  });
}

TEST_P(AeadOfEachSuite, RefusesEveryFlippedBit) {
  std::string sealed;
  aead_seal(GetParam(), ascending_key(), 7, "header", "rows", sealed);
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    std::string forged = sealed;
    forged[bit / 8] = static_cast<char>(forged[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(aead_open(GetParam(), ascending_key(), 7, "header", forged)) << bit;
  }
}

TEST_P(AeadOfEachSuite, RefusesEveryTruncation) {
  std::string sealed;
  aead_seal(GetParam(), ascending_key(), 7, "header", "rows", sealed);
  for (std::size_t length = 0; length < sealed.size(); ++length)
    EXPECT_FALSE(aead_open(GetParam(), ascending_key(), 7, "header", sealed.substr(0, length)));
}

TEST_P(AeadOfEachSuite, RefusesAnotherContext) {
  std::string sealed;
  aead_seal(GetParam(), ascending_key(), 7, "header", "rows", sealed);
  EXPECT_FALSE(aead_open(GetParam(), ascending_key(), 8, "header", sealed));
  EXPECT_FALSE(aead_open(GetParam(), ascending_key(), 7, "Header", sealed));
  EXPECT_FALSE(aead_open(GetParam(), Secret(std::string(32, 'k')), 7, "header", sealed));
}

TEST_P(AeadOfEachSuite, AuthenticatesAnEmptyPlaintext) {
  std::string sealed;
  aead_seal(GetParam(), ascending_key(), 0, "header", "", sealed);
  EXPECT_TRUE(aead_open(GetParam(), ascending_key(), 0, "header", sealed));
  sealed[0] = static_cast<char>(sealed[0] ^ 1);
  EXPECT_FALSE(aead_open(GetParam(), ascending_key(), 0, "header", sealed));
}

TEST(Aead, KnowsItsSuites) {
  EXPECT_TRUE(known_suite(1));
  EXPECT_TRUE(known_suite(2));
  EXPECT_FALSE(known_suite(0));
  EXPECT_FALSE(known_suite(3));
}

}  // namespace
}  // namespace tidemark::crypto
