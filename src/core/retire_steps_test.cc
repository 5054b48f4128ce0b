#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/restore_steps.h"

namespace tidemark::core {
namespace {

using testing::HasSubstr;

SeenInstance put_aside(RestoreRole role = RestoreRole::replaced) {
  SeenInstance instance{.id = "orders-aside-20261124", .resource_id = "db-OLD"};
  instance.status = "available";
  const RestoreMark mark{.operation = "20261124t083012z",
                         .role = role,
                         .phase = RestorePhase::done,
                         .identifier = "orders",
                         .origin = "the-point",
                         .aside = instance.id,
                         .bearer = "db-OLD"};
  instance.settings.tags = mark_tags(mark);
  return instance;
}

SeenInstance with_mark(SeenInstance instance, const RestoreMark& mark) {
  for (const auto& [key, value] : mark_tags(mark)) instance.settings.tags[key] = value;
  return instance;
}

TEST(WhyKept, SaysNothingOfWhatARestorePutAsideItself) {
  EXPECT_EQ(why_kept(put_aside()), "");
  EXPECT_EQ(why_kept(put_aside(RestoreRole::discarded)), "");
}

TEST(WhyKept, NamesAnInstanceThatSomebodyRenamed) {
  SeenInstance since = put_aside();
  since.id = "orders-live";
  EXPECT_THAT(why_kept(since), HasSubstr("orders-aside-20261124"));
  RestoreMark mark = *put_aside().mark();
  mark.by_hand = true;
  EXPECT_THAT(why_kept(with_mark(put_aside(), mark)), HasSubstr("before the restore"));
}

TEST(WhyKept, TakesACopyOfAMarkForNone) {
  SeenInstance copy = put_aside();
  copy.resource_id = "db-COPY";
  EXPECT_NE(why_kept(copy), "");
}

TEST(RetireSteps, ClaimsAgainUntilTheInstanceThatLivesOnNamesTheFinalSnapshot) {
  RestoreMark mark = *put_aside().mark();
  mark.phase = RestorePhase::retiring;
  RetireFacts facts{.victim = with_mark(put_aside(), mark), .final_snapshot = "the-final"};
  facts.announced = false;
  EXPECT_EQ(next_retire_step(facts).act, RestoreAct::claim);
  facts.announced = true;
  EXPECT_EQ(next_retire_step(facts).act, RestoreAct::destroy);
}

TEST(RestoreSteps, StopAtOnceWhenAnotherInstanceHasTheNameAside) {
  SeenInstance target{.id = "orders", .resource_id = "db-OLD"};
  target.status = "available";
  const RestoreGoal goal{.operation = "20261124t083012z",
                         .identifier = "orders",
                         .gives_way = "db-OLD",
                         .origin = "the-point",
                         .aside = "orders-replaced-20261124"};
  RestoreFacts facts{.target = target, .replaced = target, .origin_status = "available"};
  EXPECT_EQ(next_restore_step(goal, facts).act, RestoreAct::claim);
  facts.aside_holder = "db-OTHER";
  const NextStep stopped = next_restore_step(goal, facts);
  ASSERT_EQ(stopped.act, RestoreAct::stop);
  EXPECT_THAT(stopped.error->message, HasSubstr("orders-replaced-20261124"));
  EXPECT_THAT(stopped.error->message, HasSubstr("db-OTHER"));
}

TEST(RollbackSteps, EndWhenAnEarlierRestoresMarkIsBack) {
  RestoreMark mark = *put_aside().mark();
  mark.role = RestoreRole::restored;
  SeenInstance back = with_mark(put_aside(), mark);
  back.id = "orders";
  EXPECT_EQ(next_rollback_step({.replaced = back, .target = back}).act, RestoreAct::finished);
}

}  // namespace
}  // namespace tidemark::core
