#include "crypto/hash.h"

// OpenSSL 3 would rather have EVP_Digest(), which takes 200 ns more for each message.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include "base/result.h"

namespace tidemark::crypto {
namespace {

unsigned char* writable(std::string& bytes) {
  return reinterpret_cast<unsigned char*>(bytes.data());
}

const unsigned char* readable(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

}  // namespace

std::array<char, kDigestBytes> sha256_digest(std::string_view bytes) {
  static_assert(kDigestBytes == SHA256_DIGEST_LENGTH);
  std::array<char, kDigestBytes> digest{};
  SHA256_CTX context;
  CHECK(SHA256_Init(&context));
  CHECK(SHA256_Update(&context, bytes.data(), bytes.size()));
  CHECK(SHA256_Final(reinterpret_cast<unsigned char*>(digest.data()), &context));
  return digest;
}

std::string sha256(std::string_view bytes) {
  const auto digest = sha256_digest(bytes);
  return {digest.begin(), digest.end()};
}

std::string hmac_sha256(std::string_view key, std::string_view message) {
  std::string digest(kDigestBytes, '\0');
  unsigned length = 0;
  // A null key means "the key of the call before" to OpenSSL, so an empty one needs an address.
  const char* const key_bytes = key.empty() ? "" : key.data();
  CHECK(HMAC(EVP_sha256(), key_bytes, static_cast<int>(key.size()), readable(message),
             message.size(), writable(digest), &length) != nullptr);
  CHECK(length == kDigestBytes);
  return digest;
}

void RunningDigest::Free::operator()(evp_md_ctx_st* context) const { EVP_MD_CTX_free(context); }

RunningDigest::RunningDigest(const evp_md_st* kind) : context_(EVP_MD_CTX_new()) {
  CHECK(context_ != nullptr);
  CHECK(EVP_DigestInit_ex(context_.get(), kind, nullptr));
}

void RunningDigest::update(std::string_view bytes) {
  CHECK(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()));
}

std::string RunningDigest::finish() {
  std::string digest(EVP_MAX_MD_SIZE, '\0');
  unsigned length = 0;
  CHECK(EVP_DigestFinal_ex(context_.get(), writable(digest), &length));
  digest.resize(length);
  return digest;
}

Sha256::Sha256() : RunningDigest(EVP_sha256()) {}
Md5::Md5() : RunningDigest(EVP_md5()) {}

bool equal_in_constant_time(std::string_view left, std::string_view right) {
  return left.size() == right.size() && CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

}  // namespace tidemark::crypto
