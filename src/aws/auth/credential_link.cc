#include "aws/auth/credential_link.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/log.h"

namespace tidemark::aws {
namespace {

bool fits_a_header(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

}  // namespace

Result<Credentials> credentials_from(KeyPair pair, std::optional<TimePoint> expires,
                                     std::string_view origin) {
  Credentials credentials{std::move(pair.access_key_id), Secret(std::move(pair.secret_access_key)),
                          Secret(std::move(pair.session_token)), expires, std::string(origin)};
  log::redact(credentials.secret_access_key);
  log::redact(credentials.session_token);

  const auto bad = [&](std::string_view part, std::string_view fault) {
    return Error{ErrorKind::denied, fmt::format("{}: the {} {}", origin, part, fault)};
  };
  const std::pair<std::string_view, std::string_view> parts[] = {
      {"access key id", credentials.access_key_id},
      {"secret access key", credentials.secret_access_key.reveal()},
      {"session token", credentials.session_token.reveal()}};
  for (const auto& [part, text] : parts) {
    if (text.empty() && part != "session token") return bad(part, "is empty");
    if (!fits_a_header(text)) return bad(part, "holds a space or a byte that no key has");
  }
  return credentials;
}

}  // namespace tidemark::aws
