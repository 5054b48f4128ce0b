// The canonical request: the text of a request that client and service both derive, and that
// Signature Version 4 signs. Specified in the AWS General Reference, "Create a canonical request".
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "net/http.h"
#include "net/url.h"

namespace tidemark::aws {

// How a service reads the path before it checks the signature.
enum class PathRule {
  normalised_and_encoded_again,  // every service but S3
  as_sent,                       // S3, where "//" and "/../" are keys
};

struct CanonicalRequest {
  std::string text;
  std::string signed_headers;  // "host;x-amz-date"
};

// payload_hash: hexadecimal SHA-256 of the body, or "UNSIGNED-PAYLOAD".
//
// Signs every header but those that a proxy may change on the way. Fails with invalid_input on what
// client and service could read differently: a broken escape, a raw '+' in the query, a header with
// a control byte.
Result<CanonicalRequest> canonical_request(std::string_view method, const net::Url& url,
                                           const net::Headers& headers, PathRule path_rule,
                                           std::string_view payload_hash);

}  // namespace tidemark::aws
