#include "base/memory_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/process.h"

namespace tidemark {
namespace {

TEST(SealedFile, HoldsItsContentForUsAloneAndNeverChanges) {
  const auto file = sealed_file("secret");
  ASSERT_TRUE(file) << file.error().message;
  const std::string path = "/proc/self/fd/" + std::to_string(file->get());
  EXPECT_EQ(*read_file(path, 100), "secret");
  struct stat status {};
  ASSERT_EQ(::fstat(file->get(), &status), 0);
  EXPECT_EQ(status.st_mode, S_IFREG | 0600u);
  EXPECT_LT(::write(file->get(), "x", 1), 0);
  EXPECT_LT(::ftruncate(file->get(), 0), 0);
}

TEST(SealedFile, ReachesAChildThatGetsItAndNoOther) {
  StopSignal stop;
  SystemClock clock(stop);
  const auto one = sealed_file("one ");
  const auto two = sealed_file("two");
  ASSERT_TRUE(one && two);
  ProcessOptions options{.argv = {"/bin/sh", "-c", "cat <&3; cat /dev/fd/4; test ! -e /dev/fd/5"}};
  options.descriptors = {one->get(), two->get()};
  auto outcome = run_process(options, clock, stop);
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->output, "one two");
  EXPECT_EQ(outcome->exit_code, 0);

  options.descriptors.clear();
  options.argv[2] = "test ! -e /dev/fd/" + std::to_string(one->get());
  outcome = run_process(options, clock, stop);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->exit_code, 0);
}

}  // namespace
}  // namespace tidemark
