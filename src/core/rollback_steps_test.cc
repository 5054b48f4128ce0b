#include "core/rollback_steps.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/restore_model.h"

namespace tidemark::core {
namespace {

using test::Model;
using test::sample_settings;

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

TEST(RollbackSteps, EndWhenAnEarlierRestoresMarkIsBack) {
  Model model;
  model.mark(*model.by_id("orders"), RestoreRole::restored, RestorePhase::done);
  EXPECT_EQ(model.next_rollback().act, RestoreAct::finished);
}

}  // namespace
}  // namespace tidemark::core
