#include "base/fed_process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "base/file.h"
#include "tests/support/temporary_folder.h"

namespace tidemark {
namespace {

class FedProcessTest : public ::testing::Test {
 protected:
  // As the program does: what happened to a pipe is then told by the call.
  FedProcessTest() { ::signal(SIGPIPE, SIG_IGN); }

  Result<FedProcess> start(std::vector<std::string> argv, Millis deadline = Millis(60'000)) {
    return FedProcess::start(
        {.argv = std::move(argv), .environment = {{"PATH", "/usr/bin:/bin"}}, .deadline = deadline},
        output.get(), clock, stop);
  }

  test::TemporaryFolder folder;
  std::string path = folder.path() + "/output";
  Fd output{::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600)};
  StopSignal stop;
  SystemClock clock{stop};
};

TEST_F(FedProcessTest, GetsAllItsInputAndWritesToOurFile) {
  auto process = start({"sh", "-c", "echo said >&2; cat"});
  ASSERT_TRUE(process) << process.error().message;
  const std::string big(1 << 20, 'x');
  ASSERT_TRUE(process->write("first "));
  ASSERT_TRUE(process->write(big));
  EXPECT_TRUE(process->takes_input());
  const auto outcome = process->finish();
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->exit_code, 0);
  EXPECT_EQ(outcome->error_output, "said\n");
  EXPECT_EQ(*read_file(path, 2 << 20), "first " + big);
}

TEST_F(FedProcessTest, OneThatEndsEarlySaysHow) {
  auto process = start({"sh", "-c", "echo no >&2; exit 3"});
  ASSERT_TRUE(process);
  while (process->takes_input()) ASSERT_TRUE(process->write(std::string(100'000, 'x')));
  const auto outcome = process->finish();
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->exit_code, 3);
  EXPECT_EQ(outcome->error_output, "no\n");
}

TEST_F(FedProcessTest, OneThatTakesNothingIsGivenUp) {
  auto process = start({"sleep", "100"}, Millis(50));
  ASSERT_TRUE(process);
  EXPECT_EQ(process->write(std::string(1 << 20, 'x')).error().kind, ErrorKind::timed_out);
}

TEST_F(FedProcessTest, StopsAtOnceWhenAsked) {
  auto process = start({"sleep", "100"});
  ASSERT_TRUE(process);
  stop.request();
  EXPECT_EQ(process->write("x").error().kind, ErrorKind::cancelled);
  EXPECT_EQ(process->finish().error().kind, ErrorKind::cancelled);
}

}  // namespace
}  // namespace tidemark
