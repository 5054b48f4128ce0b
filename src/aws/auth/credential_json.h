// Credentials as JSON: what a credential process prints, and what the metadata services answer.
#pragma once

#include <string_view>

#include "aws/auth/credential_link.h"

namespace tidemark::aws {

enum class CredentialJson {
  process,  // "Version": 1, "SessionToken"; Expiration may be absent
  metadata  // "Token"; Expiration is there; or "Code" and "Message" of a refusal
};

inline constexpr std::size_t kCredentialJsonBytesMax = 64 << 10;

// Fails with corrupt, naming the member at fault and nothing else of the text; with denied when the
// text is a refusal.
Result<Credentials> decode_credentials(std::string_view text, CredentialJson dialect,
                                       std::string_view origin);

}  // namespace tidemark::aws
