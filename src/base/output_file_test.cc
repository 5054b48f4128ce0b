#include "base/output_file.h"

#include <filesystem>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/file.h"
#include "tests/support/temporary_folder.h"

namespace tidemark {
namespace {

class OutputFileTest : public ::testing::Test {
 protected:
  std::size_t files() const {
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator(folder.path()), {}));
  }
  test::TemporaryFolder folder;
  std::string path = folder.path() + "/a";
};

TEST_F(OutputFileTest, HasItsNameOnceItIsWhole) {
  ASSERT_TRUE(replace_file(path, "older", 0644));
  auto file = OutputFile::open(path, 0600);
  ASSERT_TRUE(file);
  ASSERT_TRUE(file->is_draft());
  ASSERT_TRUE(file->write("xxxx and more"));
  EXPECT_EQ(*read_file(path, 100), "older");
  ASSERT_TRUE(file->write_over_beginning("1234"));
  ASSERT_TRUE(file->write("!"));
  ASSERT_TRUE(file->commit());
  EXPECT_EQ(*read_file(path, 100), "1234 and more!");
  struct stat facts {};
  ASSERT_EQ(::stat(path.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600u);
  EXPECT_EQ(files(), 1u);
}

TEST_F(OutputFileTest, LeavesNothingWhenItIsGivenUp) {
  {
    auto file = OutputFile::open(path, 0600);
    ASSERT_TRUE(file->write("half"));
    const OutputFile moved = *std::move(file);
    EXPECT_EQ(files(), 1u);
  }
  EXPECT_EQ(files(), 0u);
}

TEST_F(OutputFileTest, ADeviceIsWrittenToAndNeverReplaced) {
  auto file = OutputFile::open("/dev/full", 0600);
  ASSERT_TRUE(file);
  EXPECT_FALSE(file->is_draft());
  EXPECT_EQ(file->write("x").error().kind, ErrorKind::exhausted);
  EXPECT_TRUE(file->commit());
  EXPECT_EQ(OutputFile::open(folder.path(), 0600).error().kind, ErrorKind::rejected);
  EXPECT_EQ(OutputFile::open(path + "/none", 0600).error().kind, ErrorKind::not_found);
}

TEST_F(OutputFileTest, APipeThatNobodyReadsDoesNotKeepUsFromStopping) {
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  const Fd reader(::open(path.c_str(), O_RDONLY | O_NONBLOCK));
  auto file = OutputFile::open(path, 0600);
  ASSERT_TRUE(file);
  StopSignal stop;
  EXPECT_TRUE(file->write("taken", &stop));
  stop.request();
  // More than a pipe holds: the rest would wait for ever.
  const auto written = file->write(std::string(1 << 20, 'x'), &stop);
  EXPECT_EQ(written.error().kind, ErrorKind::cancelled);
}

}  // namespace
}  // namespace tidemark
