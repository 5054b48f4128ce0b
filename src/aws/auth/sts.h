// The Security Token Service: who we are, and sessions as somebody else.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "aws/auth/credentials.h"
#include "aws/auth/environment.h"
#include "aws/wire/xml.h"
#include "base/clock.h"
#include "net/http.h"
#include "net/url.h"

namespace tidemark::aws {

struct RoleRequest {
  std::string role_arn;
  std::string session_name;         // shows in CloudTrail; empty: one of our own
  std::string external_id;          // or empty
  std::optional<Seconds> duration;  // absent: an hour, the service's choice
};

struct CallerIdentity {
  std::string account;
  std::string arn;
  std::string user_id;
};

// Tries again, a few times, when the service is unavailable; otherwise fails with the service's own
// error (denied when the credentials or the role were refused) or with corrupt.
//
// The endpoint is AWS_ENDPOINT_URL_STS, AWS_ENDPOINT_URL, or the region's own; without a region,
// the global one. Thread-safe. Borrows transport and clock.
class Sts {
 public:
  Sts(const Environment& environment, const std::string& region, net::HttpTransport& transport,
      Clock& clock);

  Result<Credentials> assume_role(const Credentials& caller, const RoleRequest& role);

  // The token, from an identity provider that the role trusts, is the whole proof: nothing is
  // signed.
  Result<Credentials> assume_role_with_web_identity(const Secret& token, const RoleRequest& role);

  // Needs no permission, so it tells whether credentials are valid at all.
  Result<CallerIdentity> caller_identity(const Credentials& caller);

 private:
  Result<XmlDocument> call(const net::Fields& fields, const Credentials* caller);
  net::Fields role_fields(std::string_view action, const RoleRequest& role) const;

  const Result<std::string> url_;  // an error is told to whoever calls
  const std::string region_;       // that requests are signed for
  net::HttpTransport& transport_;
  Clock& clock_;
};

}  // namespace tidemark::aws
