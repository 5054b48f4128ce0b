// RDS's own words for what we ask it about: instances and manual snapshots.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/time.h"
#include "core/instance_settings.h"

namespace tidemark::aws::rds {

// API reference, DBInstance.
struct Instance {
  std::string id;
  std::string arn;
  std::string status;
  std::string cluster_id;  // not empty for a member of a cluster
  std::string endpoint_address;
  std::optional<TimePoint> latest_restorable;
  std::optional<TimePoint> created;  // absent while it is being created
  // Settings that are on their way (PendingModifiedValues), by their names in
  // docs/snapshot-tags.md; also "identifier" and "password".
  std::set<std::string> pending;
  bool reboot_pending = false;                 // a parameter group waits for a restart
  std::vector<std::string> replicas;           // identifiers of its read replicas
  std::vector<std::string> backup_replicas;    // ARNs of its automated backups in other regions
  bool encrypted = false;                      // StorageEncrypted
  std::optional<TimePoint> certificate_until;  // of the certificate that its server shows
  core::InstanceSettings settings;
};

// API reference, DBInstanceAutomatedBackup: what point-in-time recovery starts from.
struct AutomatedBackup {
  std::string arn;
  std::string instance_arn;  // names the region of the instance, also for a replica of its backups
  std::string instance_id;
  std::string resource_id;
  std::string status;  // "active", "retained", "creating"
  std::string engine_version;
  std::optional<int> allocated_storage_gib;
  std::optional<TimePoint> earliest;
  std::optional<TimePoint> latest;
};

// API reference, DBSnapshot.
struct Snapshot {
  std::string id;
  std::string arn;
  std::string instance_id;
  std::string resource_id;  // DbiResourceId of the instance it is of
  std::string type;         // "manual"
  std::string status;       // "available", "creating", "failed", ... a free string
  std::string engine;
  std::string engine_version;
  std::optional<TimePoint> created;           // absent while it is being created
  std::optional<TimePoint> original_created;  // unlike the former, a copy keeps it
  std::optional<TimePoint> database_time;     // of the last transaction in it
  std::optional<int> percent;
  std::optional<int> allocated_storage_gib;
  bool encrypted = false;
  std::string kms_key;
  core::Tags tags;
};

}  // namespace tidemark::aws::rds
