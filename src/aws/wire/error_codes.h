// What the error codes of AWS mean to us.
#pragma once

#include <string_view>

#include "base/result.h"

namespace tidemark::aws {

// Sorts a code by a table, then by how AWS forms its codes ("...NotFound", "...QuotaExceeded"),
// then by the HTTP status. The code may be empty. Never unavailable for what will fail again.
ErrorKind kind_of_code(std::string_view code, int http_status);

// One sentence for the operator, or empty.
std::string_view hint_for_code(std::string_view code);

// All spellings of "slower, please".
bool is_throttling(std::string_view code);

// The session is over: with new credentials the same request may succeed.
bool is_expired_session(std::string_view code);

// How services refuse a signature whose time they do not believe, among other reasons.
bool may_be_clock_skew(std::string_view code);

}  // namespace tidemark::aws
