#include "aws/auth/refreshing_credentials.h"

#include <atomic>
#include <cstdint>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/manual_clock.h"

namespace tidemark::aws {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view kStart = "2026-11-22T02:00:00Z";

class RefreshingCredentialsTest : public ::testing::Test {
 protected:
  // Sessions are named by their number and live as long as life says.
  Result<Credentials> fetch() {
    ++fetches_;
    if (failure_) return *failure_;
    Credentials session{"ASIA" + std::to_string(fetches_), Secret("secret"), Secret("token"),
                        std::nullopt, "test"};
    if (life_) session.expires = clock_.now() + *life_;
    return session;
  }
  std::string key() {
    const auto credentials = kept_.get();
    return credentials ? credentials->access_key_id
                       : std::string(kind_name(credentials.error().kind));
  }

  test::ManualClock clock_{kStart};
  int fetches_ = 0;
  std::optional<Seconds> life_ = Seconds{3600};
  std::optional<Error> failure_;
  RefreshingCredentials kept_{[this] { return fetch(); }, clock_};
};

TEST_F(RefreshingCredentialsTest, LongTermKeysAreFetchedOnce) {
  life_.reset();
  EXPECT_EQ(key(), "ASIA1");
  clock_.advance(std::chrono::hours(10'000));
  EXPECT_EQ(key(), "ASIA1");
}

TEST_F(RefreshingCredentialsTest, AreFetchedAFewMinutesBeforeTheyExpire) {
  EXPECT_EQ(key(), "ASIA1");
  clock_.advance(Seconds{3600 - 15 * 60 - 1});
  EXPECT_EQ(key(), "ASIA1");
  clock_.advance(Seconds{1});
  EXPECT_EQ(key(), "ASIA2");
}

TEST_F(RefreshingCredentialsTest, AFailureInTheAdvisoryWindowKeepsTheOldOnes) {
  EXPECT_EQ(key(), "ASIA1");
  clock_.advance(Seconds{3600 - 14 * 60});
  failure_ = Error{ErrorKind::unavailable, "STS is away"};
  EXPECT_EQ(key(), "ASIA1");
  EXPECT_EQ(key(), "ASIA1");
  EXPECT_EQ(fetches_, 2);  // the second call did not wait for another failure
  clock_.advance(kRetryAfter);
  failure_.reset();
  EXPECT_EQ(key(), "ASIA3");
}

TEST_F(RefreshingCredentialsTest, AFailureInTheMandatoryWindowIsTheCallers) {
  EXPECT_EQ(key(), "ASIA1");
  clock_.advance(Seconds{3600 - 10 * 60});
  failure_ = Error{ErrorKind::unavailable, "STS is away"};
  EXPECT_EQ(key(), "unavailable");
}

TEST_F(RefreshingCredentialsTest, ExpiredOnesAreNeverGiven) {
  life_ = Seconds{0};
  const auto stale = kept_.get();
  ASSERT_FALSE(stale);
  EXPECT_EQ(stale.error().kind, ErrorKind::denied);
  EXPECT_THAT(stale.error().message, HasSubstr("expired at 2026-11-22T02:00:00Z"));
  life_ = Seconds{3600};
  EXPECT_EQ(key(), "ASIA2");
  clock_.advance(Seconds{4000});
  life_ = Seconds{-1};
  EXPECT_EQ(key(), "denied");
}

TEST_F(RefreshingCredentialsTest, AShortLifeShrinksTheWindows) {
  life_ = Seconds{900};
  EXPECT_EQ(key(), "ASIA1");
  clock_.advance(Seconds{449});
  EXPECT_EQ(key(), "ASIA1");
  clock_.advance(Seconds{1});
  EXPECT_EQ(key(), "ASIA2");
}

TEST_F(RefreshingCredentialsTest, WhatIsForgottenIsFetchedAnew) {
  EXPECT_EQ(key(), "ASIA1");
  kept_.forget();
  EXPECT_EQ(key(), "ASIA2");
  kept_.forget();
  failure_ = Error{ErrorKind::denied, "no"};
  EXPECT_EQ(key(), "denied");
}

// Each look at it takes a millisecond, whichever thread looks.
class CountingClock final : public Clock {
 public:
  TimePoint now() const override { return *parse_time(kStart) + Millis{++looks_}; }
  Millis steady() const override { return Millis{++looks_}; }
  Status sleep(Millis) override { return Done{}; }

 private:
  mutable std::atomic<std::int64_t> looks_{0};
};

TEST(RefreshingCredentialsThreads, ShareOneFetchAndNeverSeeAnExpiredSession) {
  CountingClock clock;
  std::atomic<int> running{0};
  std::atomic<int> fetches{0};
  RefreshingCredentials kept(
      [&]() -> Result<Credentials> {
        EXPECT_EQ(++running, 1);
        std::this_thread::yield();
        --running;
        return Credentials{"ASIA" + std::to_string(++fetches), Secret("s"), Secret("t"),
                           clock.now() + Seconds{5}, "test"};
      },
      clock);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      for (int n = 0; n < 2000; ++n) {
        const TimePoint before = clock.now();
        const auto credentials = kept.get();
        ASSERT_TRUE(credentials);
        EXPECT_GT(*credentials->expires, before);
        if (i == 0 && n % 500 == 499) kept.forget();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(fetches, 4);
  EXPECT_LT(fetches, 100);
}

}  // namespace
}  // namespace tidemark::aws
