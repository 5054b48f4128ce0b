// SHA-256 and HMAC-SHA-256 (FIPS 180-4, RFC 2104), by OpenSSL.
//
// Digests are 32 raw bytes in a string; to_hex() of base/encoding.h makes them readable. A failure
// of the library is a broken invariant: there is no input that it may refuse.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>

struct evp_md_ctx_st;
struct evp_md_st;

namespace tidemark::crypto {

inline constexpr std::size_t kDigestBytes = 32;

std::string sha256(std::string_view bytes);

// The same, for messages that are many and short: it asks for no memory.
std::array<char, kDigestBytes> sha256_digest(std::string_view bytes);

std::string hmac_sha256(std::string_view key, std::string_view message);

// The digest of bytes that come in pieces. finish() ends it: nothing may follow.
class RunningDigest {
 public:
  void update(std::string_view bytes);
  std::string finish();

 protected:
  explicit RunningDigest(const evp_md_st* kind);

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

class Sha256 : public RunningDigest {
 public:
  Sha256();
};

// MD5 (RFC 1321): only for what others made with it, such as ETags of S3. 16 bytes.
class Md5 : public RunningDigest {
 public:
  Md5();
};

// Whether both are equal, in a time that tells nothing about where they differ.
bool equal_in_constant_time(std::string_view left, std::string_view right);

}  // namespace tidemark::crypto
