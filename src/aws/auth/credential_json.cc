#include "aws/auth/credential_json.h"

#include <fmt/format.h>

#include "aws/wire/json.h"
#include "base/remote_text.h"

namespace tidemark::aws {
namespace {

Error malformed(std::string_view origin, std::string_view fault) {
  return Error{ErrorKind::corrupt, fmt::format("{}: the credentials {}", origin, fault)};
}

Status check_dialect(const Json& json, CredentialJson dialect, std::string_view origin) {
  if (dialect == CredentialJson::process) {
    if (integer_member(json, "Version") == 1) return Done{};
    return malformed(origin, "are not of Version 1");
  }
  const std::string code = text_member(json, "Code");
  if (code.empty() || code == "Success") return Done{};
  return Error{ErrorKind::denied, fmt::format("{}: {}: {}", origin, clean_remote_text(code),
                                              clean_remote_text(text_member(json, "Message")))};
}

Result<std::optional<TimePoint>> expiry(const Json& json, CredentialJson dialect,
                                        std::string_view origin) {
  const Json& value = member(json, "Expiration");
  if (value.is_null() && dialect == CredentialJson::process) return std::optional<TimePoint>();
  const auto time = parse_time(text_member(json, "Expiration"));
  if (!time) return malformed(origin, "have no valid Expiration");
  return std::optional<TimePoint>(*time);
}

}  // namespace

Result<Credentials> decode_credentials(std::string_view text, CredentialJson dialect,
                                       std::string_view origin) {
  if (text.size() > kCredentialJsonBytesMax) return malformed(origin, "are too long");
  // The reader's own words could repeat a piece of a secret.
  const auto json = parse_json(text);
  if (!json) return malformed(origin, "are not valid JSON");
  if (!json->is_object()) return malformed(origin, "are not a JSON object");
  TRY(check_dialect(*json, dialect, origin));

  const char* const token_name = dialect == CredentialJson::process ? "SessionToken" : "Token";
  for (const char* const name : {"AccessKeyId", "SecretAccessKey"}) {
    if (text_member(*json, name).empty()) {
      return malformed(origin, fmt::format("have no {}", name));
    }
  }
  return credentials_from({text_member(*json, "AccessKeyId"), text_member(*json, "SecretAccessKey"),
                           text_member(*json, token_name)},
                          TRY(expiry(*json, dialect, origin)), origin);
}

}  // namespace tidemark::aws
