#include "aws/rds/instance_calls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tidemark::aws::rds {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Key;
using testing::Not;
using testing::Pair;

core::InstanceSettings sample() {
  core::InstanceSettings s;
  s.instance_class = "db.r6g.large";
  s.port = 5433;
  s.publicly_accessible = true;
  s.deletion_protection = true;
  s.availability_zone = "eu-west-1b";
  s.subnet_group = "private";
  s.security_groups = {"sg-1", "sg-2"};
  s.parameter_groups = {"orders-15"};
  s.option_groups = {"default:postgres-15"};
  s.log_exports = {"postgresql"};
  s.storage_type = "gp3";
  s.iops = 3000;
  return s;
}

TEST(RestoreParameters, AreNeverPublicAndNeverProtected) {
  const Params params = restore_parameters(sample(), {{"team", "shop"}});
  EXPECT_THAT(params, Contains(Pair("PubliclyAccessible", "false")));
  EXPECT_THAT(params, Contains(Pair("DeletionProtection", "false")));
  EXPECT_THAT(params, Contains(Pair("VpcSecurityGroupIds.VpcSecurityGroupId.2", "sg-2")));
  EXPECT_THAT(params, Contains(Pair("EnableCloudwatchLogsExports.member.1", "postgresql")));
  EXPECT_THAT(params, Contains(Pair("Tags.Tag.1.Key", "team")));
  EXPECT_THAT(params, Contains(Pair("DBParameterGroupName", "orders-15")));
}

TEST(RestoreParameters, LeaveOutWhatRdsRefuses) {
  core::InstanceSettings s = sample();
  EXPECT_THAT(restore_parameters(s, {}), Not(Contains(Key("Iops"))));             // of a small gp3
  EXPECT_THAT(restore_parameters(s, {}), Not(Contains(Key("OptionGroupName"))));  // a default one
  EXPECT_THAT(restore_parameters(s, {}), Contains(Pair("AvailabilityZone", "eu-west-1b")));
  s.availability_zone.clear();  // RDS chooses
  EXPECT_THAT(restore_parameters(s, {}), Not(Contains(Key("AvailabilityZone"))));
  s.availability_zone = "eu-west-1b";
  s.multi_az = true;
  EXPECT_THAT(restore_parameters(s, {}), Not(Contains(Key("AvailabilityZone"))));
  s.storage_type = "io1";
  EXPECT_THAT(restore_parameters(s, {}), Contains(Pair("Iops", "3000")));
}

core::InstanceSettings everything() {
  core::InstanceSettings s = sample();
  s.allocated_storage_gib = 500;
  s.storage_autoscaling_max_gib = 1000;
  s.iops = 13000;
  s.storage_throughput_mibps = 600;
  s.backup_retention_days = 7;
  s.backup_window = "03:00-03:30";
  s.ca_certificate = "rds-ca-ecc384-g1";
  return s;
}

TEST(RestoreParameters, CarryWhatTheCallTakesSoThatItNeedNotBeChangedLater) {
  const Params params = restore_parameters(everything(), {}, {false, 400});
  EXPECT_THAT(params, Contains(Pair("BackupRetentionPeriod", "7")));
  EXPECT_THAT(params, Contains(Pair("PreferredBackupWindow", "03:00-03:30")));
  EXPECT_THAT(params, Contains(Pair("CACertificateIdentifier", "rds-ca-ecc384-g1")));
  EXPECT_THAT(params, Contains(Pair("AllocatedStorage", "500")));
  EXPECT_THAT(params, Contains(Pair("Iops", "13000")));
  EXPECT_THAT(params, Contains(Pair("StorageThroughput", "600")));
  EXPECT_THAT(params, Not(Contains(Key("MaxAllocatedStorage"))));  // not of a snapshot
  EXPECT_THAT(restore_parameters(everything(), {}, {true, 400}),
              Contains(Pair("MaxAllocatedStorage", "1000")));
}

TEST(RestoreParameters, AskForStorageOnlyWhereItGrows) {
  for (const std::optional<int> origin : {std::optional<int>(), {480}, {500}, {800}})
    EXPECT_THAT(restore_parameters(everything(), {}, {true, origin}),
                Not(Contains(Key("AllocatedStorage"))));
  // Nothing above which it could grow by itself, and nothing that was meant for a small volume.
  const Params large = restore_parameters(everything(), {}, {true, 1000});
  EXPECT_THAT(large, Not(Contains(Key("MaxAllocatedStorage"))));
  core::InstanceSettings small = everything();
  small.allocated_storage_gib = 100;
  EXPECT_THAT(restore_parameters(small, {}, {false, 500}), Not(Contains(Key("Iops"))));
}

