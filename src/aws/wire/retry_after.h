// When a service wants to be asked again.
#pragma once

#include <optional>

#include "base/time.h"
#include "net/http.h"

namespace tidemark::aws {

// How long the service asks us to wait (RFC 9110, section 10.2.3), or nullopt.
std::optional<Millis> retry_after_of(const net::Headers& headers, TimePoint now);

}  // namespace tidemark::aws
