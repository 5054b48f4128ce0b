// The roles, and what each may do: the smallest that works.
//
// What a role may not do is refused twice where it matters: nothing allows it, and a Deny holds
// should somebody attach a wider policy to the same principal.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "iam/facts.h"
#include "iam/policy.h"

namespace tidemark::iam {

struct Role {
  std::string_view name;
  std::string_view holder;  // who gets it
  std::string_view thief;   // what somebody who steals it can do
  Policy (*policy)(const Facts& facts);
};

// In the order in which they are listed.
std::span<const Role> all_roles();

// Fails with invalid_input, with the nearest name.
Result<Role> find_role(std::string_view name);

// One policy for a principal with all of these roles: what one of them allows, no Deny that only
// keeps them apart refuses. Fails with invalid_input when one of several is of a bucket.
Result<Policy> combined(std::span<const Role> roles, const Facts& facts);

// -- each of them, for all_roles()
// -----------------------------------------------------------------

Policy snapshotter(const Facts& facts);
Policy condemner(const Facts& facts);
Policy pruner(const Facts& facts);
Policy restorer(const Facts& facts);
Policy repository_reader(const Facts& facts);
Policy repository_writer(const Facts& facts);
Policy repository_pruner(const Facts& facts);
Policy repository_keeper(const Facts& facts);
Policy auditor(const Facts& facts);
Policy application_user(const Facts& facts);
Policy files_restorer(const Facts& facts);
Policy repository_bucket(const Facts& facts);
Policy files_bucket(const Facts& facts);

}  // namespace tidemark::iam
