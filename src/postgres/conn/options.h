// How to reach one database of one server.
//
// What stands here is all that counts. libpq would also take settings from PG* variables, password
// files, service files and ~/.postgresql; a connection to a restored instance must not depend on
// who runs it, so conn/ shuts each of them out.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/secret.h"
#include "base/time.h"

namespace tidemark::postgres {

enum class SslMode {
  verify_full,  // encrypted, to a server whose certificate is good for the name that we asked for
  verify_ca,    // the same, whatever the name
  require,      // encrypted, to anybody
  disable,      // for sockets, and for tests
};

// Where Debian keeps the certificates that the system trusts.
inline constexpr std::string_view kSystemCertificates = "/etc/ssl/certs/ca-certificates.crt";

struct ConnectionOptions {
  std::string host;      // a name, an address, or the folder of a local socket
  std::string hostaddr;  // an address to go to while the certificate is held against host, or empty
  std::uint16_t port = 5432;
  std::string database = "postgres";
  std::string user;
  Secret password;  // or empty
  // When set, asked for each connection instead: for tokens that soon expire. Thread-safe.
  std::function<Result<Secret>()> password_source;
  SslMode ssl_mode = SslMode::verify_full;
  std::string ssl_root_cert;  // a bundle in PEM; empty: what the system trusts
  // From the name to the first answer. A name is looked up by the system's resolver, which takes
  // its own time-out and cannot be interrupted.
  Millis connect_deadline{30'000};
  std::string application_name = "tidemark";
  bool read_only = true;  // default_transaction_read_only
};

// The one to use now.
inline Result<Secret> current_password(const ConnectionOptions& options) {
  return options.password_source ? options.password_source() : Result<Secret>(options.password);
}

}  // namespace tidemark::postgres
