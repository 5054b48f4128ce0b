#include "ops/restore_world.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ops/survey.h"

namespace tidemark::ops {
namespace {

using core::RestoreMark;
using core::RestorePhase;
using core::RestoreRole;

constexpr const char* kOperation = "20261124t083012z";
constexpr const char* kOrigin = "tidemark-202611-orders-20261122t0200z";
constexpr const char* kSafetyName = "tidemark-202611-orders-20261124t0830z";
constexpr const char* kOther = "tidemark-202611-orders-20261121t0200z";

RestoreMark mark_of(RestoreRole role, RestorePhase phase) {
  return {.operation = kOperation,
          .role = role,
          .phase = phase,
          .identifier = "orders",
          .origin = kOrigin,
          .aside = "orders-replaced-20261124"};
}

core::SeenInstance marked(const std::string& resource, const RestoreMark& mark) {
  core::SeenInstance instance{.id = "orders", .resource_id = resource};
  instance.settings.tags = core::mark_tags(mark);
  return instance;
}

TEST(RestoreWorld, GivesEachRestoreANameOfItsOwn) {
  const TimePoint began = *core::operation_began(kOperation);
  EXPECT_EQ(new_operation({}, began), kOperation);
  const RestoreWorld world{{marked("db-A", mark_of(RestoreRole::discarded, RestorePhase::done))}};
  EXPECT_EQ(new_operation(world, began), core::operation_name(began + Seconds(1)));
}

TEST(RestoreWorld, KnowsRowsThatNobodyHasFoundToBeRight) {
  const auto unproven = [](RestoreRole role, RestorePhase phase) {
    return is_unproven({{marked("db-A", mark_of(role, phase))}}, "db-A");
  };
  EXPECT_TRUE(unproven(RestoreRole::restored, RestorePhase::open));
  EXPECT_TRUE(unproven(RestoreRole::discarded, RestorePhase::done)) << "it was taken back";
  EXPECT_FALSE(unproven(RestoreRole::restored, RestorePhase::done));
  EXPECT_FALSE(unproven(RestoreRole::replaced, RestorePhase::open));
  EXPECT_FALSE(is_unproven({}, "db-A"));
}

SurveyedSource surveyed_with(std::optional<RestoreMark> open) {
  SurveyedSource surveyed{
      .source = {.name = "orders",
                 .instance = "orders",
                 .region = "eu-central-1",
                 .policy = "default",
                 .retention = {},
                 .schedule = *schedule::Schedule::parse("daily", schedule::TimeZone::utc()),
                 .overdue_after = Seconds(0),
                 .service = nullptr}};
  surveyed.open_restore = std::move(open);
  for (const char* id : {kOrigin, kSafetyName, kOther}) {
    aws::rds::Snapshot snapshot;
    snapshot.id = id;
    snapshot.type = "manual";
    snapshot.status = "available";
    snapshot.tags = {{"tidemark:owner", "prod-1"}};
    surveyed.update(std::move(snapshot));
  }
  surveyed.snapshots.at(kSafetyName).tags["tidemark:kind"] = "safety";
  return surveyed;
}

TEST(Survey, HoldsWhatAnOpenRestoreNeeds) {
  const auto open = surveyed_with(mark_of(RestoreRole::replaced, RestorePhase::open));
  EXPECT_THAT(needed_by_restore(open, kOrigin), testing::HasSubstr("2026-11-24T08:30:12Z"));
  EXPECT_NE(needed_by_restore(open, kSafetyName), "") << "its hold was released";
  EXPECT_EQ(needed_by_restore(open, kOther), "");
  EXPECT_EQ(needed_by_restore(open, "no-such-point"), "");
  for (const core::RecoveryPoint& point : points_of(open, {.owner = "prod-1"}))
    EXPECT_EQ(point.hold.has_value(), point.id != kOther) << point.id;
}

TEST(Survey, HoldsNothingForARestoreThatIsOver) {
  const auto over = surveyed_with(std::nullopt);
  for (const core::RecoveryPoint& point : points_of(over, {.owner = "prod-1"}))
    EXPECT_EQ(point.hold, std::nullopt) << point.id;
}

}  // namespace
}  // namespace tidemark::ops
