// The parts of an absolute URL that signing looks at, and percent-encoding (RFC 3986, section 2).
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace tidemark::aws {

struct UrlParts {
  std::string scheme;  // "http" or "https"
  std::string host;    // lower case; an IPv6 address keeps its brackets
  std::string port;    // as written, or empty
  std::string path;    // encoded, as it stands in the URL; may be empty
  std::string query;   // encoded, as it stands in the URL, without '?'
};

// Fails with invalid_input, naming the fault but not the URL: it may carry a token. A user name, a
// fragment and control bytes are refused.
Result<UrlParts> split_url(std::string_view url);

// What a client sends as Host: the port only when it is not the scheme's own.
std::string host_header(const UrlParts& url);

// Everything but A-Z a-z 0-9 - . _ ~ as %XX, in upper case: the one spelling that every AWS service
// agrees on.
std::string percent_encode(std::string_view bytes);

// The same, with '/' left as it is: a path made of decoded bytes, such as an object key.
std::string percent_encode_path(std::string_view bytes);

}  // namespace tidemark::aws
