#include "iam/roles.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/edit_distance.h"

namespace tidemark::iam {
namespace {

constexpr Role kRoles[] = {
    {"snapshotter", "the daemon",
     "take snapshots of the instances, until the quota of the region is full", snapshotter},
    {"condemner", "who condemns, holds and releases", "mark snapshots; a mark alone loses nothing",
     condemner},
    {"pruner", "who deletes", "delete what was condemned and is not held", pruner},
    {"restorer", "people who restore, never a daemon",
     "replace, rename or delete the instances; not the snapshots", restorer},
    {"repo-writer", "who makes archives", "read archives, with the key; add garbage",
     repository_writer},
    {"repo-reader", "who verifies and restores archives",
     "read archives, and delay prunes, with the key", repository_reader},
    {"repo-pruner", "who prunes archives",
     "hide archives, until the bucket's lifecycle ends their versions", repository_pruner},
    {"repo-keeper", "people who make the repository and its keys",
     "hide keys, until the bucket's lifecycle ends their versions", repository_keeper},
    {"auditor", "`tidemark doctor`", "see how all of it is set up", auditor},
    {"files-restorer", "people who bring files back",
     "read every version; put others before it, which can be undone", files_restorer},
    {"app-user", "the application itself", "read, overwrite and hide files; destroy no version",
     application_user},
    {"repo-bucket", "the repository's bucket", "", repository_bucket},
    {"files-bucket", "the bucket of the application's files", "", files_bucket},
};

bool contains(const std::vector<std::string>& list, const std::string& one) {
  return std::find(list.begin(), list.end(), one) != list.end();
}

std::vector<std::string> allowed_by(std::span<const Policy> policies) {
  std::vector<std::string> all;
  for (const Policy& policy : policies)
    for (const Statement& statement : policy.statements)
      if (statement.effect == Effect::allow)
        all.insert(all.end(), statement.actions.begin(), statement.actions.end());
  return all;
}

bool same_rule(const Statement& a, const Statement& b) {
  return a.effect == b.effect && a.actions == b.actions && a.resources == b.resources &&
         a.conditions == b.conditions && a.scope == b.scope;
}

// What another role of the same principal may do cannot stay denied. Of a Deny that holds for
// certain resources or requests only, nothing is taken away: it is a limit, no separation.
void give_way(Statement& statement, const std::vector<std::string>& allowed) {
  if (statement.effect == Effect::allow) return;
  if (statement.scope == Scope::all_other_actions) {
    for (const std::string& action : allowed)
      if (action.starts_with("s3:") && !contains(statement.actions, action))
        statement.actions.push_back(action);
  } else if (statement.resources == std::vector<std::string>{"*"}) {
    const auto taken = std::erase_if(
        statement.actions, [&](const std::string& action) { return contains(allowed, action); });
    if (taken > 0) statement.stops = "what none of these roles does";
  }
}

// "Look" of two roles with different lists.
std::string unused_id(const std::string& id, const Policy& policy) {
  const auto used = [&](const std::string& one) {
    return std::any_of(policy.statements.begin(), policy.statements.end(),
                       [&](const Statement& statement) { return statement.id == one; });
  };
  std::string free = id;
  for (int number = 2; used(free); ++number) free = fmt::format("{}{}", id, number);
  return free;
}

}  // namespace

std::span<const Role> all_roles() { return kRoles; }

Result<Role> find_role(std::string_view name) {
  std::vector<std::string> known;
  for (const Role& role : kRoles) {
    if (role.name == name) return role;
    known.emplace_back(role.name);
  }
  const auto meant = nearest_word(std::string(name), known);
  return Error{ErrorKind::invalid_input, fmt::format("there is no role '{}'", name),
               meant ? fmt::format("did you mean {}?", *meant)
                     : fmt::format("there are: {}", fmt::join(known, ", "))};
}

Result<Policy> combined(std::span<const Role> roles, const Facts& facts) {
  if (roles.size() == 1) return roles.front().policy(facts);
  std::vector<Policy> policies;
  for (const Role& role : roles) {
    policies.push_back(role.policy(facts));
    if (policies.back().kind == Kind::of_bucket)
      return Error{ErrorKind::invalid_input,
                   fmt::format("{} is the policy of a bucket, not of a role", role.name),
                   "print it by itself"};
  }
  const std::vector<std::string> allowed = allowed_by(policies);
  Policy all;
  for (const Policy& policy : policies) {
    all.name += (all.name.empty() ? "" : "-") + policy.name;
    for (Statement statement : policy.statements) {
      give_way(statement, allowed);
      const bool known =
          std::any_of(all.statements.begin(), all.statements.end(),
                      [&](const Statement& other) { return same_rule(statement, other); });
      if (known || statement.actions.empty()) continue;
      statement.id = unused_id(statement.id, all);
      all.statements.push_back(std::move(statement));
    }
  }
  return all;
}

}  // namespace tidemark::iam
