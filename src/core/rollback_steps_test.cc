#include "core/rollback_steps.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/restore_model.h"

namespace tidemark::core {
namespace {

using test::Model;
using test::sample_settings;
using testing::HasSubstr;

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

TEST(RollbackSteps, GiveBackTheProtectionOfBefore) {
  for (int acts = 1; acts < 15; ++acts)
    for (const bool was : {false, true}) {
      Model model;
      model.by_id("orders")->settings.deletion_protection = was;
      model.restore(acts);
      const auto replaced = [&]() -> const SeenInstance& {
        for (const SeenInstance& one : model.instances)
          if (one.resource_id == "db-OLD") return one;
        return model.instances.front();
      };
      EXPECT_EQ(replaced().settings.deletion_protection, was || acts > 1) << acts;
      EXPECT_EQ(replaced().own_settings().deletion_protection, was) << acts;
      ASSERT_TRUE(model.roll_back()) << acts;
      EXPECT_EQ(replaced().settings.deletion_protection, was) << acts;
    }
}

TEST(RollbackSteps, KeepTheProtectionWhenADeletionMayStillBeOnItsWay) {
  Model model;
  model.by_id("orders")->settings.deletion_protection = false;
  model.restore(5);
  RestoreMark mark = *model.by_id(model.goal.aside)->mark();
  mark.progress.insert(std::string(kDeletingWord));
  for (const auto& [key, value] : mark_tags(mark))
    model.by_id(model.goal.aside)->settings.tags[key] = value;
  EXPECT_TRUE(keeps_protection(*model.by_id(model.goal.aside)));
  ASSERT_TRUE(model.roll_back());
  EXPECT_EQ(model.by_id("orders")->resource_id, "db-OLD");
  EXPECT_TRUE(model.by_id("orders")->settings.deletion_protection);
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

void strip(SeenInstance& instance) {
  for (const std::string& key : mark_keys()) instance.settings.tags.erase(key);
}

TEST(RollbackSteps, AreNotAtTheirEndWhenTheMarkIsGoneAndTheNameIsNotBack) {
  Model model;
  ASSERT_TRUE(model.restore());
  strip(*model.by_id(model.goal.aside));
  const NextStep taken = model.next_rollback();
  ASSERT_EQ(taken.act, RestoreAct::stop);
  EXPECT_THAT(taken.error->message, HasSubstr(model.goal.aside));
  EXPECT_THAT(taken.error->hint, HasSubstr("rename that away"));
  std::erase_if(model.instances, [](const SeenInstance& one) { return one.id == "orders"; });
  const NextStep down = model.next_rollback();
  ASSERT_EQ(down.act, RestoreAct::stop);
  EXPECT_THAT(down.error->hint, HasSubstr("--new-db-instance-identifier orders"));
  EXPECT_THAT(down.error->hint, Not(HasSubstr("rename that away")));
  model.by_id(model.goal.aside)->pending = {"identifier"};
  EXPECT_EQ(model.next_rollback().act, RestoreAct::wait);
}

TEST(RollbackSteps, EndOnlyWithAnInstanceThatIsReady) {
  Model model;
  EXPECT_EQ(model.next_rollback().act, RestoreAct::finished);
  for (const char* status : {"renaming", "backing-up", "rebooting"}) {
    model.by_id("orders")->status = status;
    EXPECT_EQ(model.next_rollback().act, RestoreAct::wait) << status;
  }
  for (const char* status : {"stopped", "storage-full", "failed", "deleting"}) {
    model.by_id("orders")->status = status;
    EXPECT_EQ(model.next_rollback().act, RestoreAct::stop) << status;
  }
}

TEST(RollbackSteps, StopAtOnceWhenTheRestoredInstanceIsOutOfStorage) {
  Model model;
  ASSERT_TRUE(model.restore());
  model.rolling_back = true;
  for (const bool claimed : {false, true}) {
    if (claimed) model.take(model.next_rollback());
    model.by_id("orders")->status = "storage-full";
    const NextStep step = model.next_rollback();
    ASSERT_EQ(step.act, RestoreAct::stop) << claimed;
    EXPECT_THAT(step.error->hint, HasSubstr("--allocated-storage")) << claimed;
    model.by_id("orders")->status = "available";
  }
  EXPECT_EQ(model.next_rollback().act, RestoreAct::discard);
}

TEST(RollbackSteps, TakeBackWhatIsToBeRetiredUntilItIsBeingDeleted) {
  Model model;
  ASSERT_TRUE(model.restore());
  SeenInstance& replaced = *model.by_id(model.goal.aside);
  model.mark(replaced, RestoreRole::replaced, RestorePhase::retiring);
  EXPECT_EQ(rollback_candidate(model.instances, "orders"), &replaced);
  EXPECT_EQ(rollback_candidate(model.instances, "others"), nullptr);
  replaced.status = "deleting";
  EXPECT_EQ(rollback_candidate(model.instances, "orders"), nullptr);
  EXPECT_THAT(why_no_rollback(model.instances, "orders").message, HasSubstr("'deleting'"));
  replaced.status = "available";
  ASSERT_TRUE(model.roll_back());
  EXPECT_EQ(model.by_id("orders")->resource_id, "db-OLD");
}

TEST(RollbackSteps, DoNotCallAnInstanceGoneThatIsThere) {
  Model model;
  ASSERT_TRUE(model.restore());
  strip(*model.by_id(model.goal.aside));
  EXPECT_EQ(rollback_candidate(model.instances, "orders"), nullptr);
  const Error by_mark = why_no_rollback(model.instances, "orders");
  EXPECT_EQ(by_mark.kind, ErrorKind::conflict);
  EXPECT_THAT(by_mark.message, HasSubstr(model.goal.aside));
  std::erase_if(model.instances, [](const SeenInstance& one) { return one.id == "orders"; });
  const Error by_name = why_no_rollback(model.instances, "orders");
  EXPECT_THAT(by_name.message, HasSubstr(model.goal.aside));
  EXPECT_THAT(by_name.hint, HasSubstr("--new-db-instance-identifier orders"));
  EXPECT_EQ(why_no_rollback({}, "orders").kind, ErrorKind::not_found);
}

TEST(RollbackSteps, EndWhenAnEarlierRestoresMarkIsBack) {
  Model model;
  model.mark(*model.by_id("orders"), RestoreRole::restored, RestorePhase::done);
  EXPECT_EQ(model.next_rollback().act, RestoreAct::finished);
}

}  // namespace
}  // namespace tidemark::core
