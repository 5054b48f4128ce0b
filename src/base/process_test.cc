#include "base/process.h"

#include <cstdlib>
#include <filesystem>
#include <thread>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/log.h"
#include "tests/support/manual_clock.h"

namespace tidemark {
namespace {

off_t size_of(int file) {
  struct stat facts {};
  CHECK(::fstat(file, &facts) == 0);
  return facts.st_size;
}

class ProcessTest : public testing::Test {
 protected:
  Result<ProcessOutcome> run(std::vector<std::string> argv) {
    options.argv = std::move(argv);
    return run_process(options, clock, stop);
  }

  StopSignal stop;
  SystemClock clock{stop};
  ProcessOptions options{.argv = {}, .environment = {{"PATH", "/usr/bin:/bin"}}};
};

TEST_F(ProcessTest, GivesOutputErrorsAndExitCode) {
  const auto outcome = run({"sh", "-c", "echo out; echo err >&2; exit 7"});
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->output, "out\n");
  EXPECT_EQ(outcome->error_output, "err\n");
  EXPECT_EQ(outcome->exit_code, 7);
}

TEST_F(ProcessTest, InheritsNoVariables) {
  options.environment["ONLY"] = "this";
  const auto outcome = run({"env"});
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->output, "ONLY=this\nPATH=/usr/bin:/bin\n");
}

TEST_F(ProcessTest, SaysWhenThereIsNoSuchProgram) {
  EXPECT_EQ(run({"no-such-program-here"}).error().kind, ErrorKind::not_found);
}

TEST_F(ProcessTest, TellsASignalFromAnExit) {
  EXPECT_EQ(run({"sh", "-c", "kill -9 $$"})->exit_code, 137);
}

TEST_F(ProcessTest, KillsWhatRunsTooLongWithItsChildren) {
  options.deadline = Millis(100);
  EXPECT_EQ(run({"sh", "-c", "sleep 100 & sleep 100"}).error().kind, ErrorKind::timed_out);
}

TEST_F(ProcessTest, KillsWhatClosesItsOutputsAndLivesOn) {
  options.deadline = Millis(100);
  EXPECT_EQ(run({"sh", "-c", "exec >&- 2>&-; sleep 100"}).error().kind, ErrorKind::timed_out);
}

TEST_F(ProcessTest, WaitsForTheEndInTheChildsOwnTime) {
  test::ManualClock by_hand{"2026-11-22T02:00:00Z"};
  const auto outcome =
      run_process({.argv = {"/bin/sh", "-c", "exec >&- 2>&-; sleep 0.2; exit 7"}}, by_hand, stop);
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->exit_code, 7);
}

TEST_F(ProcessTest, KillsWhatWritesTooMuch) {
  options.output_bytes_max = 1000;
  EXPECT_EQ(run({"yes"}).error().kind, ErrorKind::exhausted);
}

TEST_F(ProcessTest, EndsWhenWhatRunsBesideItFails) {
  int calls = 0;
  options.while_it_runs = [&]() -> Status {
    if (++calls < 3) return Done{};
    return Error{ErrorKind::conflict, "lapsed"};
  };
  EXPECT_EQ(run({"yes"}).error().message, "lapsed");
  EXPECT_EQ(calls, 3);
}

TEST_F(ProcessTest, WritesToADescriptorWhateverItsLengthAndTheChildsEnd) {
  const int file = ::memfd_create("output", MFD_CLOEXEC);
  ASSERT_GE(file, 0);
  const Fd owner(file);
  options.output_to = file;
  options.output_bytes_max = 10;
  const auto outcome = run({"sh", "-c", "echo err >&2; head -c 3000000 /dev/zero; exit 7"});
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->exit_code, 7);
  EXPECT_EQ(outcome->output + outcome->error_output, "");
  EXPECT_EQ(size_of(file), 3'000'004);

  std::thread killer([&] {
    while (size_of(file) < 3'000'014) std::this_thread::yield();
    stop.request(SIGTERM);
  });
  EXPECT_EQ(run({"sh", "-c", "printf 'last words'; sleep 100"}).error().kind, ErrorKind::cancelled);
  killer.join();
  char text[11] = {};
  ASSERT_EQ(::pread(file, text, 10, 3'000'004), 10);
  EXPECT_STREQ(text, "last words");
}

