// A JSON string literal, quotes included; invalid UTF-8 becomes U+FFFD.
#pragma once

#include <string>
#include <string_view>

namespace tidemark {

std::string json_text(std::string_view text);

}  // namespace tidemark
