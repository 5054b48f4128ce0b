// Credentials of the role of an EC2 instance, from its metadata service (IMDSv2 only).
#pragma once

#include "aws/auth/credential_link.h"
#include "aws/auth/environment.h"
#include "base/clock.h"
#include "net/http.h"

namespace tidemark::aws {

// The last link: on a machine that is no instance it costs one second. Passes when there is no
// metadata service, no role, or AWS_EC2_METADATA_DISABLED is "true". Once the service gave a token,
// a failure is an error.
//
// AWS_EC2_METADATA_SERVICE_ENDPOINT, AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE ("ipv6"),
// AWS_METADATA_SERVICE_TIMEOUT (seconds) and AWS_METADATA_SERVICE_NUM_ATTEMPTS are heeded.
Result<LinkAnswer> instance_credentials(const Environment& environment,
                                        net::HttpTransport& transport);

}  // namespace tidemark::aws
