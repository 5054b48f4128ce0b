#include "postgres/dump/large_object_restore.h"

namespace tidemark::postgres {
namespace {

constexpr Millis kDeadline = std::chrono::hours(6);

}  // namespace

Status write_gathered(Connection& connection) {
  TRY(
      connection.query("SELECT count(pg_catalog.lo_put(oid, at, data))"
                       " FROM pg_temp.tidemark_large_objects WHERE length(data) > 0",
                       {}, kDeadline));
  return Done{};
}

}  // namespace tidemark::postgres
