// Questions that only `doctor` asks of RDS: with whom a snapshot is shared, and whether a server
// insists on TLS.
#pragma once

#include <string>
#include <vector>

#include "aws/wire/query_client.h"

namespace tidemark::aws::rds {

// Account ids, or "all" for a public one. Fails with not_found.
Result<std::vector<std::string>> shared_with(QueryClient& query, const std::string& snapshot);

// The value of a parameter in a parameter group; empty when nobody set it. Fails with not_found
// when there is no such group or parameter.
Result<std::string> parameter_of(QueryClient& query, const std::string& group,
                                 const std::string& parameter);

}  // namespace tidemark::aws::rds
