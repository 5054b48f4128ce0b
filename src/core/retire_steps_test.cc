#include "core/retire_steps.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/restore_model.h"

namespace tidemark::core {
namespace {

using test::Model;
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

SeenInstance restored(RestorePhase phase = RestorePhase::done) {
  SeenInstance instance{.id = "orders", .resource_id = "db-NEW", .status = "available"};
  return with_mark(instance, {.operation = "20261124t083012z",
                              .role = RestoreRole::restored,
                              .phase = phase,
                              .identifier = "orders",
                              .origin = "the-point",
                              .bearer = "db-NEW"});
}

TEST(WhyNeeded, SaysNothingWhenWhatWasRestoredOrBroughtBackIsThere) {
  EXPECT_EQ(why_needed(put_aside(), restored()), "");
  EXPECT_EQ(why_needed(put_aside(RestoreRole::discarded), restored(RestorePhase::retired)), "");
  const SeenInstance back{.id = "orders", .resource_id = "db-OLD", .status = "available"};
  EXPECT_EQ(why_needed(put_aside(RestoreRole::discarded), back), "");
}

TEST(WhyNeeded, NamesWhatIsWrongWithWhatHasTheIdentifier) {
  EXPECT_THAT(why_needed(put_aside(), std::nullopt), HasSubstr("no instance is called orders"));
  EXPECT_THAT(why_needed(put_aside(), restored(RestorePhase::open)), HasSubstr("not known"));
  const SeenInstance somebodys{.id = "orders", .resource_id = "db-X", .status = "available"};
  EXPECT_THAT(why_needed(put_aside(), somebodys), HasSubstr("db-X"));
  for (const char* status : {"failed", "stopped", "storage-full", "deleting"}) {
    SeenInstance survivor = restored();
    survivor.status = status;
    EXPECT_THAT(why_needed(put_aside(), survivor), HasSubstr(status));
  }
}

TEST(RetireSteps, NeverDeleteTheLastInstanceOfASource) {
  RestoreMark mark = *put_aside().mark();
  mark.phase = RestorePhase::retiring;
  for (const SeenInstance& victim : {put_aside(), with_mark(put_aside(), mark)}) {
    RetireFacts facts{.victim = victim, .survivor = {}, .final_snapshot = ""};
    const NextStep step = next_retire_step(facts);
    ASSERT_EQ(step.act, RestoreAct::stop);
    EXPECT_EQ(step.error->kind, ErrorKind::unsafe);
    EXPECT_THAT(step.error->message, HasSubstr("no instance is called orders now"));
    facts.survivor = restored();
    facts.survivor->status = "backing-up";
    EXPECT_EQ(next_retire_step(facts).act, RestoreAct::wait);
  }
}

TEST(FinalSnapshotName, IsWhatIsWantedNowUntilTheDeletionHasBegun) {
  EXPECT_EQ(final_snapshot_name(put_aside(), true, "fresh"), "fresh");
  EXPECT_EQ(final_snapshot_name(put_aside(), false, "fresh"), "");
  RestoreMark mark = *put_aside().mark();
  mark.phase = RestorePhase::retiring;
  SeenInstance begun = with_mark(put_aside(), mark);
  begun.settings.tags[std::string(kFinalTag)] = "earlier";
  EXPECT_EQ(final_snapshot_name(begun, true, "fresh"), "earlier");
  EXPECT_EQ(final_snapshot_name(begun, false, "fresh"), "");
  SeenInstance without = begun;
  without.settings.tags[std::string(kFinalTag)] = "-";
  EXPECT_EQ(final_snapshot_name(without, true, "fresh"), "fresh");
  EXPECT_EQ(final_snapshot_name(without, false, "fresh"), "");
  begun.status = without.status = "deleting";
  EXPECT_EQ(final_snapshot_name(begun, false, "fresh"), "earlier");
  EXPECT_EQ(final_snapshot_name(without, true, "fresh"), "");
}

TEST(RetireSteps, ChangeNothingWhenTheFinalSnapshotCannotBeTaken) {
  RetireFacts facts{.victim = put_aside(), .survivor = restored(), .final_snapshot = "the-final"};
  facts.victim->settings.deletion_protection = true;
  for (const char* status : {"stopped", "storage-full", "failed"}) {
    facts.victim->status = status;
    EXPECT_EQ(next_retire_step(facts).act, RestoreAct::stop) << status;
  }
  facts.final_snapshot.clear();
  EXPECT_EQ(next_retire_step(facts).act, RestoreAct::claim);
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
  RetireFacts facts{.victim = with_mark(put_aside(), mark),
                    .survivor = restored(),
                    .final_snapshot = "the-final"};
  facts.announced = false;
  EXPECT_EQ(next_retire_step(facts).act, RestoreAct::claim);
  facts.announced = true;
  EXPECT_EQ(next_retire_step(facts).act, RestoreAct::destroy);
}

TEST(RetireSteps, ProtectTheRowsBeforeTheDeletion) {
  Model model;
  ASSERT_TRUE(model.restore());
  RetireFacts facts{.victim = *model.by_id(model.goal.aside),
                    .survivor = *model.by_id("orders"),
                    .final_snapshot = "final"};
  EXPECT_EQ(next_retire_step(facts).act, RestoreAct::claim);
  model.mark(*facts.victim, RestoreRole::replaced, RestorePhase::retiring);
  EXPECT_EQ(next_retire_step(facts).act, RestoreAct::unprotect);
  facts.victim->settings.deletion_protection = false;
  EXPECT_EQ(next_retire_step(facts).act, RestoreAct::destroy);
  facts.victim->status = "storage-full";
  EXPECT_EQ(next_retire_step(facts).act, RestoreAct::stop);
  facts.final_snapshot.clear();
  EXPECT_EQ(next_retire_step(facts).act, RestoreAct::destroy);
  for (const char* status : {"deleting", "modifying"}) {
    facts.victim->status = status;
    EXPECT_EQ(next_retire_step(facts).act, RestoreAct::wait) << status;
  }
}

TEST(RetireSteps, EndOnlyWithATaggedFinalSnapshot) {
  RetireFacts facts{.victim = {}, .final_snapshot = "final"};
  EXPECT_EQ(next_retire_step(facts).act, RestoreAct::stop);
  facts.final_status = "creating";
  EXPECT_EQ(next_retire_step(facts).act, RestoreAct::keep_final);
  facts.final_tagged = true;
  EXPECT_EQ(next_retire_step(facts).act, RestoreAct::wait);
  facts.final_status = "failed";  // it would be waited for in vain
  EXPECT_EQ(next_retire_step(facts).act, RestoreAct::stop);
  facts.final_status = "available";
  EXPECT_EQ(next_retire_step(facts).act, RestoreAct::finished);
  EXPECT_EQ(next_retire_step({.victim = {}, .final_snapshot = ""}).act, RestoreAct::finished);
}

}  // namespace
}  // namespace tidemark::core
