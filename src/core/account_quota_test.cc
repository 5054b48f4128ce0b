#include "core/account_quota.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/restore_plan.h"

namespace tidemark::core {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

std::vector<AccountQuota> quotas(int instances, int gib) {
  return {{"DBInstances", instances, 40}, {"AllocatedStorage", gib, 1000}, {"OptionGroups", 9, 9}};
}

TEST(MissingRoom, IsNoneAsLongAsOneMoreInstanceFits) {
  EXPECT_THAT(missing_room(quotas(39, 900), 100, "eu-west-1"), IsEmpty());
  EXPECT_THAT(missing_room({}, 100, "eu-west-1"), IsEmpty());
}

TEST(MissingRoom, NamesTheQuotaThatIsFull) {
  const auto instances = missing_room(quotas(40, 0), 100, "eu-west-1");
  ASSERT_THAT(instances, SizeIs(1));
  EXPECT_EQ(instances[0].severity, Severity::critical);
  EXPECT_EQ(instances[0].kind, ErrorKind::exhausted);
  EXPECT_THAT(instances[0].message, HasSubstr("40 of 40 DB instances of eu-west-1"));
  const auto storage = missing_room(quotas(0, 901), 100, "eu-west-1");
  ASSERT_THAT(storage, SizeIs(1));
  EXPECT_THAT(storage[0].message, HasSubstr("needs 100 more"));
  EXPECT_THAT(missing_room(quotas(40, 901), 100, "eu-west-1"), SizeIs(2));
}

TEST(MissingRoom, KnowsAQuotaByItsName) {
  EXPECT_EQ(quota_of(quotas(0, 0), "DBInstances"), 40);
  EXPECT_EQ(quota_of(quotas(0, 0), "ManualSnapshots"), std::nullopt);
}

TEST(RestorePlan, IsStoppedByTheFirstCriticalProblem) {
  RestorePlan plan;
  plan.problems.push_back({Severity::warning, "a replica stays behind", ""});
  EXPECT_TRUE(plan.possible());
  plan.problems.push_back({Severity::critical, "full", "", ErrorKind::exhausted});
  plan.problems.push_back({Severity::critical, "stopped", ""});
  ASSERT_NE(plan.obstacle(), nullptr);
  EXPECT_EQ(plan.obstacle()->kind, ErrorKind::exhausted);
  EXPECT_FALSE(plan.possible());
}

}  // namespace
}  // namespace tidemark::core
