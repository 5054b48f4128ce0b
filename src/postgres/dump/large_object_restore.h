// The content of large objects that exist already: gathered in a temporary table, then written by
// the server.
#pragma once

#include <string_view>

#include "postgres/conn/connection.h"

namespace tidemark::postgres {

// Where content is gathered, as rows of oid, offset and bytes, within a transaction of the caller.
inline constexpr std::string_view kMakeGathered =
    "CREATE TEMPORARY TABLE tidemark_large_objects (oid oid, at bigint, data bytea) ON COMMIT DROP";
inline constexpr std::string_view kCopyGathered = "COPY pg_temp.tidemark_large_objects FROM STDIN";

// Writes what was gathered. Fails with not_found when one of the objects is missing.
Status write_gathered(Connection& connection);

}  // namespace tidemark::postgres
