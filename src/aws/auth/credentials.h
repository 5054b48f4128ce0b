// AWS credentials, and who provides them.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"

namespace tidemark::aws {

struct Credentials {
  std::string access_key_id;
  Secret secret_access_key;
  Secret session_token;              // empty for long-term keys
  std::optional<TimePoint> expires;  // absent for long-term keys
  std::string provider;              // which link answered: "environment", "profile prod", ...
};

// Gives credentials that are good for at least some minutes, fetching them anew before they expire.
// Thread-safe. Fails with denied when no link has any, naming what was tried.
class CredentialProvider {
 public:
  virtual ~CredentialProvider() = default;
  virtual Result<Credentials> get() = 0;

  // Throws away what is cached: the service said that it expired.
  virtual void forget() = 0;
};

}  // namespace tidemark::aws
