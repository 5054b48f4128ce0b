#include "ops/restore_roles.h"

#include <set>

#include <fmt/format.h>

#include "base/remote_text.h"

namespace tidemark::ops {

Result<RestoredRoles> restore_roles(postgres::Connection& connection,
                                    const std::vector<postgres::RoleStatement>& statements) {
  std::set<std::string> there;
  const auto rows = TRY(connection.query("SELECT rolname FROM pg_catalog.pg_roles"));
  for (const postgres::Row& row : rows.rows) there.insert(row[0].value_or(""));
  RestoredRoles restored;
  std::set<std::string> made;
  for (const postgres::RoleStatement& one : statements) {
    const bool is_role = one.kind == postgres::RoleStatementKind::role;
    if (is_role && there.contains(one.role)) restored.there_before.push_back(one.role);
    if (is_role ? there.contains(one.role) : !made.contains(one.role)) continue;
    const auto done = connection.query(one.sql);
    if (!done && connection.lost()) return done.error();
    if (!done)
      restored.problems.push_back(
          {core::Severity::warning,
           fmt::format("role {}: {}", clean_remote_text(one.role), done.error().message),
           clean_remote_text(one.sql)});
    if (done && is_role) {
      made.insert(one.role);
      restored.made.push_back(one.role);
    }
  }
  return restored;
}

}  // namespace tidemark::ops
