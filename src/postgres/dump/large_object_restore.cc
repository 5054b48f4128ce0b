#include "postgres/dump/large_object_restore.h"

namespace tidemark::postgres {
namespace {

constexpr Millis kDeadline = std::chrono::hours(6);

constexpr const char* kStatements = R"(
SELECT s FROM (
  SELECT m.oid, 1 AS part, pg_catalog.format('ALTER LARGE OBJECT %s OWNER TO %I', m.oid,
                                             pg_catalog.pg_get_userbyid(m.lomowner)) AS s
    FROM pg_catalog.pg_largeobject_metadata m
  UNION ALL
  SELECT m.oid, 2, pg_catalog.format('COMMENT ON LARGE OBJECT %s IS %L', m.oid,
                                     pg_catalog.obj_description(m.oid, 'pg_largeobject'))
    FROM pg_catalog.pg_largeobject_metadata m
   WHERE pg_catalog.obj_description(m.oid, 'pg_largeobject') IS NOT NULL
  UNION ALL
  SELECT m.oid, 3, pg_catalog.format('GRANT %s ON LARGE OBJECT %s TO %s%s', a.privilege_type, m.oid,
                     CASE a.grantee WHEN 0 THEN 'PUBLIC'
                          ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantee)) END,
                     CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
    FROM pg_catalog.pg_largeobject_metadata m, pg_catalog.aclexplode(m.lomacl) a
   WHERE a.grantee <> m.lomowner) all_of_them
ORDER BY oid, part, s)";

}  // namespace

Result<Rows> large_object_statements(Connection& connection) {
  return connection.query(kStatements, {}, kDeadline);
}

Status make_large_objects(Connection& connection) {
  TRY(
      connection.query("SELECT count(pg_catalog.lo_create(oid)) FROM"
                       " (SELECT DISTINCT oid FROM pg_temp.tidemark_large_objects) made",
                       {}, kDeadline));
  TRY(
      connection.query("SELECT count(pg_catalog.lo_put(oid, at, data))"
                       " FROM pg_temp.tidemark_large_objects WHERE length(data) > 0",
                       {}, kDeadline));
  return Done{};
}

}  // namespace tidemark::postgres
