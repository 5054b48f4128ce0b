// Roles of an archive, made again where they are missing.
#pragma once

#include <string>
#include <vector>

#include "core/problem.h"
#include "postgres/dump/roles.h"

namespace tidemark::ops {

struct RestoredRoles {
  std::vector<std::string> made;
  std::vector<std::string> there_before;  // left as they were
  std::vector<core::Problem> problems;    // what the server refused
};

// Memberships are granted to roles that were made, nothing is taken from any. None has a password.
Result<RestoredRoles> restore_roles(postgres::Connection& connection,
                                    const std::vector<postgres::RoleStatement>& statements);

}  // namespace tidemark::ops
