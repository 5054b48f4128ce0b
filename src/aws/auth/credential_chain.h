// The credential chain: the places where AWS tools look for credentials, in botocore's order.
//
//   1. AWS_ACCESS_KEY_ID and its companions, unless the operator chose a profile
//   2. the profile: a role to assume, web identity, ~/.aws/credentials, credential_process,
//      ~/.aws/config (profile_credentials.h)
//   3. the container's agent
//   4. the instance's role
//
// The first link that is configured answers, for good: later on only that link is asked again. One
// that is configured and fails ends the search, so that a slip never makes us somebody else.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "aws/auth/credential_link.h"
#include "aws/auth/environment.h"
#include "aws/auth/profile_credentials.h"
#include "aws/auth/refreshing_credentials.h"
#include "aws/auth/sts.h"
#include "base/clock.h"
#include "net/http.h"

namespace tidemark::aws {

struct CredentialChainOptions {
  Environment environment;
  std::string profile;  // the operator's own choice, which beats keys in the environment; or empty
  std::string region;   // whose STS is asked; empty: the global one
};

// Thread-safe. Borrows all but the options.
class CredentialChain final : public CredentialProvider {
 public:
  CredentialChain(CredentialChainOptions options, net::HttpTransport& transport, Clock& clock,
                  const StopSignal& stop);

  // Fails with denied when no link is configured, and with the error of the one that is. Errors
  // hold no secrets.
  Result<Credentials> get() override { return kept_.get(); }
  void forget() override { kept_.forget(); }

 private:
  Result<Credentials> fetch();
  Result<Credentials> search();
  Result<LinkAnswer> ask(std::size_t link);
  Result<LinkAnswer> ask_profile(ProfileLink link);

  const CredentialChainOptions options_;
  net::HttpTransport& transport_;
  Clock& clock_;
  const StopSignal& stop_;
  Sts sts_;
  // The link that answered. Only fetch() uses it, which runs in one thread at a time.
  std::optional<std::size_t> winner_;
  RefreshingCredentials kept_;
};

}  // namespace tidemark::aws
