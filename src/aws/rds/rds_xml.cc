#include "aws/rds/rds_xml.h"

#include <fmt/format.h>

namespace tidemark::aws::rds {
namespace {

Result<std::optional<int>> small_integer(const XmlNode& node, std::string_view name) {
  const auto value = TRY(node.integer(name));
  if (!value) return std::optional<int>();
  if (*value < -1'000'000'000 || *value > 1'000'000'000)
    return Error{ErrorKind::corrupt, fmt::format("{} is {}, beyond all sense", name, *value)};
  return std::optional(static_cast<int>(*value));
}

Result<bool> truth(const XmlNode& node, std::string_view name) {
  return TRY(node.boolean(name)).value_or(false);
}

core::Tags read_tags(const XmlNode& node) {
  core::Tags tags;
  for (const XmlNode& tag : node.child("TagList").children("Tag"))
    tags[tag.text("Key")] = tag.text("Value");
  return tags;
}

// Texts of one member of every element of a list, e.g. the id of each security group.
std::vector<std::string> texts(const XmlNode& list, std::string_view element,
                               std::string_view member) {
  std::vector<std::string> all;
  for (const XmlNode& one : list.children(element)) all.push_back(one.text(member));
  return all;
}

Status read_storage(const XmlNode& node, core::InstanceSettings& s) {
  s.storage_type = node.text("StorageType");
  s.allocated_storage_gib = TRY(small_integer(node, "AllocatedStorage"));
  s.storage_autoscaling_max_gib = TRY(small_integer(node, "MaxAllocatedStorage"));
  s.iops = TRY(small_integer(node, "Iops"));
  s.storage_throughput_mibps = TRY(small_integer(node, "StorageThroughput"));
  s.kms_key = node.text("KmsKeyId");
  return Done{};
}

Status read_switches(const XmlNode& node, core::InstanceSettings& s) {
  s.multi_az = TRY(truth(node, "MultiAZ"));
  s.publicly_accessible = TRY(truth(node, "PubliclyAccessible"));
  s.deletion_protection = TRY(truth(node, "DeletionProtection"));
  s.auto_minor_version_upgrade = TRY(truth(node, "AutoMinorVersionUpgrade"));
  s.dedicated_log_volume = TRY(truth(node, "DedicatedLogVolume"));
  s.copy_tags_to_snapshot = TRY(truth(node, "CopyTagsToSnapshot"));
  s.iam_authentication = TRY(truth(node, "IAMDatabaseAuthenticationEnabled"));
  s.performance_insights = TRY(truth(node, "PerformanceInsightsEnabled"));
  return Done{};
}

Status read_watching(const XmlNode& node, core::InstanceSettings& s) {
  s.insights_mode = node.text("DatabaseInsightsMode");
  s.performance_insights_kms_key = node.text("PerformanceInsightsKMSKeyId");
  s.performance_insights_retention_days =
      TRY(small_integer(node, "PerformanceInsightsRetentionPeriod"));
  s.monitoring_interval_seconds = TRY(small_integer(node, "MonitoringInterval"));
  s.monitoring_role_arn = node.text("MonitoringRoleArn");
  s.backup_retention_days = TRY(small_integer(node, "BackupRetentionPeriod"));
  s.backup_window = node.text("PreferredBackupWindow");
  s.maintenance_window = node.text("PreferredMaintenanceWindow");
  for (const XmlNode& log : node.child("EnabledCloudwatchLogsExports").children("member"))
    s.log_exports.push_back(log.text());
  return Done{};
}

void read_groups(const XmlNode& node, core::InstanceSettings& s) {
  s.subnet_group = node.child("DBSubnetGroup").text("DBSubnetGroupName");
  s.vpc_id = node.child("DBSubnetGroup").text("VpcId");
  s.security_groups =
      texts(node.child("VpcSecurityGroups"), "VpcSecurityGroupMembership", "VpcSecurityGroupId");
  s.parameter_groups =
      texts(node.child("DBParameterGroups"), "DBParameterGroup", "DBParameterGroupName");
  s.option_groups =
      texts(node.child("OptionGroupMemberships"), "OptionGroupMembership", "OptionGroupName");
  for (const XmlNode& role : node.child("AssociatedRoles").children("DBInstanceRole"))
    s.roles.push_back({role.text("RoleArn"), role.text("FeatureName")});
}

Result<core::InstanceSettings> read_settings(const XmlNode& node) {
  core::InstanceSettings s;
  s.instance_id = node.text("DBInstanceIdentifier");
  s.resource_id = node.text("DbiResourceId");
  s.engine = node.text("Engine");
  s.engine_version = node.text("EngineVersion");
  s.instance_class = node.text("DBInstanceClass");
  s.port = TRY(small_integer(node.child("Endpoint"), "Port"));
  s.availability_zone = node.text("AvailabilityZone");
  s.ca_certificate = node.text("CACertificateIdentifier");
  s.license_model = node.text("LicenseModel");
  s.network_type = node.text("NetworkType");
  s.lifecycle_support = node.text("EngineLifecycleSupport");
  s.master_username = node.text("MasterUsername");
  s.managed_password = static_cast<bool>(node.child("MasterUserSecret"));
  s.secret_kms_key = node.child("MasterUserSecret").text("KmsKeyId");
  s.database_name = node.text("DBName");
  s.tags = read_tags(node);
  TRY(read_storage(node, s));
  TRY(read_switches(node, s));
  TRY(read_watching(node, s));
  read_groups(node, s);
  return s;
}

// A change that waits, by the member of PendingModifiedValues that names it.
constexpr std::pair<std::string_view, std::string_view> kPendingNames[] = {
    {"DBInstanceClass", "class"},
    {"AllocatedStorage", "storage_gib"},
    {"MasterUserPassword", "password"},
    {"Port", "port"},
    {"BackupRetentionPeriod", "backup_days"},
    {"MultiAZ", "multi_az"},
    {"EngineVersion", "engine_version"},
    {"LicenseModel", "license"},
    {"Iops", "iops"},
    {"StorageThroughput", "throughput_mibps"},
    {"DBInstanceIdentifier", "identifier"},
    {"StorageType", "storage_type"},
    {"CACertificateIdentifier", "ca"},
    {"DBSubnetGroupName", "subnet_group"},
    {"PendingCloudwatchLogsExports", "log_exports"},
    {"IAMDatabaseAuthenticationEnabled", "iam_authentication"}};

std::set<std::string> read_pending(const XmlNode& node) {
  std::set<std::string> pending;
  const XmlNode changes = node.child("PendingModifiedValues");
  for (const auto& [member, name] : kPendingNames) {
    const XmlNode change = changes.child(member);
    if (change && (!change.text().empty() || !change.children().empty())) pending.emplace(name);
  }
  return pending;
}

bool waits_for_reboot(const XmlNode& node) {
  for (const XmlNode& group : node.child("DBParameterGroups").children("DBParameterGroup"))
    if (group.text("ParameterApplyStatus") == "pending-reboot") return true;
  return false;
}

}  // namespace

Result<Instance> read_instance(const XmlNode& node) {
  Instance instance;
  instance.id = TRY(node.required_text("DBInstanceIdentifier"));
  instance.arn = TRY(node.required_text("DBInstanceArn"));
  instance.status = TRY(node.required_text("DBInstanceStatus"));
  instance.cluster_id = node.text("DBClusterIdentifier");
  instance.endpoint_address = node.child("Endpoint").text("Address");
  instance.latest_restorable = TRY(node.time("LatestRestorableTime"));
  instance.encrypted = TRY(truth(node, "StorageEncrypted"));
  instance.certificate_until = TRY(node.child("CertificateDetails").time("ValidTill"));
  instance.created = TRY(node.time("InstanceCreateTime"));
  instance.pending = read_pending(node);
  instance.reboot_pending = waits_for_reboot(node);
  for (const XmlNode& replica :
       node.child("ReadReplicaDBInstanceIdentifiers").children("ReadReplicaDBInstanceIdentifier"))
    instance.replicas.push_back(replica.text());
  instance.backup_replicas =
      texts(node.child("DBInstanceAutomatedBackupsReplications"),
            "DBInstanceAutomatedBackupsReplication", "DBInstanceAutomatedBackupsArn");
  instance.settings = TRY(read_settings(node));
  return instance;
}

Result<Snapshot> read_snapshot(const XmlNode& node) {
  Snapshot snapshot;
  snapshot.id = TRY(node.required_text("DBSnapshotIdentifier"));
  snapshot.arn = TRY(node.required_text("DBSnapshotArn"));
  snapshot.status = TRY(node.required_text("Status"));
  snapshot.instance_id = node.text("DBInstanceIdentifier");
  snapshot.resource_id = node.text("DbiResourceId");
  snapshot.type = node.text("SnapshotType");
  snapshot.engine = node.text("Engine");
  snapshot.engine_version = node.text("EngineVersion");
  snapshot.created = TRY(node.time("SnapshotCreateTime"));
  snapshot.original_created = TRY(node.time("OriginalSnapshotCreateTime"));
  snapshot.database_time = TRY(node.time("SnapshotDatabaseTime"));
  snapshot.percent = TRY(small_integer(node, "PercentProgress"));
  snapshot.allocated_storage_gib = TRY(small_integer(node, "AllocatedStorage"));
  snapshot.encrypted = TRY(truth(node, "Encrypted"));
  snapshot.kms_key = node.text("KmsKeyId");
  snapshot.tags = read_tags(node);
  return snapshot;
}

Result<AutomatedBackup> read_automated_backup(const XmlNode& node) {
  AutomatedBackup backup;
  backup.arn = node.text("DBInstanceAutomatedBackupsArn");
  backup.instance_arn = node.text("DBInstanceArn");
  backup.instance_id = TRY(node.required_text("DBInstanceIdentifier"));
  backup.resource_id = TRY(node.required_text("DbiResourceId"));
  backup.status = node.text("Status");
  backup.engine_version = node.text("EngineVersion");
  backup.allocated_storage_gib = TRY(small_integer(node, "AllocatedStorage"));
  backup.earliest = TRY(node.child("RestoreWindow").time("EarliestTime"));
  backup.latest = TRY(node.child("RestoreWindow").time("LatestTime"));
  return backup;
}

}  // namespace tidemark::aws::rds
