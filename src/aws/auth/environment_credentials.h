// Credentials that stand in the environment: AWS_ACCESS_KEY_ID and its companions.
#pragma once

#include "aws/auth/credential_link.h"
#include "aws/auth/environment.h"

namespace tidemark::aws {

// Passes when neither key is set. Half a pair, or an empty variable, is denied: someone meant these
// keys to be used, and the next link would act as somebody else.
Result<LinkAnswer> environment_credentials(const Environment& environment);

}  // namespace tidemark::aws
