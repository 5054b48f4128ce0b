// Bytes as text: hexadecimal and Base64 (RFC 4648, sections 4 and 8).
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace tidemark {

std::string to_hex(std::string_view bytes);  // lower case

std::string to_base64(std::string_view bytes);  // padded
// Fails with corrupt on anything but canonical, padded Base64.
Result<std::string> from_base64(std::string_view text);

}  // namespace tidemark
