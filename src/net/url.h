// URLs as this program uses them: absolute, http or https, ASCII, without user names or fragments.
//
// Stricter than RFC 3986 on purpose: what is signed must be what is sent, byte for byte, and a
// configured endpoint must not be able to mean another host to libcurl than it means to us.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace tidemark::net {

struct Url {
  std::string scheme;      // "http" or "https"
  std::string host;        // lower case; an IPv6 address without its brackets
  std::uint16_t port = 0;  // the scheme's own when none was written
  std::string path;        // as written, "/" when there was none
  std::string query;       // as written, without the question mark

  // The Host header: brackets around IPv6, the port only when it is not the scheme's own.
  std::string authority() const;
};

// Fails with invalid_input. The message never repeats the query, which may carry a signature.
Result<Url> parse_url(std::string_view text);

// This very machine: "localhost", 127.0.0.0/8 or ::1.
bool is_loopback(std::string_view host);

// Everything but A-Z a-z 0-9 - . _ ~ as %XX in upper case, which is what SigV4 demands.
std::string percent_encode(std::string_view text);

// The same, leaving "/" alone.
std::string percent_encode_path(std::string_view path);

// Fails with invalid_input on a "%" without two hexadecimal digits. "+" stays a plus.
Result<std::string> percent_decode(std::string_view text);

using Fields = std::vector<std::pair<std::string, std::string>>;

// "a=1&b=2%20x", in the order given. A space becomes %20: both forms are valid in a body, and only
// this one in a signed query.
std::string form_encode(const Fields& fields);

}  // namespace tidemark::net
