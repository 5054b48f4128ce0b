// Keys from keys (HKDF-SHA-256, RFC 5869) and keys from passwords (Argon2id, RFC 9106, by
// libsodium).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace tidemark::crypto {

// At most 255 * 32 bytes.
Secret hkdf_sha256(const Secret& key, std::string_view salt, std::string_view info,
                   std::size_t bytes);

struct Argon2Cost {
  std::uint8_t passes = 3;
  std::uint32_t memory_kib = 256 * 1024;  // about a second, and fits a container of 512 MiB

  friend bool operator==(const Argon2Cost&, const Argon2Cost&) = default;
};

inline constexpr std::size_t kArgon2SaltBytes = 16;

// What a stored cost may ask for. Below is too cheap to guess; above is an attack on our memory.
inline constexpr Argon2Cost kArgon2CostMin{.passes = 2, .memory_kib = 64 * 1024};
inline constexpr Argon2Cost kArgon2CostMax{.passes = 16, .memory_kib = 2 * 1024 * 1024};

bool within_bounds(const Argon2Cost& cost);

// One lane, 32 bytes. Fails with invalid_input outside the bounds, and with exhausted when the
// memory is not there.
Result<Secret> argon2id(const Secret& password, std::string_view salt, const Argon2Cost& cost);

}  // namespace tidemark::crypto
