#include "aws/wire/retry_after.h"

#include <gtest/gtest.h>

namespace tidemark::aws {
namespace {

TEST(RetryAfter, IsSecondsOrADate) {
  const TimePoint now = *parse_time("2026-11-22T02:00:00Z");
  EXPECT_EQ(retry_after_of({}, now), std::nullopt);
  EXPECT_EQ(retry_after_of({{"retry-after", "12"}}, now), Millis{12'000});
  EXPECT_EQ(retry_after_of({{"Retry-After", "Sun, 22 Nov 2026 02:00:30 GMT"}}, now),
            Millis{30'000});
  EXPECT_EQ(retry_after_of({{"Retry-After", "Sun, 22 Nov 2026 01:00:30 GMT"}}, now), Millis{0});
  for (const char* odd : {"", "-1", "soon", "99999999999999999999", "1.5"})
    EXPECT_EQ(retry_after_of({{"Retry-After", odd}}, now), std::nullopt) << odd;
}

}  // namespace
}  // namespace tidemark::aws
