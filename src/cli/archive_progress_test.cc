#include "cli/archive_progress.h"

#include <gtest/gtest.h>

namespace tidemark::cli {
namespace {

TEST(ArchiveProgress, SaysWhatIsLeftOnceItCanBeReckoned) {
  ops::ArchiveProgress at{.tables_done = 1, .tables_total = 4, .rows = 10, .bytes = 60'000'000};
  const std::string early = progress_text(at, Millis(60'000));
  EXPECT_EQ(early, "1 of 4 tables, 10 rows, 60.0 MB, 1.0 MB/s");
  at.done = 0.25;
  EXPECT_EQ(progress_text(at, Millis(60'000)), early + ", about 3m left");
  at.done = 1;
  EXPECT_EQ(progress_text(at, Millis(60'000)), early);
  EXPECT_NE(progress_text(at, Millis(0)), "");
}

}  // namespace
}  // namespace tidemark::cli
