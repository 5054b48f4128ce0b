#include "storage/local/folder.h"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/local/local_failure.h"
#include "tests/support/temporary_folder.h"

namespace tidemark::storage {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Folder, PathsComeApartAndTogether) {
  EXPECT_EQ(folder_of("a/b/c"), "a/b");
  EXPECT_EQ(folder_of("a"), "");
  EXPECT_EQ(name_of("a/b/c"), "c");
  EXPECT_EQ(name_of("a"), "a");
  EXPECT_EQ(joined("", "a"), "a");
  EXPECT_EQ(joined("a/b", "c"), "a/b/c");
  std::string_view path = "a/bc/d";
  EXPECT_EQ(take_part(path), "a");
  EXPECT_EQ(take_part(path), "bc");
  EXPECT_EQ(take_part(path), "d");
  EXPECT_EQ(path, "");
}

// Both ways to give a file a name that nobody has yet.
class TakeName : public ::testing::TestWithParam<decltype(&move_unless_taken)> {
 protected:
  void write(const std::string& name, std::string_view content) {
    std::ofstream(folder_.path(name)) << content;
  }
  std::string read(const std::string& name) {
    std::ostringstream content;
    content << std::ifstream(folder_.path(name)).rdbuf();
    return content.str();
  }
  int take(const std::string& old_name, const std::string& name) {
    return GetParam()(fd_, old_name, fd_, name);
  }

  test::TemporaryFolder folder_;
  const Fd fd_{::open(folder_.path().c_str(), kFolderFlags)};
};

TEST_P(TakeName, MovesTheFile) {
  write("draft", "ours");
  EXPECT_EQ(take("draft", "name"), 0);
  EXPECT_EQ(read("name"), "ours");
  EXPECT_FALSE(fs::exists(folder_.path("draft")));
}

TEST_P(TakeName, LeavesWhatHasTheName) {
  write("draft", "ours");
  write("name", "theirs");
  EXPECT_EQ(take("draft", "name"), EEXIST);
  EXPECT_EQ(read("name"), "theirs");
  EXPECT_TRUE(fs::exists(folder_.path("draft")));
}

TEST_P(TakeName, SaysThatTheFileIsMissing) { EXPECT_EQ(take("none", "name"), ENOENT); }

INSTANTIATE_TEST_SUITE_P(Ways, TakeName, ::testing::Values(move_unless_taken, link_unless_taken));

TEST(Folder, ANameThatIsOursAlreadyIsSuccess) {
  test::TemporaryFolder folder;
  const Fd fd(::open(folder.path().c_str(), kFolderFlags));
  std::ofstream(folder.path("draft")) << "ours";
  fs::create_hard_link(folder.path("draft"), folder.path("name"));
  EXPECT_EQ(link_unless_taken(fd, "draft", fd, "name"), 0);
  EXPECT_THAT(*names_in(fd), ElementsAre("name"));
}

TEST(LocalFailure, KindSaysWhatACallerMayDo) {
  const struct {
    int number;
    ErrorKind kind;
  } failures[] = {{ENOENT, ErrorKind::not_found},      {EEXIST, ErrorKind::already_exists},
                  {EACCES, ErrorKind::denied},         {EROFS, ErrorKind::denied},
                  {ENOSPC, ErrorKind::exhausted},      {EDQUOT, ErrorKind::exhausted},
                  {EMFILE, ErrorKind::exhausted},      {ENOTDIR, ErrorKind::conflict},
                  {ELOOP, ErrorKind::unsafe},          {ESTALE, ErrorKind::unavailable},
                  {ETIMEDOUT, ErrorKind::unavailable}, {EXDEV, ErrorKind::unsupported},
                  {EIO, ErrorKind::rejected},          {EINVAL, ErrorKind::rejected}};
  for (const auto& [number, kind] : failures)
    EXPECT_EQ(local_failure("read", "x", number, -1).kind, kind) << number;
}

TEST(LocalFailure, NamesTheObjectTheCauseAndTheNextStep) {
  const Error broken = local_failure("read", "/srv/backup/packs/1", EIO, -1);
  EXPECT_EQ(broken.message, "cannot read /srv/backup/packs/1: Input/output error");
  EXPECT_THAT(broken.hint, HasSubstr("kernel log"));
  test::TemporaryFolder folder;
  const Fd fd(::open(folder.path().c_str(), kFolderFlags));
  EXPECT_THAT(local_failure("write", "x", ENOSPC, fd.get()).message, HasSubstr("MiB free)"));
}

}  // namespace
}  // namespace tidemark::storage
