// The secret of a key file or a recovery sheet as text that a person can copy by hand.
//
// docs/repository-format.md#key-text is normative.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace tidemark::repo {

// Four lines, each with its own check characters. The secret has 32 bytes.
Secret format_key_text(const Secret& secret);

// Finds the four lines in a text that may hold other lines, in any case, with any blanks and
// hyphens. Fails with invalid_input and names the line that is wrong, missing or there twice.
Result<Secret> parse_key_text(std::string_view text);

}  // namespace tidemark::repo
