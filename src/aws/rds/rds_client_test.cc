#include "aws/rds/rds_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aws/rds/rds_xml.h"

namespace tidemark::aws::rds {
namespace {

// Members as the API model (2014-10-31) names and nests them.
constexpr std::string_view kInstance = R"(<DBInstance>
  <DBInstanceIdentifier>orders-prod</DBInstanceIdentifier>
  <DBInstanceArn>arn:aws:rds:eu-west-1:123456789012:db:orders-prod</DBInstanceArn>
  <DBInstanceStatus>available</DBInstanceStatus>
  <DBInstanceClass>db.r6g.large</DBInstanceClass>
  <DbiResourceId>db-ABC</DbiResourceId>
  <Engine>postgres</Engine><EngineVersion>15.4</EngineVersion>
  <Endpoint><Address>orders-prod.x.rds.amazonaws.com</Address><Port>5433</Port></Endpoint>
  <AllocatedStorage>200</AllocatedStorage><MaxAllocatedStorage>1000</MaxAllocatedStorage>
  <MultiAZ>true</MultiAZ><PubliclyAccessible>false</PubliclyAccessible>
  <DeletionProtection>true</DeletionProtection>
  <MonitoringInterval>60</MonitoringInterval>
  <BackupRetentionPeriod>35</BackupRetentionPeriod>
  <DBSubnetGroup><DBSubnetGroupName>private</DBSubnetGroupName><VpcId>vpc-1</VpcId></DBSubnetGroup>
  <VpcSecurityGroups>
    <VpcSecurityGroupMembership>
      <VpcSecurityGroupId>sg-1</VpcSecurityGroupId>
    </VpcSecurityGroupMembership>
    <VpcSecurityGroupMembership>
      <VpcSecurityGroupId>sg-2</VpcSecurityGroupId>
    </VpcSecurityGroupMembership>
  </VpcSecurityGroups>
  <DBParameterGroups>
    <DBParameterGroup><DBParameterGroupName>orders-15</DBParameterGroupName></DBParameterGroup>
  </DBParameterGroups>
  <AssociatedRoles>
    <DBInstanceRole><RoleArn>arn:r</RoleArn><FeatureName>s3Import</FeatureName></DBInstanceRole>
  </AssociatedRoles>
  <EnabledCloudwatchLogsExports><member>postgresql</member></EnabledCloudwatchLogsExports>
  <LatestRestorableTime>2026-11-22T02:00:00.5Z</LatestRestorableTime>
  <TagList>
    <Tag><Key>team</Key><Value>shop</Value></Tag><Tag><Key>empty</Key><Value/></Tag>
  </TagList>
</DBInstance>)";

Result<Instance> instance_from(std::string_view xml) {
  const XmlDocument document = TRY(XmlDocument::parse(std::string(xml)));
  return read_instance(document.root());
}

Result<Snapshot> snapshot_from(std::string_view members) {
  const XmlDocument document = TRY(XmlDocument::parse(
      "<DBSnapshot><DBSnapshotIdentifier>s</DBSnapshotIdentifier><DBSnapshotArn>arn</DBSnapshotArn>"
      "<Status>creating</Status>" +
      std::string(members) + "</DBSnapshot>"));
  return read_snapshot(document.root());
}

TEST(InstanceXml, IsReadWithEverySetting) {
  const auto instance = instance_from(kInstance);
  ASSERT_TRUE(instance) << instance.error().message;
  const core::InstanceSettings& settings = instance->settings;
  EXPECT_EQ(instance->id, "orders-prod");
  EXPECT_EQ(instance->status, "available");
  EXPECT_EQ(settings.instance_class, "db.r6g.large");
  EXPECT_EQ(settings.port, 5433);
  EXPECT_EQ(settings.storage_autoscaling_max_gib, 1000);
  EXPECT_FALSE(settings.iops.has_value());
  EXPECT_TRUE(settings.multi_az);
  EXPECT_TRUE(settings.deletion_protection);
  EXPECT_EQ(settings.subnet_group, "private");
  EXPECT_THAT(settings.security_groups, testing::ElementsAre("sg-1", "sg-2"));
  EXPECT_THAT(settings.parameter_groups, testing::ElementsAre("orders-15"));
  EXPECT_THAT(settings.log_exports, testing::ElementsAre("postgresql"));
  EXPECT_EQ(settings.roles.at(0).feature, "s3Import");
  EXPECT_EQ(settings.tags, (core::Tags{{"team", "shop"}, {"empty", ""}}));
  EXPECT_EQ(instance->latest_restorable, *parse_time("2026-11-22T02:00:00.5Z"));
}

TEST(InstanceXml, WithoutWhatEverythingHangsOnIsCorrupt) {
  EXPECT_EQ(instance_from("<DBInstance/>").error().kind, ErrorKind::corrupt);
  EXPECT_EQ(instance_from("<DBInstance><DBInstanceIdentifier>x</DBInstanceIdentifier></DBInstance>")
                .error()
                .kind,
            ErrorKind::corrupt);
}

TEST(SnapshotXml, HasNoTimeWhileItIsBeingCreated) {
  const auto snapshot = snapshot_from("<PercentProgress>42</PercentProgress>");
  ASSERT_TRUE(snapshot);
  EXPECT_FALSE(snapshot->created.has_value());
  EXPECT_EQ(snapshot->percent, 42);
}

TEST(SnapshotXml, IsRefusedWhenAMemberIsNotOfItsType) {
  for (const char* member :
       {"<SnapshotCreateTime>yesterday</SnapshotCreateTime>", "<Encrypted>perhaps</Encrypted>",
        "<PercentProgress>all</PercentProgress>",
        "<AllocatedStorage>99999999999</AllocatedStorage>"})
    EXPECT_EQ(snapshot_from(member).error().kind, ErrorKind::corrupt) << member;
}

TEST(ReadInstance, TellsWhichChangesAreOnTheirWay) {
  const auto instance = instance_from(R"(<DBInstance>
    <DBInstanceIdentifier>a</DBInstanceIdentifier><DBInstanceArn>arn</DBInstanceArn>
    <DBInstanceStatus>modifying</DBInstanceStatus>
    <PendingModifiedValues>
      <DBInstanceClass>db.t3.small</DBInstanceClass>
      <DBInstanceIdentifier>b</DBInstanceIdentifier>
      <MasterUserPassword>****</MasterUserPassword>
      <PendingCloudwatchLogsExports><LogTypesToEnable><member>x</member></LogTypesToEnable>
      </PendingCloudwatchLogsExports>
      <StorageType/>
      <InventedLater>1</InventedLater>
    </PendingModifiedValues>
    <DBParameterGroups>
      <DBParameterGroup>
        <ParameterApplyStatus>pending-reboot</ParameterApplyStatus>
      </DBParameterGroup>
    </DBParameterGroups>
    <ReadReplicaDBInstanceIdentifiers>
      <ReadReplicaDBInstanceIdentifier>r1</ReadReplicaDBInstanceIdentifier>
    </ReadReplicaDBInstanceIdentifiers>
    <DBInstanceAutomatedBackupsReplications>
      <DBInstanceAutomatedBackupsReplication>
        <DBInstanceAutomatedBackupsArn>arn:elsewhere</DBInstanceAutomatedBackupsArn>
      </DBInstanceAutomatedBackupsReplication>
    </DBInstanceAutomatedBackupsReplications>
    <MasterUserSecret><SecretArn>arn:s</SecretArn><KmsKeyId>arn:k</KmsKeyId></MasterUserSecret>
    <InstanceCreateTime>2026-11-24T08:00:00Z</InstanceCreateTime></DBInstance>)");
  ASSERT_TRUE(instance);
  EXPECT_THAT(instance->pending,
              testing::ElementsAre("class", "identifier", "log_exports", "password"));
  EXPECT_TRUE(instance->reboot_pending);
  EXPECT_THAT(instance->replicas, testing::ElementsAre("r1"));
  EXPECT_THAT(instance->backup_replicas, testing::ElementsAre("arn:elsewhere"));
  EXPECT_TRUE(instance->settings.managed_password);
  EXPECT_EQ(instance->settings.secret_kms_key, "arn:k");
  EXPECT_EQ(instance->created, *parse_time("2026-11-24T08:00:00Z"));
}

TEST(ReadAutomatedBackup, NeedsToSayWhoseItIs) {
  const auto read = [](std::string_view xml) -> Result<AutomatedBackup> {
    const XmlDocument document = TRY(XmlDocument::parse(std::string(xml)));
    return read_automated_backup(document.root());
  };
  const auto backup = read(R"(<B><DBInstanceIdentifier>orders</DBInstanceIdentifier>
    <DbiResourceId>db-A</DbiResourceId><Status>retained</Status>
    <RestoreWindow><EarliestTime>2026-11-20T00:00:00Z</EarliestTime>
    <LatestTime>2026-11-24T08:00:00Z</LatestTime></RestoreWindow></B>)");
  ASSERT_TRUE(backup);
  EXPECT_EQ(backup->resource_id, "db-A");
  EXPECT_EQ(backup->latest, *parse_time("2026-11-24T08:00:00Z"));
  EXPECT_EQ(read("<B><DBInstanceIdentifier>x</DBInstanceIdentifier></B>").error().kind,
            ErrorKind::corrupt);
}

}  // namespace
}  // namespace tidemark::aws::rds
