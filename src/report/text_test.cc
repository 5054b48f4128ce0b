#include "report/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "report/json.h"
#include "report/table.h"

namespace tidemark::report {
namespace {

using core::Severity;
using testing::HasSubstr;
using testing::StartsWith;

const TimePoint kNow = *parse_time("2026-11-22T10:00:00Z");

core::SourcePlan healthy(std::string name) {
  core::SourcePlan plan;
  plan.source = std::move(name);
  plan.instance = "orders-prod";
  plan.covered = true;
  plan.good_points = 1;
  plan.next_slot = kNow + std::chrono::hours(16);
  plan.last_good = core::RecoveryPoint{
      .id = "tidemark-x", .source = plan.source, .slot = kNow - std::chrono::hours(8)};
  return plan;
}

core::SourcePlan broken(std::string name) {
  core::SourcePlan plan = healthy(std::move(name));
  plan.covered = false;
  plan.problems = {{Severity::critical, "overdue: no good point", "run `tidemark run --once`"},
                   {Severity::note, "by the way", ""}};
  return plan;
}

TEST(StatusText, SaysTheVerdictInItsFirstLine) {
  EXPECT_THAT(status_text(std::vector{healthy("orders")}, kNow, Style(false)),
              StartsWith("Protected: orders\n"));
  EXPECT_THAT(status_text(std::vector{healthy("a"), healthy("b")}, kNow, Style(false)),
              StartsWith("Protected: 2 sources\n"));
  EXPECT_THAT(status_text(std::vector{healthy("a"), broken("b"), broken("c")}, kNow, Style(false)),
              StartsWith("NOT PROTECTED: b: overdue: no good point (and 1 source more)\n"));
}

TEST(StatusText, PutsTheWorstFirstWithTheNextCommand) {
  const std::string text =
      status_text(std::vector{healthy("fine"), broken("ill")}, kNow, Style(false));
  EXPECT_LT(text.find("ill  NOT PROTECTED"), text.find("fine  protected"));
  EXPECT_THAT(text, HasSubstr("-> run `tidemark run --once`"));
  EXPECT_THAT(text, HasSubstr("2026-11-22T02:00:00Z (8h ago)"));
}

TEST(StatusText, HasColoursOnlyWhenAsked) {
  EXPECT_EQ(status_text(std::vector{broken("a")}, kNow, Style(false)).find('\x1b'),
            std::string::npos);
  EXPECT_THAT(status_text(std::vector{broken("a")}, kNow, Style(true)), HasSubstr("\x1b[1;31m"));
}

TEST(PlanText, ShowsEachActWithItsReasons) {
  core::SourcePlan plan = healthy("orders");
  plan.covered = false;
  plan.create = core::NewPoint{.id = "tidemark-new", .slot = kNow};
  plan.verdicts = {{.id = "a", .outcome = core::Outcome::keep, .reasons = {"daily"}},
                   {.id = "b", .outcome = core::Outcome::condemn, .reasons = {"no rule wants it"}},
                   {.id = "c", .outcome = core::Outcome::remove, .reasons = {"grace is over"}},
                   {.id = "d",
                    .outcome = core::Outcome::wait,
                    .reasons = {"no rule wants it"},
                    .removable_from = kNow + std::chrono::hours(24)}};
  const std::string text = plan_text(std::vector{plan}, kNow, Style(false));
  EXPECT_THAT(text, HasSubstr("+ take tidemark-new"));
  EXPECT_THAT(text, HasSubstr("~ condemn (still restorable)\n    b  no rule wants it"));
  EXPECT_THAT(text, HasSubstr("- delete for good\n    c  grace is over"));
  EXPECT_THAT(text, HasSubstr("deletable from 2026-11-23T10:00:00Z (in 1d)"));
  EXPECT_THAT(text, HasSubstr("1 kept, 0 not judged"));
}

TEST(RunText, ShowsWhatWasDoneAndWhatFailed) {
  core::RunReport report{.started = kNow, .finished = kNow, .sources = {}};
  core::SourceReport source;
  source.plan = healthy("orders");
  source.events = {
      {.act = core::Act::create, .snapshot = "s1"},
      {.act = core::Act::remove,
       .snapshot = "s2",
       .error = Error{ErrorKind::denied, "cannot delete s2", "grant rds:DeleteDBSnapshot"}}};
  report.sources = {source};
  const std::string text = run_text(report, Style(false));
  EXPECT_THAT(text, HasSubstr("asked for s1"));
  EXPECT_THAT(text, HasSubstr("error: cannot delete s2\n  -> grant rds:DeleteDBSnapshot"));
  const auto document = run_document(report);
  EXPECT_EQ(document["schema_version"], 1);
  EXPECT_EQ(document["failed"], true);
  EXPECT_EQ(document["sources"][0]["events"][1]["error"]["kind"], "denied");
}

TEST(StatusDocument, IsHealthyOnlyWhenEverySourceIs) {
  EXPECT_EQ(status_document(std::vector{healthy("a")}, kNow)["healthy"], true);
  const auto document = status_document(std::vector{healthy("a"), broken("b")}, kNow);
  EXPECT_EQ(document["healthy"], false);
  EXPECT_EQ(document["sources"][1]["problems"][0]["severity"], "critical");
  EXPECT_EQ(document["sources"][0]["create"], nullptr);
}

TEST(JsonLine, SurvivesInvalidUtf8) {
  EXPECT_EQ(json_line(nlohmann::json("\xff")), "\"\xef\xbf\xbd\"\n");
}

TEST(Table, AlignsByCodePoints) {
  Table table({"A", "B"});
  table.add({"\xc3\xa4\xc3\xa4\xc3\xa4", "x"});
  table.add({"a", "y"});
  EXPECT_EQ(table.text(), "A    B\n\xc3\xa4\xc3\xa4\xc3\xa4  x\na    y\n");
}

}  // namespace
}  // namespace tidemark::report
