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
