#include "core/snapshot_name.h"

#include <set>

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace tidemark::core {
namespace {

TimePoint at(std::string_view text) { return *parse_time(text); }

TEST(SnapshotName, HoldsMonthSourceAndSlotInUtc) {
  const SnapshotName name{.source = "orders-eu", .slot = at("2026-11-02T02:30:00Z")};
  EXPECT_EQ(name.text(), "tidemark-202611-orders-eu-20261102t0230z");
}

TEST(SnapshotName, NumbersAFurtherAttempt) {
  const SnapshotName name{.source = "a", .slot = at("2026-01-01T00:00:00Z"), .attempt = 3};
  EXPECT_EQ(name.text(), "tidemark-202601-a-20260101t0000z-r3");
}

TEST(SnapshotName, ReadsBackWhatItWrote) {
  EXPECT_TRUE(rc::check([] {
    const std::string alphabet = "abc019-";
    std::string source = "s";
    for (const int pick : *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 7)))
      source += alphabet[static_cast<std::size_t>(pick)];
    RC_PRE(static_cast<bool>(check_source_name(source)));
    const SnapshotName name{
        .source = source,
        .slot = TimePoint(std::chrono::minutes(*rc::gen::inRange<std::int64_t>(0, 100'000'000))),
        .attempt = *rc::gen::inRange(1, kAttemptsMax + 1)};
    const auto parsed = parse_snapshot_name(name.text());
    RC_ASSERT(parsed.has_value());
    RC_ASSERT(*parsed == name);
  }));
}

TEST(SnapshotName, IsFreeHoweverManyOfTheMinuteAreTaken) {
  std::set<std::string> taken;
  const auto next = [&taken] {
    return *taken
                .insert(free_snapshot_name("a", at("2026-12-01T00:01:59Z"),
                                           [&](const auto& name) { return taken.contains(name); }))
                .first;
  };
  EXPECT_EQ(next(), "tidemark-202612-a-20261201t0001z");
  for (int i = 2; i <= kAttemptsMax; ++i)
    EXPECT_EQ(next(), "tidemark-202612-a-20261201t0001z-r" + std::to_string(i));
  EXPECT_EQ(next(), "tidemark-202612-a-20261201t0000z");
  for (int i = 2; i <= kAttemptsMax; ++i) next();
  EXPECT_EQ(next(), "tidemark-202611-a-20261130t2359z");
}

TEST(SnapshotName, RefusesWhatIsNotOurs) {
  for (const char* text :
       {"", "tidemark-", "tidemark-202611-orders", "tidemark-202612-orders-20261102t0230z",
        "tidemark-202611-orders-20261302t0230z", "tidemark-202611--20261102t0230z",
        "tidemark-202611-orders-20261102t0230z-r1", "tidemark-202611-orders-20261102t2430z",
        "xtidemark-202611-orders-20261102t0230z", "tidemark-202611-Orders-20261102t0230z",
        "rds:orders-2026-11-02-02-30", "tidemark-202611-orders-20261102t0230z-r10"})
    EXPECT_FALSE(parse_snapshot_name(text).has_value()) << text;
}

TEST(SourceName, SaysWhatIsWrong) {
  for (const char* name : {"", "1a", "-a", "a-", "a--b", "A", "a_b", "a b", "a\n"})
    EXPECT_FALSE(check_source_name(name)) << name;
  EXPECT_FALSE(check_source_name(std::string(64, 'a')));
  EXPECT_TRUE(check_source_name(std::string(63, 'a')));
  EXPECT_TRUE(check_source_name("orders-2"));
  EXPECT_NE(check_source_name("a--b").error().message.find("hyphen"), std::string::npos);
}

TEST(LegacyName, IsRecognisedInAnyCase) {
  EXPECT_TRUE(is_legacy_name("WeeklyBackup-2016-03-01"));
  EXPECT_TRUE(is_legacy_name("weeklybackup-2016-03-01"));
  EXPECT_FALSE(is_legacy_name("weekly-report-2016-03-01"));
  EXPECT_FALSE(is_legacy_name("weeklybackup-2016-13-01"));
  EXPECT_FALSE(is_legacy_name("weeklybackup-2016-03-01-copy"));
}

}  // namespace
}  // namespace tidemark::core
