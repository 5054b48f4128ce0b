// FixedCredentials: credentials that never expire; forgetting them is counted in the session token.
#pragma once

#include <string>

#include "aws/auth/credentials.h"

namespace tidemark::test {

class FixedCredentials final : public aws::CredentialProvider {
 public:
  Result<aws::Credentials> get() override {
    return aws::Credentials{.access_key_id = "key",
                            .secret_access_key = Secret("secret"),
                            .session_token = Secret("token" + std::to_string(generation)),
                            .provider = "test"};
  }
  void forget() override { ++generation; }

  int generation = 1;
};

}  // namespace tidemark::test
