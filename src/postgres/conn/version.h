// The version of libpq that this process really runs with: "15.14".
#pragma once

#include <string>

namespace tidemark::postgres {

std::string client_version();

}  // namespace tidemark::postgres
