#include "files/thaw.h"

#include <algorithm>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/manual_clock.h"
#include "tests/support/memory_bucket.h"

namespace tidemark::files {
namespace {

using test::ManualClock;
using test::MemoryBucket;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Three cold files and a warm one, all overwritten since.
class ThawTest : public ::testing::Test {
 protected:
  ThawTest() {
    for (const char* key : {"a", "b", "c"}) bucket_.put(key, "old", "GLACIER");
    bucket_.put("warm", "old");
    const TimePoint then = bucket_.time();
    target_.moment = [then]() -> Result<Moment> { return Moment::at(then); };
    bucket_.tick();
    for (const char* key : {"a", "b", "c", "warm"}) bucket_.put(key, "new");
  }
  // The bucket's time passes with the clock's.
  Status wait(ThawWait options = {}) {
    options.on_wait = [&](const ThawProgress& at) {
      ready_.push_back(at.ready);
      bucket_.set_time(bucket_.time() + at.next_look);
    };
    return wait_until_thawed(bucket_, target_, options, clock_, stop_);
  }
  Result<ThawOutcome> ask() { return thaw_files(bucket_, target_, {}, 1, stop_); }

  MemoryBucket bucket_;
  RestoreTarget target_;
  ManualClock clock_{"2026-11-22T02:00:00Z"};
  StopSignal stop_;
  std::vector<std::uint64_t> ready_;
};

TEST_F(ThawTest, AsksOnceForWhatIsCold) {
  EXPECT_EQ(ask()->asked, 3u);
  EXPECT_THAT(bucket_.thawed, ElementsAre("a", "b", "c"));
  const auto again = ask();
  EXPECT_EQ(again->asked, 0u);
  EXPECT_EQ(again->asked_before, 3u);
}

TEST_F(ThawTest, ForAFolderAlsoWhatIsAsItWasIsAskedFor) {
  bucket_.put("d", "cold since", "GLACIER");
  const TimePoint now = bucket_.time();
  target_.moment = [now]() -> Result<Moment> { return Moment::at(now); };
  EXPECT_EQ(ask()->asked, 0u);
  target_.is_elsewhere = true;
  EXPECT_EQ(ask()->asked, 1u);
  EXPECT_THAT(bucket_.thawed, ElementsAre("d"));
}

TEST_F(ThawTest, WaitsUntilAllCanBeReadAndLooksLessAndLessOften) {
  bucket_.thaw_takes = std::chrono::hours(4);
  ASSERT_TRUE(ask());
  const Status waited = wait();
  ASSERT_TRUE(waited) << waited.error().message;
  using std::chrono::minutes;
  ASSERT_GE(clock_.sleeps.size(), 6u);
  EXPECT_THAT(
      std::vector(clock_.sleeps.begin(), clock_.sleeps.begin() + 6),
      ElementsAre(minutes(1), minutes(2), minutes(4), minutes(8), minutes(15), minutes(15)));
  EXPECT_THAT(plan_restore(bucket_, target_, {})->totals.cold, 0u);
  EXPECT_EQ(bucket_.thawed.size(), 3u);
}

TEST_F(ThawTest, DoesNotAskAgainAboutWhatCouldBeRead) {
  bucket_.thaw_takes = std::chrono::minutes(1);
  ASSERT_TRUE(wait());
  // Looks: a b c, then with a ready all again, then b c, then c.
  EXPECT_EQ(bucket_.looks, 3 + 3 + 2 + 1);
}

TEST_F(ThawTest, ManyFilesAreAskedForAtATime) {
  for (int i = 0; i < 1'000; ++i) bucket_.put(fmt::format("many {:04}", i), "old", "GLACIER");
  const TimePoint then = bucket_.time();
  target_.moment = [then]() -> Result<Moment> { return Moment::at(then); };
  target_.is_elsewhere = true;
  bucket_.thaw_takes = Seconds(0);
  std::vector<std::string> named;
  const auto name = [&](const PlannedFile& file, const VersionState* state) -> Status {
    if (state != nullptr && state->is_cold) named.push_back(file.version.key);
    return Done{};
  };
  EXPECT_EQ(plan_restore(bucket_, target_, name, 4)->totals.cold, 1'000u);
  EXPECT_EQ(named.size(), 1'000u);
  EXPECT_TRUE(std::is_sorted(named.begin(), named.end()));
  EXPECT_EQ(thaw_files(bucket_, target_, {}, 4, stop_)->asked, 1'000u);
  ASSERT_TRUE(wait());
  EXPECT_THAT(clock_.sleeps, IsEmpty());
}

TEST_F(ThawTest, AsksForWhatNobodyAskedForAndCountsWhatIsReady) {
  bucket_.thaw_takes = std::chrono::minutes(1);
  ASSERT_TRUE(wait());
  EXPECT_THAT(bucket_.thawed, ElementsAre("a", "b", "c"));
  EXPECT_THAT(ready_, ElementsAre(0u, 1u, 2u));
}

TEST_F(ThawTest, WaitsForNothingWhereNothingIsCold) {
  bucket_.thaw_takes = Seconds(0);
  ASSERT_TRUE(ask());
  ASSERT_TRUE(wait());
  EXPECT_THAT(clock_.sleeps, IsEmpty());
}

TEST_F(ThawTest, EndsAtTheDeadlineAndWhenItIsAskedToStop) {
  ASSERT_TRUE(ask());
  const Status late = wait();
  EXPECT_EQ(late.error().kind, ErrorKind::timed_out);
  EXPECT_EQ(clock_.steady() - ManualClock("2026-11-22T02:00:00Z").steady(), std::chrono::hours(72));
  clock_.stop_after = static_cast<int>(clock_.sleeps.size()) + 2;
  EXPECT_EQ(wait().error().kind, ErrorKind::cancelled);
  stop_.request();
  EXPECT_EQ(wait().error().kind, ErrorKind::cancelled);
}

TEST_F(ThawTest, AFailureOfTheBucketEndsTheWait) {
  target_.moment = []() -> Result<Moment> { return Error{ErrorKind::denied, "no"}; };
  EXPECT_EQ(wait().error().kind, ErrorKind::denied);
}

}  // namespace
}  // namespace tidemark::files
