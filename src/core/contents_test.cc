#include "core/contents.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace tidemark::core {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

DatabaseContents shop() {
  DatabaseContents shop{.name = "shop", .bytes = 900'000'000, .extensions = {{"postgis", "3.3.2"}}};
  shop.largest = {
      {"public.orders", 1'200'000}, {"public.queue", 40}, {"public.fresh", std::nullopt}};
  shop.tables = 3;
  shop.tables_unknown = 1;
  shop.rows = 1'200'040;
  return shop;
}

ServerContents server(DatabaseContents database) {
  return ServerContents{.version = 150'020, .databases = {std::move(database)}};
}

std::vector<std::string> words(const std::vector<Problem>& problems) {
  std::vector<std::string> result;
  for (const Problem& problem : problems)
    result.push_back(std::string(severity_name(problem.severity)) + ": " + problem.message);
  return result;
}

std::vector<std::string> differences(const DatabaseContents& found) {
  return words(compare_contents(server(shop()), server(found)));
}

TEST(Contents, TheSameAgainIsNoProblem) { EXPECT_THAT(differences(shop()), IsEmpty()); }

TEST(Contents, WhatIsMissingIsCriticalAndIsNamed) {
  EXPECT_THAT(words(compare_contents(server(shop()), ServerContents{.version = 150'020})),
              ElementsAre("critical: database shop is missing"));

  DatabaseContents found = shop();
  found.extensions.clear();
  EXPECT_THAT(differences(found),
              ElementsAre("critical: database shop: extension postgis is missing"));

  found = shop();
  found.largest.erase(found.largest.begin());
  found.tables = 2;
  EXPECT_THAT(differences(found),
              ElementsAre("critical: database shop: table public.orders is missing"));
}

TEST(Contents, ATableThatWasNotListedIsNotCalledMissing) {
  DatabaseContents found = shop();
  found.largest.pop_back();  // but found.tables still says 3
  EXPECT_THAT(differences(found),
              ElementsAre(HasSubstr("note: database shop: 1 recorded tables were not looked for")));
}

TEST(Contents, FewerTablesThanTheShortRecordCountsIsAWarning) {
  const ServerContents recorded = abridged(server(shop()), 1);
  DatabaseContents found = shop();
  found.largest.pop_back();
  found.tables = 2;
  EXPECT_THAT(words(compare_contents(recorded, server(found))),
              ElementsAre("warning: database shop: holds 2 tables, and the point recorded 3"));
}

struct RowsCase {
  std::int64_t recorded;
  std::optional<std::int64_t> found;
  std::optional<Severity> severity;
};

TEST(Contents, RowsMayDifferByHalfBeforeItCounts) {
  const RowsCase cases[] = {
      {1'000'000, 500'000, {}},
      {1'000'000, 499'999, Severity::critical},
      {1'000'000, 2'000'000, {}},
      {1'000'000, 2'000'002, Severity::note},
      {1'000'000, std::nullopt, Severity::note},
      {1'000, 0, Severity::critical},
      {999, 0, Severity::warning},
      {1, 0, Severity::warning},
      {0, 0, {}},
      {0, 5, {}},
      {10, 4, Severity::warning},
  };
  for (const RowsCase& given : cases) {
    DatabaseContents recorded{.name = "d", .tables = 1, .rows = given.recorded};
    recorded.largest = {{"s.t", given.recorded}};
    recorded.tables_unknown = 1;  // so that the sum says nothing
    DatabaseContents found = recorded;
    found.largest = {{"s.t", given.found}};
    const auto problems = compare_contents(server(recorded), server(found));
    SCOPED_TRACE(given.recorded);
    ASSERT_EQ(problems.size(), given.severity ? 1u : 0u);
    if (given.severity) {
      EXPECT_EQ(problems[0].severity, *given.severity);
    }
  }
}

TEST(Contents, AnUnanalysedTableIsUnknownAndNeverCompared) {
  DatabaseContents found = shop();
  found.largest[2].rows = 0;
  EXPECT_THAT(differences(found), IsEmpty());
  found = shop();
  found.largest[0].rows = std::nullopt;
  EXPECT_THAT(differences(found),
              ElementsAre("note: database shop: table public.orders: the number of rows is not "
                          "known until ANALYZE has run; the point recorded about 1200000"));
}

TEST(Contents, TheSumCountsOnlyWhenEveryTableHasAnEstimate) {
  DatabaseContents recorded{.name = "d", .tables = 90, .rows = 50'000};
  DatabaseContents found = recorded;
  found.rows = 100;
  EXPECT_THAT(
      words(compare_contents(server(recorded), server(found))),
      ElementsAre("critical: database d: all tables together: about 100 rows, and the point "
                  "recorded about 50000"));
  found.tables_unknown = 1;
  EXPECT_THAT(compare_contents(server(recorded), server(found)), IsEmpty());
}

TEST(Contents, ADatabaseThatShrankIsAWarning) {
  DatabaseContents found = shop();
  found.bytes = 8'000'000;
  EXPECT_THAT(differences(found), ElementsAre(HasSubstr("warning: database shop: holds 8000000")));
}

TEST(Contents, VersionsGoForwardOnly) {
  const auto severity = [](int recorded, int found) -> std::optional<Severity> {
    const auto problems = compare_contents({.version = recorded}, {.version = found});
    return problems.empty() ? std::nullopt : std::optional(problems[0].severity);
  };
  EXPECT_EQ(severity(150'020, 150'020), std::nullopt);
  EXPECT_EQ(severity(150'020, 150'018), Severity::note);
  EXPECT_EQ(severity(150'020, 170'002), Severity::note);
  EXPECT_EQ(severity(150'020, 140'022), Severity::critical);
  EXPECT_EQ(version_text(150'020), "15.20");
}

TEST(Contents, AnExtensionOfAnotherVersionIsANote) {
  DatabaseContents found = shop();
  found.extensions["postgis"] = "3.4.0";
  EXPECT_THAT(differences(found),
              ElementsAre("note: database shop: extension postgis is 3.4.0, and the point recorded "
                          "3.3.2"));
}

TEST(Contents, ADatabaseThatCouldNotBeReadIsNotComparedButSaid) {
  DatabaseContents closed{.name = "shop", .unread = "permission denied"};
  EXPECT_THAT(differences(closed),
              ElementsAre("warning: database shop: could not be read: permission denied"));
  EXPECT_THAT(compare_contents(server(closed), server(shop())), IsEmpty());
}

TEST(Contents, TheWorstComesFirst) {
  DatabaseContents found = shop();
  found.extensions["postgis"] = "9";
  found.bytes = 1;
  found.largest[0].rows = 0;
  const auto problems = compare_contents(server(shop()), server(found));
  ASSERT_EQ(problems.size(), 3u);
  EXPECT_EQ(problems[0].severity, Severity::critical);
  EXPECT_EQ(problems[1].severity, Severity::warning);
  EXPECT_EQ(problems[2].severity, Severity::note);
}

TEST(Contents, HostileNamesStayOnOneLine) {
  DatabaseContents hostile{.name = "a\nb\x1b[2J"};
  EXPECT_THAT(words(compare_contents(server(hostile), ServerContents{.version = 150'020})),
              ElementsAre("critical: database a b[2J is missing"));
}

TEST(Contents, ComparedWithItselfNothingDiffers) {
  EXPECT_TRUE(rc::check("compare(x, x) is empty", [](std::vector<std::int64_t> rows) {
    DatabaseContents database{.name = "d", .bytes = 1};
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const std::int64_t count = rows[i] < 0 ? -(rows[i] / 2) : rows[i];
      database.largest.push_back({std::to_string(i), count});
      database.rows = count;
    }
    database.tables = static_cast<std::int64_t>(rows.size());
    RC_ASSERT(compare_contents(server(database), server(database)).empty());
  }));
}

}  // namespace
}  // namespace tidemark::core
