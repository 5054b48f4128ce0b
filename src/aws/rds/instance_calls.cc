#include "aws/rds/instance_calls.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/settings_drift.h"

namespace tidemark::aws::rds {
namespace {

std::string text_of(bool value) { return value ? "true" : "false"; }

void add_text(Params& params, std::string_view name, const std::string& value) {
  if (!value.empty()) params.emplace_back(name, value);
}

void add_number(Params& params, std::string_view name, const std::optional<int>& value) {
  if (value) params.emplace_back(name, fmt::format("{}", *value));
}

void add_list(Params& params, std::string_view name, const std::vector<std::string>& values) {
  int number = 0;
  for (const std::string& value : values)
    params.emplace_back(fmt::format("{}.{}", name, ++number), value);
}

// A default group belongs to a version; RDS chooses the right one when none is named.
std::string own_group(const std::vector<std::string>& groups) {
  return groups.empty() || groups.front().starts_with("default") ? "" : groups.front();
}

std::vector<std::string> without(const std::vector<std::string>& all,
                                 const std::vector<std::string>& some) {
  std::vector<std::string> rest;
  for (const std::string& one : all)
    if (std::find(some.begin(), some.end(), one) == some.end()) rest.push_back(one);
  return rest;
}

// Of a setting, the parameters of ModifyDBInstance.
void add_change(Params& params, const std::string& name, const core::InstanceSettings& s,
                const core::InstanceSettings& shown) {
  const auto flag = [&](std::string_view key, std::string_view parameter, bool value) {
    if (name == key) params.emplace_back(parameter, text_of(value));
  };
  const auto text = [&](std::string_view key, std::string_view parameter,
                        const std::string& value) {
    if (name == key) add_text(params, parameter, value);
  };
  const auto number = [&](std::string_view key, std::string_view parameter,
                          const std::optional<int>& value) {
    if (name == key) add_number(params, parameter, value);
  };
  text("class", "DBInstanceClass", s.instance_class);
  text("storage_type", "StorageType", s.storage_type);
  number("storage_gib", "AllocatedStorage", s.allocated_storage_gib);
  number("storage_max_gib", "MaxAllocatedStorage", s.storage_autoscaling_max_gib);
  number("port", "DBPortNumber", s.port);
  flag("multi_az", "MultiAZ", s.multi_az);
  flag("public", "PubliclyAccessible", false);
  flag("deletion_protection", "DeletionProtection", s.deletion_protection);
  flag("auto_minor_upgrade", "AutoMinorVersionUpgrade", s.auto_minor_version_upgrade);
  flag("copy_tags", "CopyTagsToSnapshot", s.copy_tags_to_snapshot);
  flag("iam_authentication", "EnableIAMDatabaseAuthentication", s.iam_authentication);
  flag("insights", "EnablePerformanceInsights", s.performance_insights);
  if (name == "insights" && s.performance_insights)
    add_text(params, "PerformanceInsightsKMSKeyId", s.performance_insights_kms_key);
  text("insights_mode", "DatabaseInsightsMode", s.insights_mode);
  number("insights_days", "PerformanceInsightsRetentionPeriod",
         s.performance_insights_retention_days);
  number("backup_days", "BackupRetentionPeriod", s.backup_retention_days);
  text("backup_window", "PreferredBackupWindow", s.backup_window);
  text("maintenance_window", "PreferredMaintenanceWindow", s.maintenance_window);
  text("ca", "CACertificateIdentifier", s.ca_certificate);
  text("network", "NetworkType", s.network_type);
  text("parameter_groups", "DBParameterGroupName", own_group(s.parameter_groups));
  text("option_groups", "OptionGroupName", own_group(s.option_groups));
  if (name == "managed_password") {
    params.emplace_back("ManageMasterUserPassword", text_of(true));
    add_text(params, "MasterUserSecretKmsKeyId", s.secret_kms_key);
  }
  if (name == "security_groups")
    add_list(params, "VpcSecurityGroupIds.VpcSecurityGroupId", s.security_groups);
  if (name == "log_exports") {
    add_list(params, "CloudwatchLogsExportConfiguration.EnableLogTypes.member",
             without(s.log_exports, shown.log_exports));
    add_list(params, "CloudwatchLogsExportConfiguration.DisableLogTypes.member",
             without(shown.log_exports, s.log_exports));
  }
}

void add_speed(Params& params, const core::InstanceSettings& s) {
  add_number(params, "Iops", s.iops);
  if (s.storage_type == "gp3") add_number(params, "StorageThroughput", s.storage_throughput_mibps);
}

// What the instance gets by itself, or can get afterwards. The storage is not asked to shrink.
void add_amenities(Params& params, const core::InstanceSettings& s, const RestoreOrigin& origin) {
  add_number(params, "BackupRetentionPeriod", s.backup_retention_days);
  add_text(params, "PreferredBackupWindow", s.backup_window);
  add_text(params, "CACertificateIdentifier", s.ca_certificate);
  const int wanted_gib = s.allocated_storage_gib.value_or(0);
  const bool grows =
      origin.allocated_storage_gib && core::can_grow(*origin.allocated_storage_gib, wanted_gib);
  if (grows) add_number(params, "AllocatedStorage", s.allocated_storage_gib);
  const int gib = grows ? wanted_gib : origin.allocated_storage_gib.value_or(wanted_gib);
  const auto& ceiling = s.storage_autoscaling_max_gib;
  if (origin.to_time && ceiling.value_or(0) > gib)
    add_number(params, "MaxAllocatedStorage", ceiling);
  if (core::chooses_its_speed(s.storage_type, std::min(gib, wanted_gib))) add_speed(params, s);
}

}  // namespace

void add_tag_parameters(Params& params, const core::Tags& tags) {
  int number = 0;
  for (const auto& [key, value] : tags) {
    ++number;
    params.emplace_back(fmt::format("Tags.Tag.{}.Key", number), key);
    params.emplace_back(fmt::format("Tags.Tag.{}.Value", number), value);
  }
}

Params restore_parameters(const core::InstanceSettings& s, const core::Tags& tags,
                          const RestoreOrigin& origin, Extent extent) {
  Params params;
  add_text(params, "DBInstanceClass", s.instance_class);
  add_number(params, "Port", s.port);
  add_text(params, "DBSubnetGroupName", s.subnet_group);
  // With Multi-AZ, RDS chooses the zones, and does not let us.
  if (!s.multi_az) add_text(params, "AvailabilityZone", s.availability_zone);
  params.emplace_back("PubliclyAccessible", text_of(false));
  params.emplace_back("DeletionProtection", text_of(false));
  const auto flag = [&](std::string_view parameter, bool value) {
    if (value || !s.blank) params.emplace_back(parameter, text_of(value));
  };
  flag("MultiAZ", s.multi_az);
  flag("AutoMinorVersionUpgrade", s.auto_minor_version_upgrade);
  flag("CopyTagsToSnapshot", s.copy_tags_to_snapshot);
  flag("EnableIAMDatabaseAuthentication", s.iam_authentication);
  add_text(params, "LicenseModel", s.license_model);
  add_text(params, "NetworkType", s.network_type);
  // Unless told otherwise, RDS enrols what it restores in paid Extended Support.
  add_text(params, "EngineLifecycleSupport", s.lifecycle_support);
  if (s.dedicated_log_volume) params.emplace_back("DedicatedLogVolume", text_of(true));
  add_text(params, "StorageType", s.storage_type);
  add_text(params, "DBParameterGroupName", own_group(s.parameter_groups));
  add_text(params, "OptionGroupName", own_group(s.option_groups));
  add_list(params, "VpcSecurityGroupIds.VpcSecurityGroupId", s.security_groups);
  add_list(params, "EnableCloudwatchLogsExports.member", s.log_exports);
  // io1 and io2 exist only with a number of IOPS.
  if (extent == Extent::whole)
    add_amenities(params, s, origin);
  else if (core::chooses_its_speed(s.storage_type, 0))
    add_number(params, "Iops", s.iops);
  add_tag_parameters(params, tags);
  return params;
}

Params modify_parameters(const core::InstanceSettings& wanted, const core::InstanceSettings& shown,
                         const std::set<std::string>& names) {
  Params params = {{"ApplyImmediately", "true"}};
  for (const std::string& name : names) add_change(params, name, wanted, shown);
  const bool of_storage = names.contains("storage_type") || names.contains("storage_gib");
  const bool of_speed = names.contains("iops") || names.contains("throughput_mibps");
  if (of_speed || (of_storage && core::chooses_its_speed(wanted.storage_type,
                                                         wanted.allocated_storage_gib.value_or(0))))
    add_speed(params, wanted);
  // RDS wants the two together.
  if (names.contains("monitoring_seconds") || names.contains("monitoring_role")) {
    params.emplace_back("MonitoringInterval",
                        fmt::format("{}", wanted.monitoring_interval_seconds.value_or(0)));
    if (wanted.monitoring_interval_seconds.value_or(0) > 0)
      add_text(params, "MonitoringRoleArn", wanted.monitoring_role_arn);
  }
  return params;
}

}  // namespace tidemark::aws::rds