TEST_F(ProcessTest, StopsAtOnceWhenAsked) {
  std::thread asker([this] { stop.request(SIGTERM); });
  EXPECT_EQ(run({"sleep", "100"}).error().kind, ErrorKind::cancelled);
  asker.join();
  EXPECT_EQ(stop.signal_number(), SIGTERM);
  EXPECT_EQ(clock.sleep(Millis(60'000)).error().kind, ErrorKind::cancelled);
}

TEST(Clock, SleepsAsLongAsAskedAndNeverGoesBack) {
  StopSignal stop;
  SystemClock clock(stop);
  const Millis begin = clock.steady();
  EXPECT_TRUE(clock.sleep(Millis(20)));
  EXPECT_GE(clock.steady() - begin, Millis(20));
  EXPECT_GT(clock.now(), *parse_time("2020-01-01T00:00:00Z"));
}

class FileTest : public testing::Test {
 protected:
  FileTest() {
    char name[] = "/tmp/tidemark-file-test-XXXXXX";
    CHECK(::mkdtemp(name) != nullptr);
    folder = name;
  }
  ~FileTest() override { std::filesystem::remove_all(folder); }
  std::string folder;
};

TEST_F(FileTest, IsReplacedAsAWholeWithItsMode) {
  const std::string path = folder + "/a";
  ASSERT_TRUE(replace_file(path, "one", 0640));
  ASSERT_TRUE(replace_file(path, "two", 0640));
  EXPECT_EQ(*read_file(path, 100), "two");
  struct stat facts {};
  ASSERT_EQ(::stat(path.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0640u);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder), {}), 1) << "a draft is left";
}

TEST_F(FileTest, SaysWhyItCannotBeReadOrWritten) {
  EXPECT_EQ(read_file(folder + "/none", 100).error().kind, ErrorKind::not_found);
  EXPECT_EQ(replace_file(folder + "/no/folder", "x", 0644).error().kind, ErrorKind::not_found);
  ASSERT_TRUE(replace_file(folder + "/big", std::string(1000, 'x'), 0644));
  EXPECT_EQ(read_file(folder + "/big", 999).error().kind, ErrorKind::exhausted);
}

TEST_F(FileTest, KeepsTheOldContentWhenTheNewOneCannotBeWritten) {
  const std::string path = folder + "/a";
  ASSERT_TRUE(replace_file(path, "old", 0644));
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit small{10, before.rlim_max};
  ::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const Status replaced = replace_file(path, std::string(1000, 'x'), 0644);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  EXPECT_FALSE(replaced);
  EXPECT_EQ(*read_file(path, 100), "old");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder), {}), 1) << "a draft is left";
}

// The pipe ends when nobody is left that could write into it.
TEST_F(ProcessTest, ThatIsBoundToUsDiesWithUsEvenBySigkill) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const Fd reading(ends[0]);
  Fd writing(ends[1]);
  const pid_t between = ::fork();
  ASSERT_GE(between, 0);
  if (between == 0) {
    options.descriptors = {writing.get()};
    options.dies_with_us = true;
    options.deadline = Millis{600'000};
    discard(run({"sh", "-c", "echo it runs >&3; exec sleep 600"}), "it never ends by itself");
    ::_exit(1);
  }
  writing.reset();
  char said[8];
  ASSERT_EQ(::read(reading.get(), said, sizeof said), 8);
  EXPECT_EQ(std::string(said, sizeof said), "it runs\n");
  ASSERT_EQ(::kill(between, SIGKILL), 0);
  ASSERT_EQ(::waitpid(between, nullptr, 0), between);
  pollfd end{reading.get(), POLLIN, 0};
  ASSERT_EQ(::poll(&end, 1, 30'000), 1) << "it lives on";
  EXPECT_EQ(::read(reading.get(), said, sizeof said), 0);
}

TEST_F(ProcessTest, ThatIsBoundToUsIsLikeAnyOther) {
  options.dies_with_us = true;
  options.environment["WORD"] = "said";
  const auto outcome = run({"sh", "-c", "cat; echo $WORD; echo wrong >&2; exit 7"});
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->output, "said\n");
  EXPECT_EQ(outcome->error_output, "wrong\n");
  EXPECT_EQ(outcome->exit_code, 7);
  EXPECT_EQ(run({"no-such-program"}).error().kind, ErrorKind::not_found);
}

TEST(Log, RedactsSecretsAndEscapesControlBytes) {
  log::redact(Secret("hunter2-hunter2"));
  log::redact(Secret("short"));
  EXPECT_EQ(log::safe_text("key hunter2-hunter2 and short\x1b[2J\n"),
            "key [redacted] and short\\x1b[2J\\x0a");
  EXPECT_EQ(log::safe_lines("a\nb\r"), "a\nb\\x0d");
  log::redact(Secret("redacted"));  // stands in what replaces it
  EXPECT_EQ(log::without_secrets("a redacted b"), "a [redacted] b");
}

TEST(Log, WritesLinesForPeopleAndForMachines) {
  log::configure(log::Level::info, log::Format::json);
  testing::internal::CaptureStderr();
  log::debug("unseen");
  log::info("a \"quoted\" line", {{"source", "orders"}});
  const std::string json = testing::internal::GetCapturedStderr();
  EXPECT_EQ(json.find("unseen"), std::string::npos);
  EXPECT_NE(json.find(R"("level":"info","message":"a \"quoted\" line","source":"orders"})"),
            std::string::npos)
      << json;

  log::configure(log::Level::debug, log::Format::text);
  testing::internal::CaptureStderr();
  log::warning("a line", {{"why", "two words"}, {"n", "1"}});
  log::error("worse");
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_NE(text.find("Z warning a line why=\"two words\" n=1\n"), std::string::npos) << text;
  EXPECT_NE(text.find("Z error worse\n"), std::string::npos) << text;
  log::configure(log::Level::info, log::Format::text);
}

TEST(Result, NamesEachKind) {
  for (int kind = 0; kind <= static_cast<int>(ErrorKind::unsafe); ++kind)
    EXPECT_NE(kind_name(static_cast<ErrorKind>(kind)), "unknown");
  EXPECT_EQ(in_context("doing", Error{ErrorKind::denied, "no"}).message, "doing: no");
}

}  // namespace
}  // namespace tidemark
