#include "postgres/conn/certificate.h"

#include <memory>

#include <fmt/format.h>
#include <libpq-fe.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

namespace tidemark::postgres {

std::string certificate_digest(pg_conn* connection) {
  auto* const tls = static_cast<SSL*>(PQsslStruct(connection, "OpenSSL"));
  if (tls == nullptr) return {};
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(SSL_get1_peer_certificate(tls),
                                                                X509_free);
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  if (certificate == nullptr || X509_digest(certificate.get(), EVP_sha256(), digest, &length) != 1)
    return {};
  std::string hex;
  for (unsigned i = 0; i < length; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

}  // namespace tidemark::postgres
