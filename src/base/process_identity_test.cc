#include "base/process_identity.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace tidemark {
namespace {

TEST(ProcessIdentity, OfThisProcessIsAliveAndAlwaysTheSame) {
  const ProcessIdentity self = this_process();
  EXPECT_EQ(self.text(), this_process().text());
  EXPECT_EQ(self.pid, ::getpid());
  EXPECT_FALSE(is_known_dead(self.text(), self));
  EXPECT_TRUE(is_known_alive(self.text(), self));
  EXPECT_EQ(self.text().find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                          "0123456789:.-"),
            std::string::npos);
}

TEST(ProcessIdentity, OfAProcessThatEndedIsKnownDead) {
  const ProcessIdentity self = this_process();
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  ASSERT_GT(child, 0);
  siginfo_t info{};
  ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT), 0);
  ProcessIdentity gone = self;
  gone.pid = child;
  EXPECT_TRUE(is_known_dead(gone.text(), self)) << "a process that only waits to be reaped";
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  EXPECT_TRUE(is_known_dead(gone.text(), self));
  EXPECT_FALSE(is_known_alive(gone.text(), self));
}

TEST(ProcessIdentity, OfAnEarlierProcessWithOurNumberIsKnownDead) {
  ProcessIdentity earlier = this_process();
  earlier.started -= 1;
  EXPECT_TRUE(is_known_dead(earlier.text(), this_process()));
}

TEST(ProcessIdentity, OfAnotherMachineIsNeitherKnownDeadNorAlive) {
  const ProcessIdentity self = this_process();
  ProcessIdentity elsewhere = self;
  elsewhere.machine = "0123456789abcdef";
  elsewhere.pid = 999999;
  EXPECT_FALSE(is_known_dead(elsewhere.text(), self));
  EXPECT_FALSE(is_known_alive(elsewhere.text(), self));
  for (const char* nonsense : {"", "-", "a:b", "h:m:1:2", "h::x:y"})
    EXPECT_FALSE(is_known_dead(nonsense, self) || is_known_alive(nonsense, self)) << nonsense;
  EXPECT_FALSE(is_known_dead(fmt::format("h:{}:one:2", self.machine), self));
}

}  // namespace
}  // namespace tidemark
