#include "daemon/daily.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/manual_clock.h"

namespace tidemark::daemon {
namespace {

TEST(Daily, LooksSoonThenEveryDayAndEndsWhenAsked) {
  test::ManualClock clock("2026-11-24T12:00:00Z");
  clock.stop_after = 3;
  std::vector<std::string> looks;
  repeat_daily([&] { looks.push_back(format_time(clock.now())); }, clock);
  EXPECT_THAT(looks, testing::ElementsAre("2026-11-24T12:10:00Z", "2026-11-25T12:10:00Z",
                                          "2026-11-26T12:10:00Z"));
}

}  // namespace
}  // namespace tidemark::daemon
