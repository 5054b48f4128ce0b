// What differs between the settings that an instance should have and those that it shows.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "core/instance_settings.h"

namespace tidemark::core {

struct SettingDifference {
  std::string name;    // as in docs/snapshot-tags.md, e.g. "backup_days"; a tag is "tags.<key>"
  std::string wanted;  // as text; empty when it is not set
  std::string shown;
  bool operator==(const SettingDifference&) const = default;
};

// Every difference that means something to a user: all but what tells one instance from another
// (identifier, DbiResourceId), and the marks that Tidemark itself writes into tags.
std::vector<SettingDifference> settings_drift(const InstanceSettings& wanted,
                                              const InstanceSettings& shown);

// The names of the settings that ModifyDBInstance can and should change so that an instance gets
// what is wanted. What the wanted settings do not say is left as it is. The storage is only ever
// enlarged, and by no less than RDS's least step of a tenth.
std::set<std::string> unmet_settings(const InstanceSettings& wanted, const InstanceSettings& shown);

// Roles and tags that the instance lacks. Tags of reserved prefixes and our own are not missed.
std::vector<AssociatedRole> missing_roles(const InstanceSettings& wanted,
                                          const InstanceSettings& shown);
Tags missing_tags(const InstanceSettings& wanted, const InstanceSettings& shown);

// Whether a tag belongs to the user, and not to AWS ("aws:", "rds:") or to us ("tidemark:").
bool is_users_tag(const std::string& key);

}  // namespace tidemark::core
