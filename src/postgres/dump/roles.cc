#include "postgres/dump/roles.h"

#include <fmt/format.h>

#include "base/remote_text.h"
#include "postgres/catalog/number.h"

namespace tidemark::postgres {
namespace {

constexpr int kGrantsWithOptionsSince = 160'000;

constexpr std::pair<RoleStatementKind, std::string_view> kWords[] = {
    {RoleStatementKind::role, "role"},
    {RoleStatementKind::setting, "setting"},
    {RoleStatementKind::comment, "comment"},
    {RoleStatementKind::member, "member"},
};

// Only what differs from the default is named: to say NOSUPERUSER takes a superuser.
constexpr const char* kRoles = R"(
WITH own AS (
  SELECT * FROM pg_catalog.pg_roles
   WHERE rolname !~ '^pg_' AND rolname NOT IN (
     'rdsadmin', 'rdsrepladmin', 'rdstopmgr', 'rdswriteforwarduser', 'rds_superuser',
     'rds_replication', 'rds_password', 'rds_iam', 'rds_ad', 'rds_extension', 'rds_reserved')),
setting AS (
  SELECT o.rolname, at, pg_catalog.split_part(one, '=', 1) AS name,
         pg_catalog.substr(one, pg_catalog.strpos(one, '=') + 1) AS value
    FROM own o JOIN pg_catalog.pg_db_role_setting s ON s.setrole = o.oid AND s.setdatabase = 0,
         pg_catalog.unnest(s.setconfig) WITH ORDINALITY AS c(one, at)),
statement AS (
  SELECT 1 AS rank, 'role' AS kind, rolname AS role, 0::int8 AS at,
         pg_catalog.format('CREATE ROLE %I', rolname)
           || CASE WHEN rolsuper THEN ' SUPERUSER' ELSE '' END
           || CASE WHEN rolinherit THEN '' ELSE ' NOINHERIT' END
           || CASE WHEN rolcreaterole THEN ' CREATEROLE' ELSE '' END
           || CASE WHEN rolcreatedb THEN ' CREATEDB' ELSE '' END
           || CASE WHEN rolcanlogin THEN ' LOGIN' ELSE '' END
           || CASE WHEN rolreplication THEN ' REPLICATION' ELSE '' END
           || CASE WHEN rolbypassrls THEN ' BYPASSRLS' ELSE '' END
           || CASE WHEN rolconnlimit >= 0 THEN ' CONNECTION LIMIT ' || rolconnlimit ELSE '' END
           || CASE WHEN rolvaliduntil IS NULL THEN ''
                ELSE pg_catalog.format(' VALID UNTIL %L', rolvaliduntil) END AS sql
    FROM own
  UNION ALL
  -- Lists of names are kept as SQL has them, all else as a text.
  SELECT 2, 'setting', rolname, at, pg_catalog.format('ALTER ROLE %I SET %s TO ', rolname,
           (SELECT pg_catalog.string_agg(pg_catalog.quote_ident(part), '.' ORDER BY i)
              FROM pg_catalog.unnest(pg_catalog.string_to_array(name, '.'))
                     WITH ORDINALITY AS p(part, i)))
           || CASE WHEN name IN ('search_path', 'temp_tablespaces', 'session_preload_libraries',
                                 'local_preload_libraries') AND value <> ''
                THEN value ELSE pg_catalog.quote_literal(value) END
    FROM setting
  UNION ALL
  SELECT 3, 'comment', rolname, 0,
         pg_catalog.format('COMMENT ON ROLE %I IS %L', rolname,
                           pg_catalog.shobj_description(oid, 'pg_authid'))
    FROM own WHERE pg_catalog.shobj_description(oid, 'pg_authid') IS NOT NULL
  UNION ALL
  SELECT DISTINCT 4, 'member', o.rolname, 0::int8,
         pg_catalog.format('GRANT %I TO %I', pg_catalog.pg_get_userbyid(m.roleid), o.rolname)
           || {}
    FROM pg_catalog.pg_auth_members m JOIN own o ON o.oid = m.member)
SELECT kind, role, sql FROM statement ORDER BY rank, role, at, sql)";

constexpr const char* kOptionOfGrant =
    "CASE WHEN m.admin_option THEN ' WITH ADMIN OPTION' ELSE '' END";
constexpr const char* kOptionsOfGrant = R"(COALESCE(' WITH ' || NULLIF(pg_catalog.concat_ws(', ',
             CASE WHEN m.admin_option THEN 'ADMIN TRUE' END,
             CASE WHEN m.inherit_option <> o.rolinherit THEN 'INHERIT ' || m.inherit_option END,
             CASE WHEN NOT m.set_option THEN 'SET FALSE' END), ''), ''))";

}  // namespace

Result<std::vector<RoleStatement>> read_roles(Connection& connection) {
  const bool has_options = connection.server_version() >= kGrantsWithOptionsSince;
  const std::string sql =
      fmt::format(fmt::runtime(kRoles), has_options ? kOptionsOfGrant : kOptionOfGrant);
  const Rows rows = TRY(connection.query(sql));
  std::vector<RoleStatement> statements;
  for (const Row& row : rows.rows) {
    const std::string word = TRY(text_in(row[0]));
    statements.push_back({.kind = TRY(parse_role_statement_kind(word)),
                          .role = TRY(text_in(row[1])),
                          .sql = TRY(text_in(row[2]))});
  }
  return statements;
}

std::string_view word_of(RoleStatementKind kind) {
  for (const auto& [one, word] : kWords)
    if (one == kind) return word;
  return "";
}

Result<RoleStatementKind> parse_role_statement_kind(std::string_view word) {
  for (const auto& [kind, known] : kWords)
    if (known == word) return kind;
  return Error{ErrorKind::corrupt,
               fmt::format("'{}' is nothing that is said of a role", clean_remote_text(word))};
}

}  // namespace tidemark::postgres
