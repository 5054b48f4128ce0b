// Signature Version 4: proves to AWS who sends a request, without sending the secret.
//
// What is signed is what is sent: the path, the query and the headers as they stand in the request
// when it is handed to the transport. Specified in the AWS General Reference, "Signature Version
// 4".
#pragma once

#include <string>
#include <string_view>

#include "aws/auth/credentials.h"
#include "base/result.h"
#include "base/time.h"
#include "net/http.h"

namespace tidemark::aws {

struct SigningScope {
  std::string region;
  std::string service;  // "rds", "sts", "s3", ...; S3 has rules of its own
};

enum class PayloadSigning {
  hashed,    // the body is covered by the signature
  unsigned_  // S3 over TLS only: for a body too large to be read twice
};

struct SigningOptions {
  PayloadSigning payload = PayloadSigning::hashed;
};

// Adds Host, X-Amz-Date, X-Amz-Security-Token (with a session), X-Amz-Content-Sha256 (S3) and
// Authorization. Signing again, as a retry must, replaces them.
//
// Fails with invalid_input when client and service could read the request differently (see
// canonical_request.h), or an unsigned payload is asked of a service or scheme that has none; the
// request is then unchanged.
Status sign(net::HttpRequest& request, const Credentials& credentials, const SigningScope& scope,
            TimePoint now, const SigningOptions& options = {});

// The longest life that AWS gives a presigned URL.
inline constexpr Seconds kPresignedLifeMax{7 * 24 * 3600};

// The URL with the signature in its query: who has it may send this one request, with no header but
// Host, until `life` is over. It is therefore a secret. Without its scheme, one for service
// "rds-db" is the password of a database user.
Result<Secret> presign_url(std::string_view method, std::string_view url,
                           const Credentials& credentials, const SigningScope& scope, TimePoint now,
                           Seconds life);

}  // namespace tidemark::aws
