// What a server's SQLSTATE means for us (PostgreSQL, appendix A).
#pragma once

#include <string_view>

#include "base/result.h"

namespace tidemark::postgres {

ErrorKind kind_of_sqlstate(std::string_view sqlstate);

}  // namespace tidemark::postgres
