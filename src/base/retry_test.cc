#include "base/retry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/manual_clock.h"

namespace tidemark {
namespace {

using test::ManualClock;
using ::testing::HasSubstr;

const Error kBusy{ErrorKind::unavailable, "busy"};
const Error kSlow{ErrorKind::timed_out, "slow"};

class RetryTest : public ::testing::Test {
 protected:
  Retry begin() { return Retry(policy_, budget_, jitter_, clock_); }

  RetryPolicy policy_;
  RetryBudget budget_;
  Jitter jitter_{1};
  ManualClock clock_{"2026-11-22T02:00:00Z"};
};

TEST_F(RetryTest, OnlyWhatMayPassIsTriedAgain) {
  for (int kind = 0; kind <= static_cast<int>(ErrorKind::unsafe); ++kind) {
    const auto as_kind = static_cast<ErrorKind>(kind);
    Retry retry = begin();
    const bool again = bool(retry.wait_after(Error{as_kind, "x"}, {}));
    EXPECT_EQ(again, as_kind == ErrorKind::unavailable || as_kind == ErrorKind::timed_out)
        << kind_name(as_kind);
  }
}

TEST_F(RetryTest, GivesUpAfterTheLastAttempt) {
  Retry retry = begin();
  for (int i = 1; i < policy_.attempts_max; ++i) ASSERT_TRUE(retry.wait_after(kBusy, {}));
  EXPECT_EQ(retry.attempt(), policy_.attempts_max);
  const Status end = retry.wait_after(kBusy, {});
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().kind, ErrorKind::unavailable);
  EXPECT_EQ(end.error().message, "busy; gave up after attempt 5");
}

TEST_F(RetryTest, DelaysGrowWithinTheirCeilingAndAreSpread) {
  policy_ = {.attempts_max = 1000, .deadline = std::chrono::hours(24)};
  std::vector<Millis> longest(20, Millis{0});
  for (int call = 0; call < 50; ++call) {
    budget_.give_back(500);
    Retry retry = begin();
    for (std::size_t i = 0; i < longest.size(); ++i) {
      ASSERT_TRUE(retry.wait_after(kBusy, {}));
      const Millis ceiling = std::min(Millis{20'000}, Millis{1'000 * (1 << std::min<int>(i, 10))});
      EXPECT_LE(clock_.sleeps.back(), ceiling);
      longest[i] = std::max(longest[i], clock_.sleeps.back());
    }
  }
  EXPECT_GT(longest[0], Millis{700});
  EXPECT_GT(longest[19], Millis{15'000});
}

TEST_F(RetryTest, SameSeedSameDelays) {
  const auto delays = [&] {
    Jitter jitter(7);
    RetryBudget budget;
    ManualClock clock{"2026-11-22T02:00:00Z"};
    Retry retry(policy_, budget, jitter, clock);
    for (int i = 0; i < 4; ++i) discard(retry.wait_after(kBusy, {}), "only its delay is tested");
    return clock.sleeps;
  };
  EXPECT_EQ(delays(), delays());
}

TEST_F(RetryTest, ServiceMayAskForMoreTimeButNotForAnyAmount) {
  Retry retry = begin();
  ASSERT_TRUE(retry.wait_after(kBusy, Millis{7'000}));
  EXPECT_EQ(clock_.sleeps.back(), Millis{7'000});
  ASSERT_TRUE(retry.wait_after(kBusy, Millis{10'000'000}));
  EXPECT_EQ(clock_.sleeps.back(), Millis{20'000});
}

TEST_F(RetryTest, NeverWaitsPastTheDeadline) {
  policy_.deadline = Millis{10'000};
  Retry retry = begin();
  clock_.advance(Millis{6'000});
  const Status end = retry.wait_after(kBusy, Millis{5'000});
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(end.error().message, HasSubstr("no time left after attempt 1"));
  EXPECT_TRUE(clock_.sleeps.empty());
}

TEST_F(RetryTest, StopEndsTheWait) {
  clock_.stop_after = 0;
  EXPECT_EQ(begin().wait_after(kBusy, {}).error().kind, ErrorKind::cancelled);
}

TEST_F(RetryTest, CallsShareOneBudget) {
  int retries = 0;
  for (bool more = true; more;) {
    Retry retry = begin();
    more = bool(retry.wait_after(kBusy, {}));
    if (more) ++retries;
  }
  EXPECT_EQ(retries, 100);  // 500 tokens at 5
  EXPECT_THAT(begin().wait_after(kBusy, {}).error().message, HasSubstr("too many calls fail"));
}

TEST_F(RetryTest, TimeoutsCostTwiceAndSuccessGivesBack) {
  Retry slow = begin();
  ASSERT_TRUE(slow.wait_after(kSlow, {}));
  EXPECT_EQ(budget_.left(), 490);
  slow.succeeded();
  EXPECT_EQ(budget_.left(), 500);

  Retry busy = begin();
  ASSERT_TRUE(busy.wait_after(kBusy, {}));
  ASSERT_TRUE(busy.wait_after(kBusy, {}));
  busy.succeeded();  // for the last retry only
  EXPECT_EQ(budget_.left(), 495);
  begin().succeeded();
  EXPECT_EQ(budget_.left(), 496);
}

TEST_F(RetryTest, SaysNothingOfGivingUpWhenThereWasOneAttemptToMake) {
  policy_.attempts_max = 1;
  EXPECT_EQ(begin().wait_after(kBusy, {}).error().message, "busy");
}

}  // namespace
}  // namespace tidemark
