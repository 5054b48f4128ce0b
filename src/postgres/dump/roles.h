// The roles of a server, as statements that make them again: what pg_dumpall --roles-only
// --no-role-passwords gives. Anyone may ask; passwords are for superusers alone, and are left out.
//
// Roles that PostgreSQL or RDS makes by itself are left out, not what is granted from them.
#pragma once

#include <string>
#include <vector>

#include "postgres/conn/connection.h"

namespace tidemark::postgres {

enum class RoleStatementKind {
  role,     // CREATE ROLE
  setting,  // ALTER ROLE ... SET, in every database
  comment,
  member,  // GRANT of a role to this one
};

struct RoleStatement {
  RoleStatementKind kind = RoleStatementKind::role;
  std::string role;  // whom it is about, not quoted
  std::string sql;
};

// In the order in which they are to be run.
Result<std::vector<RoleStatement>> read_roles(Connection& connection);

// As a word, for storage. Fails with corrupt.
std::string_view word_of(RoleStatementKind kind);
Result<RoleStatementKind> parse_role_statement_kind(std::string_view word);

}  // namespace tidemark::postgres
