// Where a service answers.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/http.h"

namespace tidemark::aws {

// Shaped like a region of AWS, "eu-west-1": nothing that could lead to another host.
bool is_region(std::string_view text);

// "https://rds.eu-west-1.amazonaws.com", with the domain of the region's partition; or the override
// (AWS_ENDPOINT_URL_RDS, else AWS_ENDPOINT_URL) when it is not empty. Never ends in "/". Fails with
// invalid_input.
Result<std::string> endpoint_of(std::string_view service, std::string_view region,
                                std::string_view override_url);

// The region in which S3 says that the bucket is, when it redirects (301, 307) or refuses a
// signature for another region (400). The one redirect that may be followed: to endpoint_of() that
// region, never to what Location names.
std::optional<std::string> region_hint(const net::HttpResponse& response);

}  // namespace tidemark::aws
