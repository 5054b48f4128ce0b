#include "ops/points.h"

#include <gtest/gtest.h>

#include "aws/rds/settings_tags.h"

namespace tidemark::ops {
namespace {

using aws::rds::Snapshot;
using core::PointState;

Snapshot snapshot_named(std::string id) {
  Snapshot snapshot;
  snapshot.id = std::move(id);
  snapshot.type = "manual";
  snapshot.status = "available";
  snapshot.tags = {{"tidemark:owner", "prod-1"}};
  snapshot.created = *parse_time("2026-11-23T09:00:00Z");
  snapshot.original_created = *parse_time("2026-11-22T02:04:00Z");
  return snapshot;
}

constexpr const char* kName = "tidemark-202611-orders-20261122t0200z";

TEST(Origin, TellsOursFromOthers) {
  EXPECT_EQ(origin_of(snapshot_named(kName), "prod-1"), Origin::ours);
  EXPECT_EQ(origin_of(snapshot_named(kName), "prod-2"), Origin::foreign);
  EXPECT_EQ(origin_of(snapshot_named("before-migration"), "prod-1"), Origin::foreign);
  EXPECT_EQ(origin_of(snapshot_named("weeklybackup-2016-03-01"), "prod-1"), Origin::legacy);
  Snapshot untagged = snapshot_named(kName);
  untagged.tags.clear();
  EXPECT_EQ(origin_of(untagged, "prod-1"), Origin::untagged);
  Snapshot automated = snapshot_named(kName);
  automated.type = "automated";
  EXPECT_EQ(origin_of(automated, "prod-1"), Origin::foreign);
}

TEST(Point, GoesByTheOriginalCreationTimeThatACopyKeeps) {
  const auto point = to_point(snapshot_named(kName), Origin::ours, "orders");
  EXPECT_EQ(point.moment(), *parse_time("2026-11-22T02:04:00Z"));
  EXPECT_EQ(point.slot, *parse_time("2026-11-22T02:00:00Z"));
}

TEST(Point, IsGoodOnlyWhenAvailable) {
  const std::pair<const char*, PointState> cases[] = {
      {"available", PointState::good},      {"creating", PointState::in_progress},
      {"copying", PointState::in_progress}, {"a state of 2031", PointState::in_progress},
      {"failed", PointState::failed},       {"incompatible-restore", PointState::failed},
      {"unavailable", PointState::failed},  {"deleting", PointState::deleting},
      {"deleted", PointState::deleting},    {"AVAILABLE", PointState::in_progress}};
  for (const auto& [status, state] : cases) {
    Snapshot snapshot = snapshot_named(kName);
    snapshot.status = status;
    EXPECT_EQ(to_point(snapshot, Origin::ours, "orders").state, state) << status;
  }
}

TEST(Point, IsHeldWhileNothingShowsThatWeMadeIt) {
  EXPECT_TRUE(to_point(snapshot_named(kName), Origin::untagged, "orders").hold.has_value());
  EXPECT_FALSE(to_point(snapshot_named(kName), Origin::ours, "orders").hold.has_value());
}

TEST(Point, IsCondemnedOnlyByAReadableMoment) {
  Snapshot snapshot = snapshot_named(kName);
  snapshot.tags[std::string(kCondemnedTag)] = "2026-11-29T02:00:00Z";
  EXPECT_EQ(to_point(snapshot, Origin::ours, "orders").condemned_at,
            *parse_time("2026-11-29T02:00:00Z"));
  for (const char* value : {"reprieved", "", "yes"}) {
    snapshot.tags[std::string(kCondemnedTag)] = value;
    EXPECT_FALSE(to_point(snapshot, Origin::ours, "orders").condemned_at.has_value()) << value;
  }
}

TEST(NewPointTags, HoldOursTheSettingsAndTheInstancesOwn) {
  aws::rds::Instance instance;
  instance.settings.instance_class = "db.t3.micro";
  instance.settings.tags = {{"team", "shop"},
                            {"aws:cloudformation:stack-name", "x"},
                            {"tidemark:hold", "copied from elsewhere"}};
  const auto tags =
      tags_for_new_point(instance, "prod-1", "orders", "gold", *parse_time("2026-11-22T02:00:00Z"),
                         *parse_time("2026-11-22T09:00:00Z"));
  ASSERT_TRUE(tags);
  EXPECT_EQ(tags->at("tidemark:owner"), "prod-1");
  EXPECT_EQ(tags->at("tidemark:source"), "orders");
  EXPECT_EQ(tags->at("tidemark:point"), "2026-11-22T02:00:00Z");
  EXPECT_EQ(tags->at("tidemark:asked"), "2026-11-22T09:00:00Z");
  EXPECT_EQ(tags->at("tidemark:policy"), "gold");
  EXPECT_EQ(tags->at("team"), "shop");
  EXPECT_FALSE(tags->contains("aws:cloudformation:stack-name"));
  EXPECT_FALSE(tags->contains("tidemark:hold"));
  EXPECT_EQ(aws::rds::decode_settings(*tags)->tags, instance.settings.tags);
}

TEST(NewPointTags, LeaveRoomForAHoldAndACondemnation) {
  aws::rds::Instance instance;
  for (int i = 0; i < 50; ++i) instance.settings.tags["key-" + std::to_string(i)] = "value";
  const auto tags =
      tags_for_new_point(instance, "prod-1", "orders", "gold", *parse_time("2026-11-22T02:00:00Z"),
                         *parse_time("2026-11-22T09:00:00Z"));
  ASSERT_TRUE(tags);
  EXPECT_LE(tags->size(), 48u);
}

TEST(Point, OfAnInstanceThatWasPutAsideStandsApart) {
  Snapshot snapshot = snapshot_named(kName);
  EXPECT_FALSE(to_point(snapshot, Origin::ours, "orders").apart);
  snapshot.tags["tidemark:kind"] = "safety";
  EXPECT_TRUE(to_point(snapshot, Origin::ours, "orders").apart);
}

TEST(FinalSnapshot, IsTaggedOnlyByTagsOfItsOwnSlot) {
  Snapshot snapshot = snapshot_named(kName);
  EXPECT_FALSE(is_tagged_final(snapshot));
  snapshot.tags["tidemark:kind"] = "final";
  snapshot.tags["tidemark:point"] = "2026-11-21T02:00:00Z";
  EXPECT_FALSE(is_tagged_final(snapshot)) << "copied from an older one, by way of an instance";
  snapshot.tags["tidemark:point"] = "2026-11-22T02:00:00Z";
  EXPECT_TRUE(is_tagged_final(snapshot));
  snapshot.tags["tidemark:kind"] = "safety";
  EXPECT_FALSE(is_tagged_final(snapshot));
}

TEST(SafetySnapshot, BelongsToTheOneRestoreThatItsHoldNames) {
  Snapshot snapshot = snapshot_named(kName);
  EXPECT_FALSE(is_safety_of(snapshot, "20261124t083012z")) << "a point of the same minute";
  snapshot.tags["tidemark:kind"] = "safety";
  snapshot.tags["tidemark:hold"] = safety_hold("20261124t083012z");
  EXPECT_TRUE(is_safety_of(snapshot, "20261124t083012z"));
  EXPECT_FALSE(is_safety_of(snapshot, "20261121t083012z"));
  snapshot.tags.erase("tidemark:hold");
  EXPECT_TRUE(is_safety_of(snapshot, "20261124t083012z")) << "released meanwhile";
}

}  // namespace
}  // namespace tidemark::ops
