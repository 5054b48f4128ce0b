#include "crypto/kdf.h"

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace tidemark::crypto {
namespace {

constexpr Argon2Cost kCheapest = kArgon2CostMin;

std::string ascending(char from, char to) {
  std::string bytes;
  for (int c = from; c <= to; ++c) bytes += static_cast<char>(c);
  return bytes;
}

TEST(Hkdf, MatchesRfc5869) {
  // Appendix A.1 and A.3.
  const Secret key(std::string(22, '\x0b'));
  std::string info;
  for (int c = 0xf0; c <= 0xf9; ++c) info += static_cast<char>(c);
  EXPECT_EQ(to_hex(hkdf_sha256(key, ascending(0, 12), info, 42).reveal()),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
  EXPECT_EQ(to_hex(hkdf_sha256(key, "", "", 42).reveal()),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

TEST(Argon2id, MatchesAnIndependentImplementation) {
  // OpenSSL 3.5's Argon2id by way of Python's cryptography.
  const auto key = argon2id(Secret("correct horse battery staple"), ascending(0, 15), kCheapest);
  ASSERT_TRUE(key);
  EXPECT_EQ(to_hex(key->reveal()),
            "c05ce4c4dd7e0e45ee6011cc59d068ade47df1b01fc0cf9cd4678bdf68a5b7b0");
}

TEST(Argon2id, RefusesACostOutOfBoundsBeforeItAllocates) {
  const std::string salt(kArgon2SaltBytes, 's');
  for (const Argon2Cost cost :
       {Argon2Cost{.passes = 1, .memory_kib = 65536}, Argon2Cost{.passes = 17, .memory_kib = 65536},
        Argon2Cost{.passes = 2, .memory_kib = 65535},
        Argon2Cost{.passes = 2, .memory_kib = 0xffffffff}}) {
    const auto key = argon2id(Secret("password"), salt, cost);
    ASSERT_FALSE(key);
    EXPECT_EQ(key.error().kind, ErrorKind::invalid_input);
  }
}

}  // namespace
}  // namespace tidemark::crypto
