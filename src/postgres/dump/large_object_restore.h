// Large objects made again: their content gathered in a temporary table, and the statements that
// give them back owner, comment and grants.
#pragma once

#include <string_view>

#include "postgres/conn/connection.h"

namespace tidemark::postgres {

// Of all large objects, in the order in which they are to be run: one statement a row, one column.
// They are made by the server from quoted names.
Result<Rows> large_object_statements(Connection& connection);

// Where content is gathered, as rows of oid, offset and bytes, within a transaction of the caller.
inline constexpr std::string_view kMakeGathered =
    "CREATE TEMPORARY TABLE tidemark_large_objects (oid oid, at bigint, data bytea) ON COMMIT DROP";
inline constexpr std::string_view kCopyGathered = "COPY pg_temp.tidemark_large_objects FROM STDIN";

// Makes objects of what was gathered. Fails with already_exists when one of their numbers is taken.
Status make_large_objects(Connection& connection);

}  // namespace tidemark::postgres
