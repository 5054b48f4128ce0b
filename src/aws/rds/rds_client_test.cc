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

}  // namespace
}  // namespace tidemark::aws::rds
