// A database as people name it: a URL or libpq's "host=... dbname=...", and what goes without
// saying for someone who uses psql.
//
// What the text leaves open comes from the service it names, then from PG* variables, then for the
// password from the password file, as with libpq. Three things are not as with libpq: nothing else
// is read from files, the certificate is verified unless something says otherwise, and a setting
// that we would not heed is an error.
#pragma once

#include <map>
#include <string>

#include "postgres/conn/options.h"

namespace tidemark::postgres {

using Environment = std::map<std::string, std::string>;

// "postgresql://..." or "postgres://...", or with "=" in it.
bool is_connection_text(const std::string& text);

// Fails with invalid_input, or with what reading a file gave.
Result<ConnectionOptions> parse_connection_text(const std::string& text,
                                                const Environment& environment);

// The password that a password file (libpq's ~/.pgpass) has for this connection, or an empty one.
Secret password_in(std::string_view password_file, const ConnectionOptions& options);

}  // namespace tidemark::postgres
