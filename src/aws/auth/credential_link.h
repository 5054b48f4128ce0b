// What one link of the credential chain answers when it is asked.
//
// A link that is not configured passes, and the chain asks the next one. A link that is configured
// and fails is an error, and ends the chain: going on would act as somebody else than was meant.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "aws/auth/credentials.h"
#include "base/result.h"

namespace tidemark::aws {

struct LinkAnswer {
  std::optional<Credentials> credentials;
  std::string why_not;  // when there are none: "AWS_ACCESS_KEY_ID is not set"
};

inline LinkAnswer passed(std::string why) { return LinkAnswer{std::nullopt, std::move(why)}; }

// A pair of keys as it stands in a file or in the environment.
struct KeyPair {
  std::string access_key_id;
  std::string secret_access_key;
  std::string session_token;
};

// The pair as credentials, its secrets registered with the log. Fails with denied when a part holds
// what cannot stand in a header. `origin` names where it came from, in the error and as provider.
Result<Credentials> credentials_from(KeyPair pair, std::optional<TimePoint> expires,
                                     std::string_view origin);

}  // namespace tidemark::aws
