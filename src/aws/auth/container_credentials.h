// Credentials from the agent beside a container: ECS task roles and EKS pod identity.
#pragma once

#include "aws/auth/credential_link.h"
#include "aws/auth/environment.h"
#include "base/clock.h"
#include "net/http.h"

namespace tidemark::aws {

// Passes when neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor .._FULL_URI is set. A full URI
// must be https, or lead to this machine or to the agents' own addresses: anything else could
// collect the authorization token. It is denied.
Result<LinkAnswer> container_credentials(const Environment& environment,
                                         net::HttpTransport& transport, Clock& clock);

}  // namespace tidemark::aws
