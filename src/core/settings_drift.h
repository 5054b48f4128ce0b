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

// Whether IOPS, and the throughput of gp3, can be chosen; where they can, RDS wants them with every
// change of the storage, and where they cannot, it refuses them (API reference, ModifyDBInstance;
// RDS user guide, Storage: gp3 has fixed ones below 400 GiB).
bool chooses_its_speed(std::string_view storage_type, int storage_gib);

// Whether storage of this size can become that large: RDS grows it by no less than a tenth.
bool can_grow(int from_gib, int to_gib);

// The names of the settings that ModifyDBInstance can and should change so that an instance gets
// what is wanted. What the wanted settings do not say is left as it is; of blank ones, also what is
// false. The storage is only ever
// enlarged.
std::set<std::string> unmet_settings(const InstanceSettings& wanted, const InstanceSettings& shown);

// Roles and tags that the instance lacks. Tags of reserved prefixes and our own are not missed.
std::vector<AssociatedRole> missing_roles(const InstanceSettings& wanted,
                                          const InstanceSettings& shown);
Tags missing_tags(const InstanceSettings& wanted, const InstanceSettings& shown);

// Whether a tag belongs to the user, and not to AWS ("aws:", "rds:") or to us ("tidemark:").
bool is_users_tag(const std::string& key);

}  // namespace tidemark::core
