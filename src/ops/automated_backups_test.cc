#include "ops/automated_backups.h"

#include <gtest/gtest.h>

namespace tidemark::ops {
namespace {

using aws::rds::AutomatedBackup;

AutomatedBackup backup(const std::string& region, const std::string& name,
                       const std::string& resource, const char* latest) {
  AutomatedBackup one;
  one.instance_arn = "arn:aws:rds:" + region + ":111122223333:db:" + name;
  one.instance_id = name;
  one.resource_id = resource;
  one.latest = *parse_time(latest);
  return one;
}

const std::vector<AutomatedBackup> kListed = {
    backup("eu-west-1", "orders", "db-OLD", "2026-11-01T00:00:00Z"),
    backup("eu-west-1", "orders", "db-NEW", "2026-11-20T00:00:00Z"),
    backup("us-east-1", "orders", "db-AFAR", "2026-11-24T00:00:00Z"),  // replicated here
    backup("eu-west-1", "other", "db-OTHER", "2026-11-24T00:00:00Z"),
};

TEST(BackupOf, AnInstanceIsKnownByItsIdentityWhateverItsName) {
  const auto found = backup_of(kListed, {"db-OLD", "renamed", "eu-west-1"});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->resource_id, "db-OLD");
  EXPECT_FALSE(backup_of(kListed, {"db-UNKNOWN", "orders", "eu-west-1"}));
}

TEST(BackupOf, AnInstanceThatIsGoneIsKnownByNameAndRegion) {
  EXPECT_EQ(backup_of(kListed, {"", "orders", "eu-west-1"})->resource_id, "db-NEW");
  EXPECT_EQ(backup_of(kListed, {"", "orders", "us-east-1"})->resource_id, "db-AFAR");
  EXPECT_FALSE(backup_of(kListed, {"", "orders", "eu-west-2"}));
}

TEST(BackupOf, ThatItsPointsAreOfGoesBeforeAYoungerOneOfTheSameName) {
  EXPECT_EQ(backup_of(kListed, {"", "orders", "eu-west-1", {"db-OLD"}})->resource_id, "db-OLD");
}

TEST(BackupOf, WithoutARegionIsNobodys) {
  AutomatedBackup nameless = kListed[0];
  nameless.instance_arn.clear();
  EXPECT_FALSE(backup_of({&nameless, 1}, {"", "orders", "eu-west-1"}));
}

}  // namespace
}  // namespace tidemark::ops
