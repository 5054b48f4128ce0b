#include "core/restore_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/restore_model.h"

namespace tidemark::core {
namespace {

using test::Model;
using test::sample_instance;
using testing::HasSubstr;

TEST(RestorePlan, ShowsWhatIsDoneAndWhatIsLeft) {
  for (int acts = 0; acts < 15; ++acts) {
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

TEST(RestorePlan, SaysHowTheFilesAreTakenBack) {
  Model model;
  model.goal.source = "shop";
  for (const PlannedStep& step : planned_steps(model.goal, model.facts()))
    if (step.act == RestoreAct::files) {
      EXPECT_EQ(step.undo, "`tidemark files restore shop --at 2026-11-24T08:30:12Z`");
    }
  model.goal.bring_files = false;
  for (const PlannedStep& step : planned_steps(model.goal, model.facts()))
    EXPECT_NE(step.act, RestoreAct::files);
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

}  // namespace
}  // namespace tidemark::core
