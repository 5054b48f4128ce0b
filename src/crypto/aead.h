// Authenticated encryption: AES-256-GCM (NIST SP 800-38D, by OpenSSL) and XChaCha20-Poly1305
// (draft-irtf-cfrg-xchacha, by libsodium, for machines without AES instructions).
//
// The nonce is a counter, so a key must seal each counter at most once: docs/repository-format.md
// gives each object a key of its own. Thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace tidemark::crypto {

enum class Suite : std::uint8_t {
  aes256_gcm = 1,
  xchacha20_poly1305 = 2,
};

inline constexpr std::size_t kAeadKeyBytes = 32;
inline constexpr std::size_t kAeadTagBytes = 16;

bool known_suite(std::uint8_t suite);

// Ciphertext and tag. Adds them to the end of out, which spares a copy of large packs.
void aead_seal(Suite suite, const Secret& key, std::uint64_t counter, std::string_view aad,
               std::string_view plain, std::string& out);

// Fails with corrupt when anything differs: key, counter, aad, ciphertext or tag.
Result<std::string> aead_open(Suite suite, const Secret& key, std::uint64_t counter,
                              std::string_view aad, std::string_view sealed);

}  // namespace tidemark::crypto