TEST(RestoreParameters, OfTheEssentialsLeaveOutWhatCanBeSetLater) {
  const Params params = restore_parameters(everything(), {}, {true, 400}, Extent::essentials);
  for (const char* name : {"BackupRetentionPeriod", "PreferredBackupWindow", "AllocatedStorage",
                           "CACertificateIdentifier", "MaxAllocatedStorage", "Iops"})
    EXPECT_THAT(params, Not(Contains(Key(name)))) << name;
  EXPECT_THAT(params, Contains(Pair("DBSubnetGroupName", "private")));
  core::InstanceSettings fast = everything();
  fast.storage_type = "io2";
  EXPECT_THAT(restore_parameters(fast, {}, {}, Extent::essentials),
              Contains(Pair("Iops", "13000")));
}

TEST(RestoreParameters, OfBlankSettingsSayOnlyWhatIsSafe) {
  core::InstanceSettings blank;
  blank.blank = true;
  EXPECT_THAT(restore_parameters(blank, {}),
              testing::UnorderedElementsAre(Pair("PubliclyAccessible", "false"),
                                            Pair("DeletionProtection", "false")));
}

TEST(ModifyParameters, GiveStorageItsSpeedWhereItCanBeChosen) {
  const auto modified = [](const core::InstanceSettings& wanted, const char* name) {
    return modify_parameters(wanted, {}, {name});
  };
  for (const char* name : {"storage_gib", "storage_type", "iops", "throughput_mibps"}) {
    const Params params = modified(everything(), name);
    EXPECT_THAT(params, Contains(Pair("Iops", "13000"))) << name;
    EXPECT_THAT(params, Contains(Pair("StorageThroughput", "600"))) << name;
  }
  core::InstanceSettings small = everything();
  small.allocated_storage_gib = 100;
  EXPECT_THAT(modified(small, "storage_gib"), Not(Contains(Key("Iops"))));
  core::InstanceSettings fast = small;
  fast.storage_type = "io1";
  EXPECT_THAT(modified(fast, "storage_gib"), Contains(Pair("Iops", "13000")));
  EXPECT_THAT(modified(fast, "storage_gib"), Not(Contains(Key("StorageThroughput"))));
}

TEST(ModifyParameters, LetTheServiceKeepThePasswordUnderTheSameKey) {
  core::InstanceSettings wanted;
  wanted.managed_password = true;
  wanted.secret_kms_key = "arn:key";
  EXPECT_THAT(
      modify_parameters(wanted, {}, {"managed_password"}),
      ElementsAre(Pair("ApplyImmediately", "true"), Pair("ManageMasterUserPassword", "true"),
                  Pair("MasterUserSecretKmsKeyId", "arn:key")));
}

TEST(ModifyParameters, HoldWhatIsNamedAndNothingElse) {
  core::InstanceSettings wanted = sample();
  wanted.backup_retention_days = 7;
  core::InstanceSettings shown;
  shown.log_exports = {"upgrade"};
  EXPECT_THAT(modify_parameters(wanted, shown, {"backup_days", "public"}),
              ElementsAre(Pair("ApplyImmediately", "true"), Pair("BackupRetentionPeriod", "7"),
                          Pair("PubliclyAccessible", "false")));
  EXPECT_THAT(
      modify_parameters(wanted, shown, {"log_exports"}),
      ElementsAre(Pair("ApplyImmediately", "true"),
                  Pair("CloudwatchLogsExportConfiguration.EnableLogTypes.member.1", "postgresql"),
                  Pair("CloudwatchLogsExportConfiguration.DisableLogTypes.member.1", "upgrade")));
}

TEST(ModifyParameters, GiveMonitoringItsRole) {
  core::InstanceSettings wanted = sample();
  wanted.monitoring_interval_seconds = 60;
  wanted.monitoring_role_arn = "arn:role";
  for (const char* name : {"monitoring_seconds", "monitoring_role"})
    EXPECT_THAT(modify_parameters(wanted, {}, {name}),
                ElementsAre(Pair("ApplyImmediately", "true"), Pair("MonitoringInterval", "60"),
                            Pair("MonitoringRoleArn", "arn:role")));
  wanted.monitoring_interval_seconds = 0;
  EXPECT_THAT(modify_parameters(wanted, {}, {"monitoring_seconds"}),
              ElementsAre(Pair("ApplyImmediately", "true"), Pair("MonitoringInterval", "0")));
}

}  // namespace
}  // namespace tidemark::aws::rds
