// Large objects, out of and into a server, by SQL alone: the client library's own functions for
// them have let hostile servers write into a client's memory.
#pragma once

#include <string>
#include <string_view>

#include "postgres/conn/connection.h"

namespace tidemark::postgres {

// COPY of their content: oid, number of the piece, its bytes; pieces of 256 KiB.
inline constexpr std::string_view kCopyLargeObjects =
    "COPY (SELECT m.oid, p.i, lo_get(m.oid, p.i * 262144, 262144)"
    " FROM pg_catalog.pg_largeobject_metadata m"
    " CROSS JOIN LATERAL (SELECT lo_lseek64(lo_open(m.oid, 262144), 0, 2) AS size) s"
    " CROSS JOIN LATERAL generate_series(0::bigint, greatest(s.size - 1, 0) / 262144) p(i)"
    ") TO STDOUT";

// Of each a statement that gives it back its owner, its comment and its grants, in this order, a
// statement a row. They are made by the server from quoted names.
Result<Rows> large_object_statements(Connection& connection);

// Where the content is gathered before objects are made of it, within the transaction of the
// caller.
inline constexpr std::string_view kMakeGathered =
    "CREATE TEMPORARY TABLE tidemark_large_objects (oid oid, piece bigint, data bytea) ON COMMIT "
    "DROP";
inline constexpr std::string_view kCopyGathered = "COPY pg_temp.tidemark_large_objects FROM STDIN";

// Makes objects of what was gathered. Fails with already_exists when one of their numbers is taken.
Status make_large_objects(Connection& connection);

}  // namespace tidemark::postgres
