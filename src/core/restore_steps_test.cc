// The steps are tried on a small model of the service: what each act leads to, and how long it
// takes to show. Wherever the work is stopped, it is taken up from the same facts, so every prefix
// of a restore is also the beginning of a rollback.
#include "core/restore_steps.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/engine_life.h"
#include "core/instance_status.h"
#include "core/restore_plan.h"
#include "core/settings_drift.h"

namespace tidemark::core {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kOperation = "20261124t083012z";
constexpr int kStepsMax = 100;

InstanceSettings sample_settings() {
  InstanceSettings s;
  s.instance_class = "db.r6g.large";
  s.multi_az = true;
  s.deletion_protection = true;
  s.backup_retention_days = 7;
  s.parameter_groups = {"orders-15"};
  s.roles = {{"arn:r", "s3Import"}};
  s.tags = {{"team", "shop"}};
  return s;
}

SeenInstance sample_instance() {
  SeenInstance instance{.id = "orders", .resource_id = "db-OLD", .status = "available"};
  instance.settings = sample_settings();
  instance.settings.resource_id = "db-OLD";
  return instance;
}

RestoreGoal sample_goal() {
  return {.operation = kOperation,
          .identifier = "orders",
          .gives_way = "db-OLD",
          .origin = "the-point",
          .aside = "orders-replaced-20261124",
          .wanted = sample_settings(),
          .safety = "the-safety",
          .run_checks = true,
          .run_hook = true,
          .warm_up = true};
}

// Instances pass through a status of one look before they are what was asked for.
struct Model {
  RestoreGoal goal = sample_goal();
  std::vector<SeenInstance> instances = {sample_instance()};
  std::string point_status = "available";
  std::string safety_status;
  std::vector<RestoreAct> acts;

  SeenInstance* by_id(const std::string& id) {
    for (SeenInstance& one : instances)
      if (one.id == id) return &one;
    return nullptr;
  }

  RestoreFacts facts() {
    RestoreFacts facts{.origin_status = point_status, .safety_status = safety_status};
    for (const SeenInstance& one : instances) {
      if (one.id == goal.identifier) facts.target = one;
      if (one.resource_id == goal.gives_way) facts.replaced = one;
    }
    return facts;
  }

  void mark(SeenInstance& one, RestoreRole role, RestorePhase phase) {
    RestoreMark mark{.operation = kOperation,
                     .role = role,
                     .phase = phase,
                     .identifier = "orders",
                     .origin = goal.origin,
                     .aside = goal.aside};
    if (const auto before = one.mark()) mark.progress = before->progress;
    for (const auto& [key, value] : mark_tags(mark)) one.settings.tags[key] = value;
  }

  void progress(const char* word) {
    RestoreMark mark = *by_id("orders")->mark();
    mark.progress.insert(word);
    for (const auto& [key, value] : mark_tags(mark)) by_id("orders")->settings.tags[key] = value;
  }

  // Time passes: whatever is on its way arrives.
  void settle() {
    if (safety_status == "creating") safety_status = "available";
    std::erase_if(instances, [](const SeenInstance& one) { return one.status == "deleting"; });
    for (SeenInstance& one : instances) {
      if (phase_of_instance(one.status) == InstancePhase::moving) one.status = "available";
      one.pending.clear();
    }
  }

  void take(const NextStep& step) {
    acts.push_back(step.act);
    SeenInstance* target = by_id("orders");
    switch (step.act) {
      case RestoreAct::claim:
        for (SeenInstance& one : instances)
          if (one.resource_id == "db-OLD")
            mark(one, RestoreRole::replaced,
                 rolling_back ? RestorePhase::rolling_back : RestorePhase::open);
        break;
      case RestoreAct::safeguard: safety_status = "creating"; break;
      case RestoreAct::rename:
        if (rolling_back) {
          by_id(goal.aside)->status = "renaming";
          by_id(goal.aside)->id = "orders";
        } else {
          target->status = "renaming";
          target->id = goal.aside;
        }
        break;
      case RestoreAct::create: {
        SeenInstance made{.id = "orders", .resource_id = "db-NEW", .status = "creating"};
        made.settings = InstanceSettings{};
        instances.push_back(made);
        mark(instances.back(), RestoreRole::restored, RestorePhase::open);
        break;
      }
      case RestoreAct::modify: {
        const auto roles = target->settings.roles;
        const auto tags = target->settings.tags;
        target->settings = goal.wanted;
        target->settings.roles = roles;
        target->settings.tags = tags;
        target->reboot_pending = true;
        target->status = "modifying";
        target->pending = {"class"};
        break;
      }
      case RestoreAct::add_roles: target->settings.roles = goal.wanted.roles; break;
      case RestoreAct::add_tags: target->settings.tags["team"] = "shop"; break;
      case RestoreAct::reboot:
        target->reboot_pending = false;
        target->status = "rebooting";
        break;
      case RestoreAct::password: progress("password"); break;
      case RestoreAct::check: progress("checks"); break;
      case RestoreAct::hook: progress("hook"); break;
      case RestoreAct::warm_up: progress("warm-up"); break;
      case RestoreAct::finish: mark(*target, RestoreRole::restored, RestorePhase::done); break;
      case RestoreAct::discard:
        mark(*target, RestoreRole::discarded, RestorePhase::open);
        target->id = "orders-discarded-20261124";
        target->status = "renaming";
        break;
      case RestoreAct::destroy: target->status = "deleting"; break;
      case RestoreAct::unmark:
        for (const std::string& key : mark_keys()) by_id("orders")->settings.tags.erase(key);
        break;
      default: FAIL() << "no such act in a restore: " << act_name(step.act);
    }
  }

