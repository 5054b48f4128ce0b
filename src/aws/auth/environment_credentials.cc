#include "aws/auth/environment_credentials.h"

#include <fmt/format.h>

namespace tidemark::aws {
namespace {

constexpr const char* kAccessKey = "AWS_ACCESS_KEY_ID";
constexpr const char* kSecretKey = "AWS_SECRET_ACCESS_KEY";
constexpr const char* kExpiry = "AWS_CREDENTIAL_EXPIRATION";

Error missing(const Environment& environment, const char* name, const char* other) {
  const char* const fault = environment.contains(name) ? "is set but empty" : "is not set";
  const std::string contrast =
      find_variable(environment, other) ? fmt::format(", while {} is set", other) : std::string();
  return Error{ErrorKind::denied, fmt::format("{} {}{}", name, fault, contrast),
               fmt::format("set {}, or unset both to use the next source of credentials", name)};
}

}  // namespace

Result<LinkAnswer> environment_credentials(const Environment& environment) {
  if (!environment.contains(kAccessKey) && !environment.contains(kSecretKey)) {
    return passed(fmt::format("{} and {} are not set", kAccessKey, kSecretKey));
  }
  const auto access_key = find_variable(environment, kAccessKey);
  if (!access_key) return missing(environment, kAccessKey, kSecretKey);
  const auto secret_key = find_variable(environment, kSecretKey);
  if (!secret_key) return missing(environment, kSecretKey, kAccessKey);

  // AWS_SECURITY_TOKEN is the name of old; tools that set it set both.
  auto token = find_variable(environment, "AWS_SESSION_TOKEN");
  if (!token) token = find_variable(environment, "AWS_SECURITY_TOKEN");
  std::optional<TimePoint> expires;
  if (const auto text = find_variable(environment, kExpiry)) {
    const auto time = parse_time(*text);
    if (!time) return in_context(kExpiry, Error{ErrorKind::denied, time.error().message});
    expires = *time;
  }
  return LinkAnswer{
      TRY(credentials_from({*access_key, *secret_key, token.value_or("")}, expires, "environment")),
      {}};
}

}  // namespace tidemark::aws
