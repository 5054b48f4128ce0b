#include "core/restore_steps.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/engine_life.h"
#include "core/instance_status.h"
#include "core/restore_plan.h"
#include "core/settings_drift.h"
#include "tests/support/restore_model.h"

namespace tidemark::core {
namespace {

using test::kOperation;
using test::Model;
using test::sample_goal;
using test::sample_instance;
using testing::HasSubstr;
using testing::Not;

TEST(RestoreSteps, LeadThroughEveryActInOrder) {
  Model model;
  model.goal.set_password = true;
  ASSERT_TRUE(model.restore());
  EXPECT_THAT(model.acts,
              testing::ElementsAre(RestoreAct::claim, RestoreAct::safeguard, RestoreAct::rename,
                                   RestoreAct::create, RestoreAct::modify, RestoreAct::add_roles,
                                   RestoreAct::add_tags, RestoreAct::reboot, RestoreAct::password,
                                   RestoreAct::check, RestoreAct::files, RestoreAct::hook,
                                   RestoreAct::finish, RestoreAct::warm_up));
  EXPECT_EQ(model.by_id("orders")->resource_id, "db-NEW");
  EXPECT_EQ(model.by_id(model.goal.aside)->resource_id, "db-OLD");
  EXPECT_TRUE(unmet_settings(model.goal.wanted, model.by_id("orders")->settings).empty());
}

TEST(RestoreSteps, GoOnFromWhereverTheyWereStopped) {
  for (int acts = 0; acts < 15; ++acts) {
    Model model;
    model.restore(acts);
    Model resumed = model;
    ASSERT_TRUE(resumed.restore()) << acts;
    EXPECT_EQ(resumed.instances.size(), 2u);
    EXPECT_EQ(std::count(resumed.acts.begin(), resumed.acts.end(), RestoreAct::create), 1) << acts;
  }
}

TEST(RestoreSteps, BesideAnInstanceTakeNothingAway) {
  Model model;
  model.goal.identifier = "orders-copy";
  model.goal.in_place = false;
  model.goal.safety.clear();
  const NextStep step = next_restore_step(model.goal, model.facts());
  EXPECT_EQ(step.act, RestoreAct::create);
  model.goal.identifier = "orders";
  const NextStep taken = next_restore_step(model.goal, model.facts());
  ASSERT_EQ(taken.act, RestoreAct::stop);
  EXPECT_THAT(taken.error->message, HasSubstr("orders"));
}

TEST(RestoreSteps, WithoutAnInstanceBeginWithTheRestoreItself) {
  Model model;
  model.instances.clear();
  model.goal.gives_way.clear();
  EXPECT_EQ(next_restore_step(model.goal, model.facts()).act, RestoreAct::create);
  model.goal.origin = "time 2026-11-24T08:00:00Z";
  model.point_status.clear();
  EXPECT_EQ(next_restore_step(model.goal, model.facts()).act, RestoreAct::create);
}

TEST(RestoreSteps, MarkAnInstanceThatWasRenamedByHand) {
  Model model;
  model.instances.front().id = "orders-old";
  model.goal.aside = "orders-old";
  EXPECT_EQ(next_restore_step(model.goal, model.facts()).act, RestoreAct::claim);
  ASSERT_TRUE(model.restore());
  EXPECT_EQ(model.by_id("orders-old")->mark()->role, RestoreRole::replaced);
}

TEST(RestoreSteps, NeverRenameAnInstanceThatWasNotInThePlan) {
  Model model;
  ASSERT_FALSE(model.restore(3));  // claimed, safe, renamed
  model.settle();
  SeenInstance stranger = sample_instance();
  stranger.resource_id = "db-STRANGER";
  model.instances.push_back(stranger);
  const NextStep step = next_restore_step(model.goal, model.facts());
  ASSERT_EQ(step.act, RestoreAct::stop);
  EXPECT_EQ(step.error->kind, ErrorKind::conflict);
  EXPECT_THAT(step.error->message, HasSubstr("db-STRANGER"));
  model.rolling_back = true;
  EXPECT_EQ(model.next_rollback().act, RestoreAct::stop);  // before it says that it rolls back
}

TEST(RestoreSteps, StopBeforeAnythingWhenTheInstanceCannotBeRenamed) {
  for (const char* status : {"storage-full", "stopped", "incompatible-network", "failed"}) {
    Model model;
    model.instances.front().status = status;
    const NextStep step = next_restore_step(model.goal, model.facts());
    ASSERT_EQ(step.act, RestoreAct::stop) << status;
    EXPECT_THAT(step.error->message, HasSubstr(status));
  }
}

TEST(RestoreSteps, StopBeforeTheRenameWhenTheSafetySnapshotFailed) {
  Model model;
  model.safety_status = "failed";
  EXPECT_FALSE(model.restore());
  EXPECT_EQ(next_restore_step(model.goal, model.facts()).error->kind, ErrorKind::rejected);
}

TEST(RestoreSteps, SayWhatToDoWithAnInstanceThatCannotBeRenamed) {
  const std::pair<const char*, const char*> cases[] = {{"storage-full", "--allocated-storage"},
                                                       {"stopped", "start-db-instance"},
                                                       {"incompatible-restore", "--as"}};
  for (const auto& [status, hint] : cases) {
    Model model;
    model.goal.safety.clear();
    model.instances.front().status = status;
    EXPECT_FALSE(model.restore());
    const NextStep step = next_restore_step(model.goal, model.facts());
    ASSERT_EQ(step.act, RestoreAct::stop) << status;
    EXPECT_THAT(step.error->hint, HasSubstr(hint));
  }
}

TEST(RestoreSteps, WaitForWhatMovesByItself) {
  Model model;
  model.restore(1);  // claimed
  for (const char* status : {"backing-up", "modifying", "a status of 2031"}) {
    model.instances.front().status = status;
    EXPECT_EQ(next_restore_step(model.goal, model.facts()).act, RestoreAct::wait) << status;
  }
  model.instances.front().status = "available";
  model.instances.front().pending = {"identifier"};
  model.safety_status = "available";
  EXPECT_EQ(next_restore_step(model.goal, model.facts()).act, RestoreAct::wait);
  model.instances.front().status = "deleting";
  EXPECT_EQ(next_restore_step(model.goal, model.facts()).act, RestoreAct::wait);
}

TEST(RestoreSteps, StopWithoutThePoint) {
  Model model;
  ASSERT_FALSE(model.restore(3));
  model.settle();
  const std::pair<const char*, RestoreAct> cases[] = {{"gone", RestoreAct::stop},
                                                      {"failed", RestoreAct::stop},
                                                      {"creating", RestoreAct::wait},
                                                      {"available", RestoreAct::create}};
  for (const auto& [status, act] : cases) {
    model.point_status = status;
    EXPECT_EQ(next_restore_step(model.goal, model.facts()).act, act) << status;
  }
}

TEST(RestoreSteps, UpgradeASnapshotBeforeAnythingElse) {
  Model model;
  model.goal.upgrade_to = "15.7";
  RestoreFacts facts = model.facts();
  facts.origin_version = "11.22";
  EXPECT_EQ(next_restore_step(model.goal, facts).act, RestoreAct::upgrade);
  facts.origin_status = "upgrading";
  EXPECT_EQ(next_restore_step(model.goal, facts).act, RestoreAct::wait);
  facts.origin_status = "available";
  facts.origin_version = "15.7";
  EXPECT_EQ(next_restore_step(model.goal, facts).act, RestoreAct::claim);
}

TEST(RestoreSteps, StopWhenWhatWasRestoredIsBroken) {
  for (const char* status :
       {"failed", "incompatible-restore", "insufficient-capacity", "storage-full", "stopped"}) {
    Model model;
    model.restore(4);
    model.by_id("orders")->status = status;
    const NextStep step = next_restore_step(model.goal, model.facts());
    ASSERT_EQ(step.act, RestoreAct::stop) << status;
    EXPECT_THAT(step.error->hint, HasSubstr("rollback"));
  }
}

TEST(RestoreSteps, WaitForChangesThatAreOnTheirWay) {
  Model model;
  model.restore(5);  // modified
  model.settle();
  model.by_id("orders")->pending = {"class"};
  const NextStep step = next_restore_step(model.goal, model.facts());
  EXPECT_EQ(step.act, RestoreAct::wait);
  EXPECT_THAT(step.subject, HasSubstr("class"));
}

TEST(RestoreSteps, LeaveSettingsThatTheServiceRefused) {
  Model model;
  model.restore(4);
  model.settle();
  model.goal.unattainable = unmet_settings(model.goal.wanted, model.by_id("orders")->settings);
  EXPECT_EQ(next_restore_step(model.goal, model.facts()).act, RestoreAct::add_roles);
}

TEST(RestoreSteps, OfAFinishedRestoreAreNone) {
  Model model;
  ASSERT_TRUE(model.restore());
  EXPECT_EQ(next_restore_step(model.goal, model.facts()).act, RestoreAct::finished);
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

// A run that stood still while somebody else worked decides by what it sees.
TEST(RestoreSteps, LeaveARestoreAloneThatAnotherRunTakesBack) {
  Model model;
  ASSERT_FALSE(model.restore(3));  // claimed, safe, renamed
  model.settle();
  RestoreFacts facts = model.facts();
  facts.was_claimed = true;
  RestoreMark mark = *facts.replaced->mark();
  mark.phase = RestorePhase::rolling_back;
  facts.replaced->settings.tags = mark_tags(mark);
  EXPECT_EQ(next_restore_step(model.goal, facts).error->kind, ErrorKind::locked);
  facts.replaced->settings.tags.clear();
  EXPECT_EQ(next_restore_step(model.goal, facts).error->kind, ErrorKind::locked);
  facts.was_claimed = false;
  EXPECT_EQ(next_restore_step(model.goal, facts).act, RestoreAct::claim);
}

TEST(RestoreSteps, TellWhatAnotherRestoreMadeMeanwhile) {
  Model model;
  ASSERT_TRUE(model.restore());
  RestoreGoal other = model.goal;
  other.origin = "another-point";  // chosen in the same second
  EXPECT_EQ(next_restore_step(other, model.facts()).error->kind, ErrorKind::locked);
  other.operation = "20261124t235959z";
  const NextStep step = next_restore_step(other, model.facts());
  EXPECT_EQ(step.error->kind, ErrorKind::locked);
  EXPECT_THAT(step.error->message, HasSubstr("restored meanwhile, from " + model.goal.origin));
}

TEST(RestoreSteps, SpeakOfARollbackOnlyOfTheirOwn) {
  Model model;
  model.goal.source = "shop";
  model.point_status = "failed";
  EXPECT_THAT(next_restore_step(model.goal, model.facts()).error->hint, Not(HasSubstr("rollback")));
  model.point_status = "available";
  ASSERT_FALSE(model.restore(3));
  model.point_status = "failed";
  EXPECT_THAT(next_restore_step(model.goal, model.facts()).error->hint, HasSubstr("rollback"));
}

TEST(Standing, TakesNoStrangerForTheOneBefore) {
  Model model;
  ASSERT_FALSE(model.restore(3));
  model.settle();
  SeenInstance stranger = sample_instance();
  stranger.resource_id = "db-STRANGER";
  model.instances.push_back(stranger);
  EXPECT_THAT(standing_text("orders", model.facts(), kOperation),
              HasSubstr("orders is another instance (db-STRANGER)"));
}

TEST(Standing, SaysWhoHasTheNameAndWhereTheOtherIs) {
  Model model;
  EXPECT_THAT(standing_text("orders", model.facts(), kOperation),
              HasSubstr("nothing was taken away"));
  model.restore(3);
  model.settle();
  EXPECT_THAT(
      standing_text("orders", model.facts(), kOperation),
      HasSubstr("no instance is called orders now: the database is DOWN; the one before is kept as "
                "orders-replaced-20261124"));
  model.restore(1);
  EXPECT_THAT(standing_text("orders", model.facts(), kOperation),
              HasSubstr("orders is the restored instance, 'creating'"));
}

TEST(Acts, HaveNames) {
  for (int act = 0; act <= static_cast<int>(RestoreAct::finished); ++act)
    EXPECT_FALSE(act_name(static_cast<RestoreAct>(act)).empty()) << act;
}

TEST(EngineLife, IsKnownOfTheMajorsThatUsersHave) {
  EXPECT_EQ(major_of("14.9"), "14");
  EXPECT_EQ(major_of("9.6.24"), "9");
  EXPECT_EQ(end_of_life("11.22"), "2023-11-09");
  EXPECT_FALSE(end_of_life("99.1"));
  EXPECT_EQ(rds_support("14.9")->standard_end, "2027-02-28");
  EXPECT_EQ(rds_support("9.6.24")->extended_end, "");
  EXPECT_FALSE(rds_support("99.1"));
}

TEST(EngineLife, IsLongerInRdsThanInTheCommunity) {
  for (int major = 9; major <= 17; ++major) {
    const std::string version = std::to_string(major) + ".1";
    const auto support = rds_support(version);
    ASSERT_TRUE(support) << version;
    EXPECT_LT(*end_of_life(version), support->standard_end);
    const bool costs = !support->extended_end.empty();
    EXPECT_TRUE(!costs || support->standard_end < support->extended_end) << version;
  }
}

TEST(RestoreSteps, OfARestoreBesideNeverPromiseARollback) {
  RestoreGoal goal = sample_goal();
  goal.source = "shop";
  EXPECT_THAT(take_back_text(goal), HasSubstr("restore rollback shop"));
  goal.in_place = false;
  goal.gives_way.clear();
  goal.identifier = "orders-look";
  RestoreFacts facts{.origin_status = "gone"};
  EXPECT_THAT(next_restore_step(goal, facts).error->hint, Not(HasSubstr("rollback")));
  EXPECT_THAT(standing_text(goal, facts), Not(HasSubstr("DOWN")));
  SeenInstance made{.id = "orders-look", .resource_id = "db-NEW", .status = "failed"};
  made.settings.tags = mark_tags({.operation = kOperation,
                                  .role = RestoreRole::restored,
                                  .identifier = "orders-look",
                                  .origin = "the-point",
                                  .aside = ""});
  facts.target = made;
  const NextStep step = next_restore_step(goal, facts);
  EXPECT_EQ(step.act, RestoreAct::stop);
  EXPECT_THAT(standing_text(goal, facts), HasSubstr("is the restored instance, 'failed'"));
  EXPECT_THAT(step.error->hint, HasSubstr("delete-db-instance"));
  EXPECT_THAT(step.error->hint, Not(HasSubstr("rollback")));
  facts.target->settings.tags.clear();
  EXPECT_THAT(standing_text(goal, facts), HasSubstr("is another instance"));
}

TEST(RestoreSteps, LeaveAloneWhatAnotherRestoreIsMaking) {
  RestoreGoal goal = sample_goal();
  goal.gives_way.clear();
  RestoreFacts facts{.origin_status = "available"};
  facts.target = SeenInstance{.id = goal.identifier, .resource_id = "db-X", .status = "creating"};
  facts.target->settings.tags = mark_tags({.operation = "20261124t093012z",
                                           .role = RestoreRole::restored,
                                           .identifier = goal.identifier,
                                           .origin = "the-point",
                                           .aside = ""});
  for (const bool in_place : {true, false}) {
    goal.in_place = in_place;
    const NextStep step = next_restore_step(goal, facts);
    ASSERT_TRUE(step.error);
    EXPECT_EQ(step.error->kind, ErrorKind::locked);
    EXPECT_THAT(step.error->hint, Not(HasSubstr("rename")));
  }
}

TEST(RestoreSteps, ToTheLatestMomentNeedNoSnapshot) {
  RestoreGoal goal = sample_goal();
  goal.origin = kLatestOrigin;
  EXPECT_EQ(next_restore_step(goal, {}).act, RestoreAct::create);
  EXPECT_THAT(planned_steps(goal, {}).front().text, HasSubstr("as of the latest moment"));
}

}  // namespace
}  // namespace tidemark::core