  // At most this many acts; whether it came to its end.
  bool restore(int acts_max = kStepsMax) {
    for (int n = 0; n < kStepsMax && acts_max > 0; ++n) {
      const NextStep step = next_restore_step(goal, facts());
      if (step.act == RestoreAct::finished) return true;
      if (step.act == RestoreAct::stop) return false;
      if (step.act == RestoreAct::wait) {
        settle();
      } else {
        take(step);
        --acts_max;
      }
    }
    return false;
  }

  NextStep next_rollback() {
    RollbackFacts now;
    for (const SeenInstance& one : instances)
      if (one.resource_id == "db-OLD") now.replaced = one;
    if (const SeenInstance* target = by_id("orders")) now.target = *target;
    return next_rollback_step(now);
  }

  bool roll_back() {
    rolling_back = true;
    for (int n = 0; n < kStepsMax; ++n) {
      const NextStep step = next_rollback();
      if (step.act == RestoreAct::finished) return true;
      if (step.act == RestoreAct::stop) return false;
      step.act == RestoreAct::wait ? settle() : take(step);
    }
    return false;
  }

  bool rolling_back = false;
};

TEST(RestoreSteps, LeadThroughEveryActInOrder) {
  Model model;
  model.goal.set_password = true;
  ASSERT_TRUE(model.restore());
  EXPECT_THAT(model.acts,
              testing::ElementsAre(RestoreAct::claim, RestoreAct::safeguard, RestoreAct::rename,
                                   RestoreAct::create, RestoreAct::modify, RestoreAct::add_roles,
                                   RestoreAct::add_tags, RestoreAct::reboot, RestoreAct::password,
                                   RestoreAct::check, RestoreAct::hook, RestoreAct::finish,
                                   RestoreAct::warm_up));
  EXPECT_EQ(model.by_id("orders")->resource_id, "db-NEW");
  EXPECT_EQ(model.by_id(model.goal.aside)->resource_id, "db-OLD");
  EXPECT_TRUE(unmet_settings(model.goal.wanted, model.by_id("orders")->settings).empty());
}

TEST(RestoreSteps, GoOnFromWhereverTheyWereStopped) {
  for (int acts = 0; acts < 14; ++acts) {
    Model model;
    model.restore(acts);
    Model resumed = model;
    ASSERT_TRUE(resumed.restore()) << acts;
    EXPECT_EQ(resumed.instances.size(), 2u);
    EXPECT_EQ(std::count(resumed.acts.begin(), resumed.acts.end(), RestoreAct::create), 1) << acts;
  }
}

TEST(RestoreSteps, AreRolledBackFromWhereverTheyWereStopped) {
  for (int acts = 1; acts < 14; ++acts)
    for (const bool settled : {false, true}) {
      Model model;
      model.restore(acts);
      if (settled) model.settle();
      ASSERT_TRUE(model.roll_back()) << acts;
      const SeenInstance& back = *model.by_id("orders");
      EXPECT_EQ(back.resource_id, "db-OLD") << acts;
      EXPECT_EQ(back.settings.tags, sample_settings().tags) << acts;
      for (const SeenInstance& one : model.instances)
        EXPECT_TRUE(one.id == "orders" || one.id == "orders-discarded-20261124") << one.id;
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

TEST(RollbackSteps, DeleteOnlyWhatNeverCameUp) {
  for (const char* status : {"creating", "failed", "incompatible-restore"}) {
    Model model;
    model.restore(4);
    model.by_id("orders")->status = status;
    model.rolling_back = true;
    model.take(model.next_rollback());
    EXPECT_EQ(model.next_rollback().act, RestoreAct::destroy) << status;
    if (status == std::string("creating")) continue;
    model.by_id("orders")->address = "orders.example.com";  // it came up, and broke afterwards
    EXPECT_EQ(model.next_rollback().act, RestoreAct::stop) << status;
  }
  Model model;
  ASSERT_TRUE(model.restore());
  model.rolling_back = true;
  model.take(model.next_rollback());
  EXPECT_EQ(model.next_rollback().act, RestoreAct::discard);
  model.by_id("orders")->pending = {"identifier"};
  EXPECT_EQ(model.next_rollback().act, RestoreAct::wait);
  model.by_id("orders")->status = "stopped";
  EXPECT_EQ(model.next_rollback().act, RestoreAct::stop);
}

TEST(RollbackSteps, SayWhenTheReplacedInstanceCannotComeBack) {
  Model model;
  model.restore(3);
  model.settle();
  model.rolling_back = true;
  model.take(model.next_rollback());
  model.by_id(model.goal.aside)->status = "storage-full";
  EXPECT_EQ(model.next_rollback().act, RestoreAct::stop);
  model.by_id(model.goal.aside)->status = "backing-up";
  EXPECT_EQ(model.next_rollback().act, RestoreAct::wait);
}

TEST(RetireSteps, ProtectTheRowsBeforeTheDeletion) {
  Model model;
  ASSERT_TRUE(model.restore());
  RetireFacts facts{.victim = *model.by_id(model.goal.aside), .final_snapshot = "final"};
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
  facts.final_status = "available";
  EXPECT_EQ(next_retire_step(facts).act, RestoreAct::finished);
  EXPECT_EQ(next_retire_step({.victim = {}, .final_snapshot = ""}).act, RestoreAct::finished);
}

TEST(RestorePlan, ShowsWhatIsDoneAndWhatIsLeft) {
  for (int acts = 0; acts < 14; ++acts) {
    Model model;
    model.goal.set_password = true;
    model.restore(acts);
    model.settle();
    bool left = false;  // everything after the first that is left is left as well
    for (const PlannedStep& step : planned_steps(model.goal, model.facts())) {
      EXPECT_FALSE(step.text.empty());
      if (step.act == RestoreAct::warm_up) continue;
      EXPECT_FALSE(left && step.done) << acts << " " << step.text;
      left = left || !step.done;
    }
  }
}

TEST(RestorePlan, TellsWhatWasRenamedByHandAndWhatIsUpgraded) {
  Model model;
  model.instances.front().id = "orders-old";
  model.goal.aside = "orders-now";
  model.goal.upgrade_to = "15.7";
  std::string all;
  for (const PlannedStep& step : planned_steps(model.goal, model.facts())) all += step.text + "\n";
  EXPECT_THAT(all, HasSubstr("renamed to orders-old by hand"));
  EXPECT_THAT(all, HasSubstr("to 15.7"));
}

TEST(RestorePlan, OfARollbackSaysWhetherRowsStay) {
  Model model;
  model.restore(1);
  const auto undone = [&] {
    RollbackFacts facts{.replaced = {}};
    for (const SeenInstance& one : model.instances)
      if (one.resource_id == "db-OLD") facts.replaced = one;
    if (const SeenInstance* target = model.by_id("orders")) facts.target = *target;
    std::string all;
    for (const PlannedStep& step : planned_rollback(facts, "orders-discarded")) all += step.text;
    return all;
  };
  EXPECT_THAT(undone(), HasSubstr("was not renamed"));
  model.restore(3);
  EXPECT_THAT(undone(), HasSubstr("never came up"));
  model.settle();
  EXPECT_THAT(undone(), HasSubstr("orders-discarded"));
}

TEST(RestorePlan, OfARetirementSaysWhatCannotBeTakenBack) {
  RetireFacts facts{.victim = sample_instance(), .final_snapshot = "final"};
  EXPECT_EQ(planned_retirement(facts).size(), 3u);
  facts.final_snapshot.clear();
  facts.victim->settings.deletion_protection = false;
  const auto steps = planned_retirement(facts);
  ASSERT_EQ(steps.size(), 1u);
  EXPECT_THAT(steps.front().undo, HasSubstr("lost"));
}

TEST(RestorePlan, IsPossibleUnlessAProblemIsCritical) {
  RestorePlan plan;
  plan.problems = {{Severity::warning, "w", ""}};
  EXPECT_TRUE(plan.possible());
  plan.problems.push_back({Severity::critical, "c", ""});
  EXPECT_FALSE(plan.possible());
}

TEST(RestorePlan, NamesWhatIsSetAfterTheRestoreCall) {
  RestoreGoal goal{.identifier = "orders", .origin = "time 2026-11-24T08:00:00Z"};
  const auto text_of = [&](RestoreAct act) {
    for (const PlannedStep& step : planned_steps(goal, {}))
      if (step.act == act) return step.text;
    return std::string();
  };
  EXPECT_EQ(text_of(RestoreAct::modify), "set what differs");
  EXPECT_THAT(text_of(RestoreAct::create), HasSubstr("as of 2026-11-24T08:00:00Z"));
  goal.wanted.backup_window = "03:00-03:30";
  goal.wanted.maintenance_window = "tue:05:00-tue:05:30";
  goal.wanted.monitoring_interval_seconds = 60;
  goal.wanted.performance_insights = true;
  goal.wanted.managed_password = true;
  EXPECT_THAT(text_of(RestoreAct::modify), HasSubstr("enhanced monitoring, Performance Insights"));
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

TEST(RestoreSteps, ToTheLatestMomentNeedNoSnapshot) {
  RestoreGoal goal = sample_goal();
  goal.origin = kLatestOrigin;
  EXPECT_EQ(next_restore_step(goal, {}).act, RestoreAct::create);
  EXPECT_THAT(planned_steps(goal, {}).front().text, HasSubstr("as of the latest moment"));
}

}  // namespace
}  // namespace tidemark::core
