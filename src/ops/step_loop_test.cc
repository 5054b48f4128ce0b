#include "ops/step_loop.h"

#include <deque>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/manual_clock.h"

namespace tidemark::ops {
namespace {

using core::NextStep;
using core::RestoreAct;
using testing::HasSubstr;

// Decides by a script; the last entry holds for ever.
struct Script {
  std::deque<Result<NextStep>> looks;
  std::vector<Result<Done>> outcomes = {};  // of each take; Done when there are no more
  test::ManualClock clock{"2026-11-24T08:00:00Z"};
  StepLimits limits = {};
  int look_count = 0;
  std::vector<RestoreAct> takes = {};
  std::vector<TakenStep> taken = {};

  Status run() {
    const StepLoop loop{.look = [this]() -> Result<NextStep> {
                          ++look_count;
                          Result<NextStep> next = looks.front();
                          if (looks.size() > 1) looks.pop_front();
                          return next;
                        },
                        .take = [this](const NextStep& step) -> Status {
                          takes.push_back(step.act);
                          if (takes.size() > outcomes.size()) return Done{};
                          return outcomes[takes.size() - 1];
                        }};
    return run_steps(loop, limits, clock, taken);
  }
};

NextStep step(RestoreAct act, std::string subject = {}) { return {act, std::move(subject)}; }
const NextStep kFinished = step(RestoreAct::finished);

TEST(StepLoop, TakesEachStepOnceAndEnds) {
  Script script{.looks = {step(RestoreAct::claim), step(RestoreAct::wait), step(RestoreAct::create),
                          kFinished}};
  EXPECT_TRUE(script.run());
  EXPECT_THAT(script.takes, testing::ElementsAre(RestoreAct::claim, RestoreAct::create));
  ASSERT_EQ(script.taken.size(), 2u);
  EXPECT_EQ(script.taken[1].act, RestoreAct::create);
}

TEST(StepLoop, DoesNotRepeatAStepWhoseEffectShowsLate) {
  Script script;
  for (int i = 0; i < 20; ++i) script.looks.push_back(step(RestoreAct::reboot, "orders"));
  script.looks.push_back(kFinished);
  EXPECT_TRUE(script.run());
  EXPECT_EQ(script.takes.size(), 1u);
}

TEST(StepLoop, GivesUpAStepThatNeverShows) {
  Script script{.looks = {step(RestoreAct::reboot, "orders")}};
  const Status status = script.run();
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().kind, ErrorKind::rejected);
  EXPECT_THAT(status.error().message, HasSubstr("reboot orders"));
  EXPECT_EQ(script.takes.size(), static_cast<std::size_t>(script.limits.repeats_max));
}

TEST(StepLoop, LooksAgainAfterWhatMayPass) {
  for (const ErrorKind kind : {ErrorKind::unavailable, ErrorKind::timed_out, ErrorKind::conflict,
                               ErrorKind::already_exists}) {
    Script script{.looks = {Error{kind, "busy"}, step(RestoreAct::create), step(RestoreAct::create),
                            kFinished},
                  .outcomes = {Error{kind, "busy"}}};
    EXPECT_TRUE(script.run()) << kind_name(kind);
    EXPECT_EQ(script.takes.size(), 2u) << kind_name(kind);
  }
}

TEST(StepLoop, StopsAtOnceAtWhatWillNot) {
  for (const ErrorKind kind : {ErrorKind::denied, ErrorKind::invalid_input, ErrorKind::exhausted,
                               ErrorKind::locked, ErrorKind::cancelled}) {
    Script script{.looks = {step(RestoreAct::create)}, .outcomes = {Error{kind, "no"}}};
    EXPECT_EQ(script.run().error().kind, kind);
    Script looking{.looks = {Error{kind, "no"}}};
    EXPECT_EQ(looking.run().error().kind, kind);
  }
  Script script{.looks = {NextStep{RestoreAct::stop, {}, Error{ErrorKind::not_found, "gone"}}}};
  EXPECT_EQ(script.run().error().kind, ErrorKind::not_found);
}

TEST(StepLoop, WaitsEverLongerButNotBeyondItsDeadline) {
  Script script{.looks = {step(RestoreAct::wait, "orders (creating)")}};
  script.limits.deadline = std::chrono::hours(1);
  const Status status = script.run();
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().kind, ErrorKind::timed_out);
  EXPECT_THAT(status.error().message, HasSubstr("orders (creating)"));
  EXPECT_LT(script.look_count, 300);
  EXPECT_EQ(script.clock.sleeps.front(), script.limits.pause_first);
  EXPECT_EQ(script.clock.sleeps.back(), script.limits.pause_max);
  for (std::size_t i = 1; i < script.clock.sleeps.size(); ++i)
    EXPECT_GE(script.clock.sleeps[i], script.clock.sleeps[i - 1]);
}

TEST(StepLoop, SaysWhatStoodInTheWayLast) {
  Script script{.looks = {Error{ErrorKind::unavailable, "connection refused"}}};
  script.limits.deadline = std::chrono::minutes(1);
  EXPECT_THAT(script.run().error().message, HasSubstr("connection refused"));
}

TEST(StepLoop, EndsWhenItIsAskedToStop) {
  Script script{.looks = {step(RestoreAct::wait)}};
  script.clock.stop_after = 3;
  EXPECT_EQ(script.run().error().kind, ErrorKind::cancelled);
}

}  // namespace
}  // namespace tidemark::ops
