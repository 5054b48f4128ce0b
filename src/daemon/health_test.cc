#include "daemon/health.h"

#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>

#include "base/file.h"
#include "daemon/daemon.h"

namespace tidemark::daemon {
namespace {

core::RunReport report_at(std::string_view time) {
  core::RunReport report;
  report.started = report.finished = *parse_time(time);
  core::SourceReport source;
  source.plan.source = "orders";
  report.sources.push_back(source);
  return report;
}

class HealthFile : public testing::Test {
 protected:
  HealthFile() {
    char name[] = "/tmp/tidemark-health-test-XXXXXX";
    CHECK(::mkdtemp(name) != nullptr);
    folder = name;
    path = health_path(folder);
  }
  ~HealthFile() override { std::filesystem::remove_all(folder); }
  std::string folder;
  std::string path;
};

TEST_F(HealthFile, IsReadBackAsItWasWritten) {
  core::RunReport report = report_at("2026-11-22T02:00:00Z");
  report.sources[0].plan.problems = {{core::Severity::critical, "overdue \"x\"", "run it"}};
  const Health written = health_of(report, *parse_time("2026-11-22T02:25:00Z"));
  ASSERT_TRUE(write_health(path, written));
  const auto read = read_health(path);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->written, written.written);
  EXPECT_EQ(read->next_by, written.next_by);
  ASSERT_EQ(read->sources.size(), 1u);
  EXPECT_FALSE(read->sources[0].healthy);
  EXPECT_FALSE(read->sources[0].catching_up);
  EXPECT_EQ(read->sources[0].problem, "overdue \"x\"");
  EXPECT_EQ(read->sources[0].hint, "run it");
}

TEST_F(HealthFile, IsNeverGuessedAt) {
  EXPECT_EQ(read_health(path).error().kind, ErrorKind::not_found);
  for (const char* text : {"", "{}", "{\"written\":1}", "[1]", "{\"written\":\"now\"}"}) {
    ASSERT_TRUE(replace_file(path, text, 0644));
    EXPECT_EQ(read_health(path).error().kind, ErrorKind::corrupt) << text;
  }
}

TEST(Pause, EndsAtTheNextSlotOrTheNextLook) {
  core::RunReport report = report_at("2026-11-22T02:00:00Z");
  EXPECT_EQ(pause_after(report, Seconds(300)), Seconds(300));
  report.sources[0].plan.next_slot = report.finished + Seconds(40);
  EXPECT_EQ(pause_after(report, Seconds(300)), Seconds(40));
  report.sources[0].plan.next_slot = report.finished - Seconds(40);
  EXPECT_EQ(pause_after(report, Seconds(300)), Seconds(1)) << "never a busy loop";
}

TEST(Pause, IsShortWhileASnapshotIsInProgress) {
  core::RunReport report = report_at("2026-11-22T02:00:00Z");
  report.sources[0].plan.awaited = "tidemark-202611-orders-20261122t0200z";
  EXPECT_EQ(pause_after(report, Seconds(300)), Seconds(30));
}

}  // namespace
}  // namespace tidemark::daemon
