// Instance settings as the parameters of RDS's calls: what a restore can be given, and what has to
// be changed afterwards. Pure.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "aws/wire/query_client.h"
#include "core/instance_settings.h"

namespace tidemark::aws::rds {

struct RestoreOrigin {
  bool to_time = false;                      // RestoreDBInstanceToPointInTime
  std::optional<int> allocated_storage_gib;  // what it comes with, if known
};

// Essentials are what cannot be set once it is restored, or not safely.
enum class Extent { whole, essentials };

// What RestoreDBInstanceFromDBSnapshot or RestoreDBInstanceToPointInTime takes of the settings.
// Always PubliclyAccessible=false, and never deletion protection: what did not come up has to be
// removable.
Params restore_parameters(const core::InstanceSettings& settings, const core::Tags& tags,
                          const RestoreOrigin& origin = {}, Extent extent = Extent::whole);

// What ModifyDBInstance has to be given so that these settings, by their names in
// docs/snapshot-tags.md (core::unmet_settings), get what is wanted, at once.
Params modify_parameters(const core::InstanceSettings& wanted, const core::InstanceSettings& shown,
                         const std::set<std::string>& names);

// Appends tags as numbered parameters.
void add_tag_parameters(Params& params, const core::Tags& tags);

}  // namespace tidemark::aws::rds
