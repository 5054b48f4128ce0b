// Instance settings: all that a snapshot does not carry, and that a restore falls back to RDS's
// defaults for unless it is given (API reference, RestoreDBInstanceFromDBSnapshot).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace tidemark::core {

// Tag keys and values, as on the service.
using Tags = std::map<std::string, std::string>;

struct AssociatedRole {
  std::string arn;
  std::string feature;
  bool operator==(const AssociatedRole&) const = default;
};

// Names and units are those of the RDS API's DBInstance. An absent optional means that the service
// did not say.
struct InstanceSettings {
  std::string instance_id;
  std::string resource_id;  // DbiResourceId
  std::string engine;
  std::string engine_version;
  std::string instance_class;
  std::string storage_type;
  std::optional<int> allocated_storage_gib;
  std::optional<int> storage_autoscaling_max_gib;  // MaxAllocatedStorage
  std::optional<int> iops;
  std::optional<int> storage_throughput_mibps;
  std::optional<int> port;
  bool multi_az = false;
  bool publicly_accessible = false;
  bool deletion_protection = false;
  bool auto_minor_version_upgrade = false;
  bool copy_tags_to_snapshot = false;
  bool iam_authentication = false;
  bool performance_insights = false;
  std::string performance_insights_kms_key;
  std::optional<int> performance_insights_retention_days;
  std::optional<int> monitoring_interval_seconds;
  std::string monitoring_role_arn;
  std::optional<int> backup_retention_days;
  std::string backup_window;
  std::string maintenance_window;
  std::string subnet_group;
  std::string vpc_id;
  std::string availability_zone;
  std::string ca_certificate;
  std::string kms_key;
  std::string license_model;
  std::string network_type;
  std::vector<std::string> security_groups;   // ids
  std::vector<std::string> parameter_groups;  // names
  std::vector<std::string> option_groups;     // names
  std::vector<std::string> log_exports;
  std::vector<AssociatedRole> roles;
  std::string master_username;
  std::string database_name;
  Tags tags;

  bool operator==(const InstanceSettings&) const = default;
};

}  // namespace tidemark::core
