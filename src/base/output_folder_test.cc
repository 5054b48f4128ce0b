#include "base/output_folder.h"

#include <filesystem>

#include <gtest/gtest.h>

#include "base/file.h"
#include "tests/support/temporary_folder.h"

namespace tidemark {
namespace {

TEST(OutputFolder, HasItsNameOnceItIsWhole) {
  test::TemporaryFolder folder;
  const std::string path = folder.path("out");
  std::filesystem::create_directory(path);
  {
    auto given_up = OutputFolder::begin(path);
    ASSERT_TRUE(given_up) << given_up.error().message;
    ASSERT_TRUE(replace_file(given_up->draft() + "/a", "half", 0600));
  }
  EXPECT_TRUE(std::filesystem::is_empty(path));
  auto made = OutputFolder::begin(path);
  ASSERT_TRUE(made);
  ASSERT_TRUE(replace_file(made->draft() + "/a", "whole", 0600));
  ASSERT_TRUE(made->commit());
  EXPECT_EQ(*read_file(path + "/a", 100), "whole");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
  EXPECT_EQ(OutputFolder::begin(path).error().kind, ErrorKind::already_exists);
  EXPECT_EQ(OutputFolder::begin(path + "/a/b").error().kind, ErrorKind::not_found);
}

}  // namespace
}  // namespace tidemark
