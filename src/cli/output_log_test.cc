#include "cli/output_log.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "tests/support/temporary_folder.h"

namespace tidemark::cli {
namespace {

void write_to(const OutputLog& log, const std::string& text) {
  ASSERT_EQ(::write(log.descriptor(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
}

TEST(OutputLog, KeepsEveryRunAndShowsTheEndOfThisOne) {
  const test::TemporaryFolder folder;
  const std::string path = folder.path() + "/hook.log";
  {
    const auto first = OutputLog::open(path);
    ASSERT_TRUE(first);
    write_to(*first, "first run\n");
  }
  auto opened = OutputLog::open(path);
  ASSERT_TRUE(opened);
  OutputLog log = *std::move(opened);
  OutputLog* const second = &log;
  second->note("it begins");
  EXPECT_EQ(second->last_words(100), "") << "our own note is not the program's word";
  write_to(*second, std::string(10'000, 'x') + "the end\n");
  EXPECT_EQ(second->last_words(8), "the end");
  EXPECT_EQ(second->last_words(1'000'000).size(), 10'007u) << "the first run's words are in it";
  second->note("done");
  EXPECT_EQ(read_file(path, 100'000)->size(), 10 + 10 + 10'008 + 5u);
}

TEST(OutputLog, IsReadableByItsOwnerAlone) {
  const test::TemporaryFolder folder;
  const std::string path = folder.path() + "/hook.log";
  ASSERT_TRUE(OutputLog::open(path));
  struct stat facts {};
  ASSERT_EQ(::stat(path.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600u);
}

TEST(OutputLog, SaysWhyItCannotBeWritten) {
  const auto log = OutputLog::open("/nowhere/at/all.log");
  ASSERT_FALSE(log);
  EXPECT_NE(log.error().message.find("/nowhere/at/all.log"), std::string::npos);
}

}  // namespace
}  // namespace tidemark::cli
