// The certificate that a server showed: no two servers have the same one, so it tells, even without
// a password, whether two addresses lead to one server.
#pragma once

#include <string>

struct pg_conn;  // libpq's

namespace tidemark::postgres {

// SHA-256 of it, in hex; empty as long as there is no TLS.
std::string certificate_digest(pg_conn* connection);

}  // namespace tidemark::postgres
