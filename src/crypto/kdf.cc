#include "crypto/kdf.h"

#include <fmt/format.h>
#include <sodium.h>

#include "crypto/hash.h"

namespace tidemark::crypto {

Secret hkdf_sha256(const Secret& key, std::string_view salt, std::string_view info,
                   std::size_t bytes) {
  CHECK(bytes <= 255 * kDigestBytes);
  const Secret extracted(hmac_sha256(salt, key.reveal()));
  std::string block;
  std::string out;
  for (char counter = 1; out.size() < bytes; ++counter) {
    block = hmac_sha256(extracted.reveal(), block + std::string(info) + counter);
    out += block;
  }
  out.resize(bytes);
  return Secret(std::move(out));
}

bool within_bounds(const Argon2Cost& cost) {
  return cost.passes >= kArgon2CostMin.passes && cost.passes <= kArgon2CostMax.passes &&
         cost.memory_kib >= kArgon2CostMin.memory_kib &&
         cost.memory_kib <= kArgon2CostMax.memory_kib;
}

Result<Secret> argon2id(const Secret& password, std::string_view salt, const Argon2Cost& cost) {
  static_assert(kArgon2SaltBytes == crypto_pwhash_SALTBYTES);
  CHECK(salt.size() == kArgon2SaltBytes);
  CHECK(sodium_init() >= 0);
  if (!within_bounds(cost))
    return Error{ErrorKind::invalid_input,
                 fmt::format("a password cost of {} passes over {} KiB is out of bounds",
                             cost.passes, cost.memory_kib)};
  std::string key(kDigestBytes, '\0');
  const std::string_view text = password.reveal();
  if (crypto_pwhash(reinterpret_cast<unsigned char*>(key.data()), key.size(), text.data(),
                    text.size(), reinterpret_cast<const unsigned char*>(salt.data()), cost.passes,
                    std::size_t{cost.memory_kib} * 1024, crypto_pwhash_ALG_ARGON2ID13) != 0)
    return Error{ErrorKind::exhausted,
                 fmt::format("no {} MiB of memory for the password", cost.memory_kib / 1024),
                 "free memory, or open the repository with its key file"};
  return Secret(std::move(key));
}

}  // namespace tidemark::crypto
