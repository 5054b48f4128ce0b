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
  std::string lifecycle_support;  // EngineLifecycleSupport: whether Extended Support may be billed
  std::string insights_mode;      // DatabaseInsightsMode
  bool dedicated_log_volume = false;
  std::vector<std::string> security_groups;   // ids
  std::vector<std::string> parameter_groups;  // names
  std::vector<std::string> option_groups;     // names
  std::vector<std::string> log_exports;
  std::vector<AssociatedRole> roles;
  std::string master_username;
  bool managed_password = false;  // RDS keeps the master password in Secrets Manager,
  std::string secret_kms_key;     // encrypted with this key
  std::string database_name;
  Tags tags;
  // Nobody knows what they were: what is false or empty here asks for nothing.
  bool blank = false;

  bool operator==(const InstanceSettings&) const = default;
};

// Calls visit(name, member) for each setting but the roles and `blank`: the one list from which the
// saved form and every comparison are made. The names are part of the saved format
// (docs/snapshot-tags.md).
template <class Settings, class Visit>
void for_each_setting(Settings& s, Visit visit) {
  visit("instance", s.instance_id);
  visit("resource", s.resource_id);
  visit("engine", s.engine);
  visit("engine_version", s.engine_version);
  visit("class", s.instance_class);
  visit("storage_type", s.storage_type);
  visit("storage_gib", s.allocated_storage_gib);
  visit("storage_max_gib", s.storage_autoscaling_max_gib);
  visit("iops", s.iops);
  visit("throughput_mibps", s.storage_throughput_mibps);
  visit("port", s.port);
  visit("multi_az", s.multi_az);
  visit("public", s.publicly_accessible);
  visit("deletion_protection", s.deletion_protection);
  visit("auto_minor_upgrade", s.auto_minor_version_upgrade);
  visit("copy_tags", s.copy_tags_to_snapshot);
  visit("iam_authentication", s.iam_authentication);
  visit("insights", s.performance_insights);
  visit("insights_key", s.performance_insights_kms_key);
  visit("insights_days", s.performance_insights_retention_days);
  visit("monitoring_seconds", s.monitoring_interval_seconds);
  visit("monitoring_role", s.monitoring_role_arn);
  visit("backup_days", s.backup_retention_days);
  visit("backup_window", s.backup_window);
  visit("maintenance_window", s.maintenance_window);
  visit("subnet_group", s.subnet_group);
  visit("vpc", s.vpc_id);
  visit("zone", s.availability_zone);
  visit("ca", s.ca_certificate);
  visit("kms_key", s.kms_key);
  visit("license", s.license_model);
  visit("network", s.network_type);
  visit("lifecycle_support", s.lifecycle_support);
  visit("insights_mode", s.insights_mode);
  visit("dedicated_log_volume", s.dedicated_log_volume);
  visit("security_groups", s.security_groups);
  visit("parameter_groups", s.parameter_groups);
  visit("option_groups", s.option_groups);
  visit("log_exports", s.log_exports);
  visit("master", s.master_username);
  visit("managed_password", s.managed_password);
  visit("secret_key", s.secret_kms_key);
  visit("database", s.database_name);
  visit("tags", s.tags);
}

}  // namespace tidemark::core
