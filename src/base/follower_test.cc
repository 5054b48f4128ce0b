#include "base/follower.h"

#include <atomic>
#include <vector>

#include <gtest/gtest.h>

namespace tidemark {
namespace {

TEST(Follower, RunsTasksInTheirOrder) {
  std::vector<int> ran;
  Follower follower(2);
  for (int i = 0; i < 100; ++i)
    ASSERT_TRUE(follower.add([&ran, i]() -> Status {
      ran.push_back(i);
      return Done{};
    }));
  ASSERT_TRUE(follower.finish());
  ASSERT_EQ(ran.size(), 100u);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(ran[static_cast<std::size_t>(i)], i);
}

TEST(Follower, AFailureIsToldAndEndsIt) {
  std::atomic<int> ran = 0;
  Follower follower(1);
  const auto task = [&]() -> Status {
    ++ran;
    return Error{ErrorKind::exhausted, "the disk is full"};
  };
  ASSERT_TRUE(follower.add(task));
  const Status failed = follower.finish();
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().message, "the disk is full");
  EXPECT_FALSE(follower.add(task));
  EXPECT_EQ(ran, 1);
}

TEST(Follower, HasNothingToFinishWithoutATask) {
  Follower follower(1);
  EXPECT_TRUE(follower.finish());
}

TEST(Follower, DropsWhatWaitsWhenItIsNoLongerWanted) {
  std::atomic<bool> begun = false;
  std::atomic<bool> go = false;
  std::atomic<int> ran = 0;
  {
    Follower follower(5);
    ASSERT_TRUE(follower.add([&]() -> Status {
      begun = true;
      begun.notify_all();
      go.wait(false);
      ++ran;
      return Done{};
    }));
    begun.wait(false);
    for (int i = 0; i < 3; ++i)
      ASSERT_TRUE(follower.add([&]() -> Status {
        ++ran;
        return Done{};
      }));
    go = true;
    go.notify_all();
  }
  EXPECT_GE(ran, 1) << "the one that ran was waited for";
}

}  // namespace
}  // namespace tidemark
