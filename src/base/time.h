// Points in time and lengths of time, and how they are written and read.
//
// All times are UTC. Local time exists only in schedule/, behind TimeZone.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tidemark {

using Millis = std::chrono::milliseconds;
using Seconds = std::chrono::seconds;
using TimePoint = std::chrono::sys_time<Millis>;

// RFC 3339 in UTC, whole seconds: "2026-11-22T02:00:00Z".
std::string format_time(TimePoint time);

// RFC 3339 with "Z" or an offset, fraction allowed: "2026-11-22T02:00:00.123Z". Fails with
// invalid_input. Years 1970 to 9999.
Result<TimePoint> parse_time(std::string_view text);

// "Sun, 22 Nov 2026 02:00:00 GMT", the Date header of HTTP (RFC 9110, section 5.6.7).
Result<TimePoint> parse_http_date(std::string_view text);

// A length of time as people write it: "90m", "36h", "7d", "5w", "13mo", "7y", "45s", and sums such
// as "1d12h". A month is 30 days and a year 365. A bare number, and a bare "m" for months, do not
// exist. Fails with invalid_input.
Result<Seconds> parse_duration(std::string_view text);

// The two largest units that say it: "3d 4h", "45s", "0s". Never rounds up.
std::string format_duration(Seconds duration);

}  // namespace tidemark
