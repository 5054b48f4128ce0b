#include "cli/check_report.h"

#include <gtest/gtest.h>

namespace tidemark::cli {
namespace {

TEST(CheckReport, NamesFromTheDatabaseCannotSpeakToTheTerminal) {
  repo::CheckReport report;
  report.damaged[repo::ObjectName{}]["public.\x1b[2Jorders\nx"] = 3;
  report.findings.push_back({ErrorKind::corrupt, "table \x1b[2Jorders is lost"});
  report.foreign = {"packs/\x1b]0;title\x07"};
  const std::string text = check_text(report, report::Style(false));
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_EQ(text.find('\x07'), std::string::npos);
  EXPECT_NE(text.find("public.[2Jorders x lacks 3 chunks"), std::string::npos) << text;
  EXPECT_NE(text.find("table [2Jorders is lost"), std::string::npos) << text;
}

}  // namespace
}  // namespace tidemark::cli
