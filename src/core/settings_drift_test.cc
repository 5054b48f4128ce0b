#include "core/settings_drift.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tidemark::core {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

InstanceSettings sample() {
  InstanceSettings s;
  s.instance_id = "orders";
  s.resource_id = "db-A";
  s.instance_class = "db.r6g.large";
  s.storage_type = "gp3";
  s.allocated_storage_gib = 100;
  s.backup_retention_days = 7;
  s.security_groups = {"sg-2", "sg-1"};
  s.parameter_groups = {"orders-15"};
  s.option_groups = {"default:postgres-15"};
  s.tags = {{"team", "shop"}, {"tidemark:restore", "x"}, {"aws:made-by", "stack"}};
  s.roles = {{"arn:r", "s3Import"}};
  return s;
}

TEST(SettingsDrift, NamesEachDifferenceWithBothValues) {
  InstanceSettings other = sample();
  other.instance_class = "db.r6g.xlarge";
  other.multi_az = true;
  other.tags["team"] = "web";
  other.tags["new"] = "1";
  other.roles.clear();
  EXPECT_THAT(
      settings_drift(sample(), other),
      testing::UnorderedElementsAre(SettingDifference{"class", "db.r6g.large", "db.r6g.xlarge"},
                                    SettingDifference{"multi_az", "no", "yes"},
                                    SettingDifference{"roles", "arn:r for s3Import", ""},
                                    SettingDifference{"tags.new", "", "1"},
                                    SettingDifference{"tags.team", "shop", "web"}));
}

TEST(SettingsDrift, IgnoresWhoTheInstanceIsAndTheOrderOfLists) {
  InstanceSettings other = sample();
  other.instance_id = "orders-replaced-20261124";
  other.resource_id = "db-B";
  other.security_groups = {"sg-1", "sg-2"};
  other.tags.erase("tidemark:restore");
  EXPECT_THAT(settings_drift(sample(), other), IsEmpty());
}

TEST(UnmetSettings, AreThoseThatAModificationCanChange) {
  InstanceSettings shown = sample();
  shown.instance_class = "db.t3.micro";
  shown.parameter_groups = {"default.postgres15"};
  shown.backup_retention_days = 1;
  shown.subnet_group = "default";     // only the restore call can choose it
  shown.availability_zone = "eu-1b";  // RDS's choice
  shown.resource_id = "db-B";
  EXPECT_THAT(unmet_settings(sample(), shown),
              ElementsAre("backup_days", "class", "parameter_groups"));
  EXPECT_THAT(unmet_settings(sample(), sample()), IsEmpty());
}

TEST(UnmetSettings, AskForNothingThatTheWantedOnesDoNotSay) {
  InstanceSettings shown = sample();
  shown.backup_window = "03:00-03:30";
  shown.storage_autoscaling_max_gib = 1000;
  shown.ca_certificate = "rds-ca-rsa2048-g1";
  shown.option_groups = {"default:postgres-16"};
  EXPECT_THAT(unmet_settings(sample(), shown), IsEmpty());
  InstanceSettings nothing;
  EXPECT_THAT(unmet_settings(nothing, nothing), IsEmpty());
}

TEST(UnmetSettings, GrowStorageOnlyByATenthOrMore) {
  const auto unmet = [](int wanted, int shown) {
    InstanceSettings want = sample();
    InstanceSettings show = sample();
    want.allocated_storage_gib = wanted;
    show.allocated_storage_gib = shown;
    return unmet_settings(want, show).contains("storage_gib");
  };
  EXPECT_TRUE(unmet(110, 100));
  EXPECT_FALSE(unmet(109, 100));
  EXPECT_FALSE(unmet(100, 200));
}

TEST(UnmetSettings, LeaveTheSpeedOfSmallGp3VolumesAlone) {
  InstanceSettings want = sample();
  InstanceSettings show = sample();
  want.iops = 3000;
  show.iops = 12000;
  EXPECT_THAT(unmet_settings(want, show), IsEmpty());
  want.allocated_storage_gib = show.allocated_storage_gib = 400;
  EXPECT_THAT(unmet_settings(want, show), ElementsAre("iops"));
  want.storage_type = show.storage_type = "io1";
  want.storage_throughput_mibps = 500;
  EXPECT_THAT(unmet_settings(want, show), ElementsAre("iops"));  // only gp3 chooses throughput
  want.storage_type = show.storage_type = "gp3";
  EXPECT_THAT(unmet_settings(want, show), ElementsAre("iops", "throughput_mibps"));
}

TEST(UnmetSettings, KnowWhatBelongsTogether) {
  InstanceSettings want = sample();
  InstanceSettings show = sample();
  want.monitoring_interval_seconds = 0;  // the same as not set
  want.monitoring_role_arn = "arn:old";
  EXPECT_THAT(unmet_settings(want, show), IsEmpty());
  want.monitoring_interval_seconds = 60;
  EXPECT_THAT(unmet_settings(want, show), ElementsAre("monitoring_role", "monitoring_seconds"));
  want = sample();
  want.performance_insights_retention_days = 7;
  EXPECT_THAT(unmet_settings(want, show), IsEmpty());
  want.performance_insights = true;
  EXPECT_THAT(unmet_settings(want, show), ElementsAre("insights", "insights_days"));
  want = sample();
  want.option_groups = {"own"};
  show.log_exports = {"postgresql"};
  EXPECT_THAT(unmet_settings(want, show), ElementsAre("log_exports", "option_groups"));
}

TEST(UnmetSettings, OfBlankOnesAreOnlyThoseThatWereGiven) {
  InstanceSettings shown = sample();
  shown.multi_az = shown.auto_minor_version_upgrade = shown.copy_tags_to_snapshot = true;
  shown.iam_authentication = shown.deletion_protection = shown.performance_insights = true;
  shown.monitoring_interval_seconds = 60;
  shown.log_exports = {"postgresql"};
  InstanceSettings blank;
  blank.blank = true;
  EXPECT_THAT(unmet_settings(blank, shown), IsEmpty());
  shown.publicly_accessible = true;
  blank.instance_class = "db.t3.micro";
  EXPECT_THAT(unmet_settings(blank, shown), ElementsAre("class", "public"));
  blank.blank = false;
  EXPECT_THAT(unmet_settings(blank, shown), testing::Contains("multi_az"));
}

TEST(UnmetSettings, LetTheServiceKeepThePasswordButNeverTakeItBack) {
  InstanceSettings want = sample();
  InstanceSettings show = sample();
  show.managed_password = true;  // to end it needs another password
  EXPECT_THAT(unmet_settings(want, show), IsEmpty());
  std::swap(want, show);
  EXPECT_THAT(unmet_settings(want, show), ElementsAre("managed_password"));
}

TEST(MissingRolesAndTags, AreThoseOfTheUserThatTheInstanceLacks) {
  InstanceSettings shown;
  shown.tags = {{"team", "web"}};
  EXPECT_THAT(missing_tags(sample(), shown), ElementsAre(std::pair("team", "shop")));
  EXPECT_EQ(missing_roles(sample(), shown), sample().roles);
  EXPECT_THAT(missing_tags(sample(), sample()), IsEmpty());
  EXPECT_THAT(missing_roles(sample(), sample()), IsEmpty());
}

}  // namespace
}  // namespace tidemark::core
