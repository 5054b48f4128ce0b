// JSON answers, read within limits: 16 MiB, 64 levels, 150,000 values; no key twice.
//
// The accessors never throw, unlike the library's own: what is absent or of another type is empty.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "base/result.h"

namespace tidemark::aws {

using Json = nlohmann::json;

// Fails with corrupt when it is not one JSON value or has a key twice, and with exhausted beyond
// the limits.
Result<Json> parse_json(std::string_view text);

// The text of a member, or empty when there is none or it is no text.
std::string text_member(const Json& object, std::string_view name);

// The number of a member, or nullopt when there is none or it is no whole number.
std::optional<std::int64_t> integer_member(const Json& object, std::string_view name);

// The member, or null.
const Json& member(const Json& object, std::string_view name);

}  // namespace tidemark::aws
