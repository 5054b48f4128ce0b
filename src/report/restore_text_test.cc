#include "report/restore_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "report/restore_json.h"

namespace tidemark::report {
namespace {

using testing::HasSubstr;
using testing::Not;

core::RestorePlan plan_with_files() {
  core::RestorePlan plan;
  plan.files = core::PlannedFiles{.bucket = "s3://shop-files/live/",
                                  .moment = *parse_time("2026-11-24T02:00:00Z"),
                                  .inventory = "0123456789ab",
                                  .skew = Seconds(3),
                                  .copies = 2,
                                  .removed = 1};
  return plan;
}

TEST(RestoreText, StatesTheSkewBetweenRowsAndFiles) {
  core::RestorePlan plan = plan_with_files();
  std::string text = restore_plan_text(plan, Style(false));
  EXPECT_THAT(text, HasSubstr("s3://shop-files/live/ as of 2026-11-24T02:00:00Z, by inventory"));
  EXPECT_THAT(text, HasSubstr("3 s after the last transaction"));
  EXPECT_THAT(text, Not(HasSubstr("LOST")));
  EXPECT_EQ(restore_plan_json(plan)["files"]["skew_seconds"], 3);

  plan.files->skew = Seconds(0);  // to a moment of the automated backups
  plan.files->inventory.clear();
  text = restore_plan_text(plan, Style(false));
  EXPECT_THAT(text, HasSubstr("by the versions of the bucket"));
  EXPECT_THAT(text, HasSubstr("0 s after"));
  EXPECT_EQ(restore_plan_json(plan)["files"]["inventory"], nullptr);

  plan.files->skew.reset();
  plan.files->lost = 4;
  plan.files->cold = 5;
  text = restore_plan_text(plan, Style(false));
  EXPECT_THAT(text, HasSubstr("not known"));
  EXPECT_THAT(text, HasSubstr("LOST       4"));
  EXPECT_THAT(text, HasSubstr("COLD       5"));
}

TEST(RestoreText, IsSilentOnFilesThatStayWhereTheyAre) {
  EXPECT_THAT(restore_plan_text({}, Style(false)), Not(HasSubstr("files")));
  EXPECT_EQ(restore_plan_json({})["files"], nullptr);
}

}  // namespace
}  // namespace tidemark::report
