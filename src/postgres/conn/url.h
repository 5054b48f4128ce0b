// A database by its URL or connection string, as PostgreSQL's programs take it.
#pragma once

#include <string>

#include "postgres/conn/options.h"

namespace tidemark::postgres {

// "postgresql://user:password@host:5432/database?sslmode=verify-full&sslrootcert=/ca.pem", or
// "host=/run/postgresql dbname=shop". What is not said has its default of ConnectionOptions, except
// that a local socket needs no TLS. Fails with invalid_input; the message never holds the password.
Result<ConnectionOptions> options_from_url(const std::string& url);

// Whether the text is meant as one: it has "://" or "=".
bool looks_like_url(std::string_view text);

}  // namespace tidemark::postgres
