// What S3's refusals mean to us, where it is not what the same code means elsewhere.
#pragma once

#include "base/result.h"
#include "net/http.h"

namespace tidemark::aws {

// For a response that is not a success. Never not_found when it is the bucket that is missing: then
// nothing is known of the object. Unavailable also when two conditional writes met, when the body
// was damaged on its way, and when an upload in parts was aborted by somebody else.
Error s3_error(const net::HttpResponse& response);

// The same, for an error that came with status 200.
Error in_terms_of_s3(Error error);

}  // namespace tidemark::aws
