#include "crypto/aead.h"

#include <memory>

#include <openssl/evp.h>
#include <sodium.h>

#include "base/bytes.h"

namespace tidemark::crypto {
namespace {

constexpr std::size_t kGcmNonceBytes = 12;

struct FreeCipher {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Cipher = std::unique_ptr<EVP_CIPHER_CTX, FreeCipher>;

unsigned char* writable(char* bytes) { return reinterpret_cast<unsigned char*>(bytes); }

const unsigned char* readable(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

Bytes nonce_of(std::uint64_t counter, std::size_t bytes) {
  Bytes nonce;
  put_le(nonce, counter);
  nonce.resize(bytes, '\0');
  return nonce;
}

// OpenSSL takes lengths as int; what we seal is far smaller.
int length_of(std::string_view bytes) {
  CHECK(bytes.size() <= 1u << 30);
  return static_cast<int>(bytes.size());
}

void gcm_seal(const Secret& key, std::uint64_t counter, std::string_view aad,
              std::string_view plain, char* out) {
  const Cipher cipher(EVP_CIPHER_CTX_new());
  const Bytes nonce = nonce_of(counter, kGcmNonceBytes);
  int length = 0;
  CHECK(cipher != nullptr);
  CHECK(EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, readable(key.reveal()),
                           readable(nonce)) == 1);
  CHECK(EVP_EncryptUpdate(cipher.get(), nullptr, &length, readable(aad), length_of(aad)) == 1);
  CHECK(EVP_EncryptUpdate(cipher.get(), writable(out), &length, readable(plain),
                          length_of(plain)) == 1);
  CHECK(EVP_EncryptFinal_ex(cipher.get(), writable(out) + length, &length) == 1);
  CHECK(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_GET_TAG, kAeadTagBytes,
                            out + plain.size()) == 1);
}

// Only Update and Final, and the result of Final decides: other ways into OpenSSL have skipped the
// tag of an empty ciphertext.
bool gcm_open(const Secret& key, std::uint64_t counter, std::string_view aad,
              std::string_view ciphertext, std::string_view tag, char* out) {
  const Cipher cipher(EVP_CIPHER_CTX_new());
  const Bytes nonce = nonce_of(counter, kGcmNonceBytes);
  Bytes expected(tag);
  int length = 0;
  CHECK(cipher != nullptr);
  CHECK(EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, readable(key.reveal()),
                           readable(nonce)) == 1);
  CHECK(EVP_DecryptUpdate(cipher.get(), nullptr, &length, readable(aad), length_of(aad)) == 1);
  CHECK(EVP_DecryptUpdate(cipher.get(), writable(out), &length, readable(ciphertext),
                          length_of(ciphertext)) == 1);
  CHECK(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_SET_TAG, kAeadTagBytes, expected.data()) ==
        1);
  return EVP_DecryptFinal_ex(cipher.get(), writable(out) + length, &length) == 1;
}

void xchacha_seal(const Secret& key, std::uint64_t counter, std::string_view aad,
                  std::string_view plain, char* out) {
  CHECK(sodium_init() >= 0);
  const Bytes nonce = nonce_of(counter, crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
  CHECK(crypto_aead_xchacha20poly1305_ietf_encrypt(writable(out), nullptr, readable(plain),
                                                   plain.size(), readable(aad), aad.size(), nullptr,
                                                   readable(nonce), readable(key.reveal())) == 0);
}

bool xchacha_open(const Secret& key, std::uint64_t counter, std::string_view aad,
                  std::string_view sealed, char* out) {
  CHECK(sodium_init() >= 0);
  const Bytes nonce = nonce_of(counter, crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
  return crypto_aead_xchacha20poly1305_ietf_decrypt(
             writable(out), nullptr, nullptr, readable(sealed), sealed.size(), readable(aad),
             aad.size(), readable(nonce), readable(key.reveal())) == 0;
}

}  // namespace

bool known_suite(std::uint8_t suite) {
  return suite == static_cast<std::uint8_t>(Suite::aes256_gcm) ||
         suite == static_cast<std::uint8_t>(Suite::xchacha20_poly1305);
}

void aead_seal(Suite suite, const Secret& key, std::uint64_t counter, std::string_view aad,
               std::string_view plain, std::string& out) {
  CHECK(key.reveal().size() == kAeadKeyBytes);
  const std::size_t at = out.size();
  out.resize(at + plain.size() + kAeadTagBytes);
  if (suite == Suite::aes256_gcm)
    gcm_seal(key, counter, aad, plain, out.data() + at);
  else
    xchacha_seal(key, counter, aad, plain, out.data() + at);
}

Result<std::string> aead_open(Suite suite, const Secret& key, std::uint64_t counter,
                              std::string_view aad, std::string_view sealed) {
  CHECK(key.reveal().size() == kAeadKeyBytes);
  const Error forged{ErrorKind::corrupt, "sealed bytes fail their authentication"};
  if (sealed.size() < kAeadTagBytes) return forged;
  const std::size_t length = sealed.size() - kAeadTagBytes;
  std::string plain(length, '\0');
  const bool opened = suite == Suite::aes256_gcm
                          ? gcm_open(key, counter, aad, sealed.substr(0, length),
                                     sealed.substr(length), plain.data())
                          : xchacha_open(key, counter, aad, sealed, plain.data());
  if (!opened) return forged;
  return plain;
}

}  // namespace tidemark::crypto
