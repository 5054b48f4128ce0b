#include "base/time.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace tidemark {
namespace {

TEST(Time, IsWrittenAsRfc3339AndReadBack) {
  EXPECT_TRUE(rc::check([] {
    // 1970 to 2199, whole seconds.
    const TimePoint time{Seconds(*rc::gen::inRange<std::int64_t>(0, 7'258'118'399))};
    RC_ASSERT(*parse_time(format_time(time)) == time);
  }));
  EXPECT_EQ(format_time(*parse_time("2024-02-29T23:59:59Z")), "2024-02-29T23:59:59Z");
}

TEST(Time, ReadsFractionsAndOffsets) {
  EXPECT_EQ(*parse_time("2026-11-22T02:00:00.123456789Z"),
            *parse_time("2026-11-22T02:00:00Z") + Millis(123));
  EXPECT_EQ(*parse_time("2026-11-22T02:00:00+05:30"), *parse_time("2026-11-21T20:30:00Z"));
  EXPECT_EQ(*parse_time("2026-11-22 02:00:00-01:00"), *parse_time("2026-11-22T03:00:00Z"));
  EXPECT_EQ(*parse_time("2016-12-31T23:59:60Z"), *parse_time("2017-01-01T00:00:00Z"));
}

TEST(Time, RefusesWhatIsNoTime) {
  for (const char* text : {"", "2026", "2026-11-22", "2026-11-22T02:00:00", "2026-11-31T02:00:00Z",
                           "2025-02-29T00:00:00Z", "2026-11-22T24:00:00Z", "2026-11-22T02:60:00Z",
                           "2026-11-22T02:00:61Z", "2026-11-22T02:00:00.Z", "2026-11-22T02:00:00ZZ",
                           "1969-12-31T23:59:59Z", "2026-1-22T02:00:00Z", "+026-11-22T02:00:00Z",
                           "2026-11-22T02:00:00+5:30", "2026-11-22T02:00:00+24:00", "tomorrow"})
    EXPECT_FALSE(parse_time(text)) << text;
}

TEST(HttpDate, IsReadInItsOneForm) {
  EXPECT_EQ(format_time(*parse_http_date("Sun, 22 Nov 2026 02:03:04 GMT")), "2026-11-22T02:03:04Z");
  for (const char* text : {"", "Sunday, 22-Nov-26 02:03:04 GMT", "Sun, 22 Nov 2026 02:03:04 UTC",
                           "Sun, 32 Nov 2026 02:03:04 GMT", "Sun, 22 Nov 2026", "Sun, 22"})
    EXPECT_FALSE(parse_http_date(text)) << text;
}

TEST(Duration, IsReadAsPeopleWriteIt) {
  using std::chrono::hours;
  EXPECT_EQ(*parse_duration("45s"), Seconds(45));
  EXPECT_EQ(*parse_duration("90m"), Seconds(5400));
  EXPECT_EQ(*parse_duration("1d12h"), hours(36));
  EXPECT_EQ(*parse_duration("5w"), hours(5 * 7 * 24));
  EXPECT_EQ(*parse_duration("13mo"), hours(13 * 30 * 24));
  EXPECT_EQ(*parse_duration("7y"), hours(7 * 365 * 24));
  for (const char* text : {"", "7", "d", "-1d", "1.5h", "7 d", "9999999999y", "1001y", "7days"})
    EXPECT_FALSE(parse_duration(text)) << text;
}

TEST(Duration, IsWrittenInItsTwoLargestUnits) {
  EXPECT_EQ(format_duration(Seconds(0)), "0s");
  EXPECT_EQ(format_duration(Seconds(59)), "59s");
  EXPECT_EQ(format_duration(Seconds(3600 + 120 + 5)), "1h 2m");
  EXPECT_EQ(format_duration(Seconds(86400 + 30)), "1d");
  EXPECT_EQ(format_duration(Seconds(-90)), "-1m 30s");
}

}  // namespace
}  // namespace tidemark
