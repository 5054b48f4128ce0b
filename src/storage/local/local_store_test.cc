#include "storage/local/local_store.h"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/temporary_folder.h"

namespace tidemark::storage {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr int kSkipped = 77;  // exit code of a child that may not do what the test needs

std::vector<std::string> names_of(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename());
  return names;
}

std::string content_of(const fs::path& path) {
  std::ostringstream content;
  content << std::ifstream(path).rdbuf();
  return content.str();
}

// Runs it in a process of its own, which may lose rights or die. Its exit code.
int in_child(const std::function<int()>& run) {
  const pid_t child = ::fork();
  CHECK(child >= 0);
  if (child == 0) ::_exit(run());
  int status = 0;
  CHECK(::waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

class LocalStoreTest : public ::testing::Test {
 protected:
  std::unique_ptr<LocalStore> open(LocalOptions options = {}) {
    auto store = LocalStore::open(folder_.path(), std::move(options));
    CHECK(bool(store));
    return *std::move(store);
  }
  Result<std::vector<std::string>> keys(LocalStore& store) {
    std::vector<std::string> keys;
    TRY(store.list("", [&](const ObjectInfo& object) -> Status {
      keys.push_back(object.key);
      return Done{};
    }));
    return keys;
  }
  void write_file(const std::string& name, std::string_view content) {
    fs::create_directories(fs::path(folder_.path(name)).parent_path());
    std::ofstream(folder_.path(name)) << content;
  }

  test::TemporaryFolder folder_;
};

TEST_F(LocalStoreTest, AMissingFolderIsNoEmptyStore) {
  const auto store = LocalStore::open(folder_.path("none"));
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().kind, ErrorKind::not_found);
  EXPECT_THAT(store.error().message, HasSubstr(folder_.path("none")));
  EXPECT_THAT(store.error().hint, HasSubstr("mounted"));
}

TEST_F(LocalStoreTest, CreateMakesTheFolderButNotItsParent) {
  auto store = LocalStore::create(folder_.path("new/"));
  ASSERT_TRUE(store) << store.error().message;
  EXPECT_EQ((*store)->describe(), folder_.path("new"));
  ASSERT_TRUE((*store)->put("x", "1", PutMode::create_only));
  auto again = LocalStore::create(folder_.path("new"));
  EXPECT_EQ(*(*again)->get("x"), "1");
  EXPECT_EQ(LocalStore::create(folder_.path("no/parent")).error().kind, ErrorKind::not_found);
  write_file("file", "x");
  EXPECT_EQ(LocalStore::open(folder_.path("file")).error().kind, ErrorKind::conflict);
}

TEST_F(LocalStoreTest, OnlyTheOwnerMayReadWhatIsStored) {
  const mode_t old_mask = ::umask(0);
  ASSERT_TRUE(open()->put("a/b", "x", PutMode::create_only));
  ::umask(old_mask);
  struct ::stat file {};
  ASSERT_EQ(::stat(folder_.path("a/b").c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 07777, 0600u);
  ASSERT_EQ(::stat(folder_.path("a").c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 07777, 0700u);
}

TEST_F(LocalStoreTest, NoDraftIsLeftBehind) {
  const auto store = open();
  ASSERT_TRUE(store->put("a", "1", PutMode::create_only));
  ASSERT_FALSE(store->put("a", "2", PutMode::create_only));
  ASSERT_TRUE(store->put("a", "3", PutMode::replace));
  EXPECT_THAT(names_of(folder_.path(".drafts")), IsEmpty());
}

TEST_F(LocalStoreTest, CleansUpTheDraftsOfTheDeadOnly) {
  write_file(".drafts/1-0", "left by a crash");
  write_file(".drafts/1-1", "being written");
  const Fd writer(::open(folder_.path(".drafts/1-1").c_str(), O_RDWR | O_CLOEXEC));
  ASSERT_EQ(::flock(writer.get(), LOCK_EX), 0);
  const auto store = open();
  EXPECT_THAT(names_of(folder_.path(".drafts")), ElementsAre("1-1"));
  EXPECT_THAT(*keys(*store), IsEmpty());
}

TEST_F(LocalStoreTest, AWriterWhoseDraftNameIsTakenUsesAnother) {
  const auto store = open();
  const std::string taken = ".drafts/" + std::to_string(::getpid()) + "-0";
  write_file(taken, "of another container");
  ASSERT_TRUE(store->put("a", "mine", PutMode::create_only));
  EXPECT_EQ(*store->get("a"), "mine");
  EXPECT_EQ(content_of(folder_.path(taken)), "of another container");
}

TEST_F(LocalStoreTest, RefusesSymbolicLinksInside) {
  test::TemporaryFolder outside;
  std::ofstream(outside.path("secret")) << "secret";
  fs::create_symlink(outside.path("secret"), folder_.path("file"));
  fs::create_directory_symlink(outside.path(), folder_.path("packs"));
  fs::create_symlink(outside.path("absent"), folder_.path("dangling"));
  const auto store = open();
  for (const char* key : {"file", "packs/secret", "packs/new", "dangling"}) {
    EXPECT_EQ(store->get(key).error().kind, ErrorKind::unsafe) << key;
    EXPECT_EQ(store->stat(key).error().kind, ErrorKind::unsafe) << key;
    EXPECT_EQ(store->remove(key).error().kind, ErrorKind::unsafe) << key;
    for (const PutMode mode : {PutMode::create_only, PutMode::replace})
      EXPECT_FALSE(store->put(key, "x", mode)) << key;
  }
  EXPECT_EQ(keys(*store).error().kind, ErrorKind::unsafe);
  EXPECT_THAT(names_of(outside.path()), ElementsAre("secret"));
  EXPECT_EQ(content_of(outside.path("secret")), "secret");
}

TEST_F(LocalStoreTest, TheFolderItselfMayBeASymbolicLink) {
  test::TemporaryFolder other;
  fs::create_directory_symlink(folder_.path(), other.path("link"));
  auto store = LocalStore::open(other.path("link"));
  ASSERT_TRUE(store);
  ASSERT_TRUE((*store)->put("a", "x", PutMode::create_only));
  EXPECT_EQ(content_of(folder_.path("a")), "x");
}

TEST_F(LocalStoreTest, DoesNotWaitForAPipe) {
  ASSERT_EQ(::mkfifo(folder_.path("pipe").c_str(), 0600), 0);
  const auto store = open();
  EXPECT_EQ(store->get("pipe").error().kind, ErrorKind::unsafe);
  EXPECT_FALSE(store->put("pipe", "x", PutMode::replace));
  EXPECT_THAT(*keys(*store), IsEmpty());
}

TEST_F(LocalStoreTest, LeavesFilesAloneThatAreNoObjects) {
  write_file("lost+found/x", "x");
  write_file("README.TXT", "x");
  write_file(".git/config", "x");
  const auto store = open();
  ASSERT_TRUE(store->put("config", "x", PutMode::create_only));
  EXPECT_THAT(*keys(*store), ElementsAre("config"));
}

TEST_F(LocalStoreTest, AFileIsNoFolder) {
  const auto store = open();
  ASSERT_TRUE(store->put("a", "file", PutMode::create_only));
  EXPECT_EQ(store->put("a/b", "x", PutMode::create_only).error().kind, ErrorKind::conflict);
  ASSERT_TRUE(store->put("c/d", "x", PutMode::create_only));
  EXPECT_EQ(store->put("c", "x", PutMode::replace).error().kind, ErrorKind::conflict);
  EXPECT_THAT(names_of(folder_.path(".drafts")), IsEmpty());
  EXPECT_THAT(*keys(*store), UnorderedElementsAre("a", "c/d"));
}

TEST_F(LocalStoreTest, FailsWhenItsDiskIsNoLongerThere) {
  const std::string path = folder_.path("disk");
  auto store = *LocalStore::create(path);
  ASSERT_TRUE(store->put("a", "x", PutMode::create_only));
  const auto expect_failures = [&] {
    const auto listed = keys(*store);
    ASSERT_FALSE(listed) << "an empty store, where there is none";
    EXPECT_EQ(listed.error().kind, ErrorKind::conflict);
    EXPECT_THAT(listed.error().message, HasSubstr(path));
    EXPECT_EQ(store->get("a").error().kind, ErrorKind::conflict);
    EXPECT_EQ(store->stat("a").error().kind, ErrorKind::conflict);
    EXPECT_EQ(store->remove("a").error().kind, ErrorKind::conflict);
    EXPECT_EQ(store->put("b", "x", PutMode::create_only).error().kind, ErrorKind::conflict);
  };
  fs::rename(path, folder_.path("elsewhere"));
  expect_failures();
  fs::create_directory(path);  // what lies under a mount point
  expect_failures();
  EXPECT_THAT(names_of(path), IsEmpty());
}

TEST_F(LocalStoreTest, AFileTooLargeForItsLimitLeavesWhatWasThere) {
  const auto store = open();
  ASSERT_TRUE(store->put("a", "old", PutMode::create_only));
  const int code = in_child([&] {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{8192, 8192};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) return kSkipped;
    const Status done = store->put("a", std::string(20'000, 'x'), PutMode::replace);
    if (done || done.error().kind != ErrorKind::exhausted) return 1;
    return done.error().message.find("MiB free") == std::string::npos ? 2 : 0;
  });
  EXPECT_EQ(code, 0);
  EXPECT_EQ(*store->get("a"), "old");
  EXPECT_THAT(names_of(folder_.path(".drafts")), IsEmpty());
}

// A disk of 256 KiB that is mounted nowhere: its descriptor alone leads to it, in a chroot as well.
// -1: this user may not.
int make_small_disk() {
  const int description = ::fsopen("tmpfs", FSOPEN_CLOEXEC);
  if (description < 0) return -1;
  int disk = -1;
  if (::fsconfig(description, FSCONFIG_SET_STRING, "size", "256k", 0) == 0 &&
      ::fsconfig(description, FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) == 0)
    disk = ::fsmount(description, FSMOUNT_CLOEXEC, 0);
  ::close(description);
  return disk;
}

TEST_F(LocalStoreTest, AFullDiskIsExhaustedAndHarmsNothing) {
  const int disk = make_small_disk();
  if (disk < 0) GTEST_SKIP() << "this user may not mount a disk";
  const std::string path = "/proc/self/fd/" + std::to_string(disk);
  {
    const auto opened = LocalStore::open(path, {});
    ASSERT_TRUE(opened) << opened.error().message;
    LocalStore& store = **opened;
    ASSERT_TRUE(store.put("packs/1", std::string(150'000, '1'), PutMode::create_only));
    const Status full = store.put("packs/2", std::string(150'000, '2'), PutMode::create_only);
    ASSERT_FALSE(full);
    EXPECT_EQ(full.error().kind, ErrorKind::exhausted);
    for (const std::string& part :
         {path + "/packs/2", std::string("No space left"), std::string("MiB free")})
      EXPECT_THAT(full.error().message, HasSubstr(part));
    EXPECT_THAT(*keys(store), ElementsAre("packs/1"));
    EXPECT_EQ(*store.get("packs/1"), std::string(150'000, '1'));
    ASSERT_TRUE(store.remove("packs/1"));
    EXPECT_TRUE(store.put("packs/2", std::string(150'000, '2'), PutMode::create_only));
  }
  ::close(disk);
}

TEST_F(LocalStoreTest, AFolderThatMayNotBeWrittenIsDenied) {
  ASSERT_TRUE(open()->put("a", "x", PutMode::create_only));
  ASSERT_EQ(::chmod(folder_.path().c_str(), 0555), 0);
  const int code = in_child([&] {
    constexpr uid_t kNobody = 65534;
    if (::geteuid() == 0 && ::seteuid(kNobody) != 0) return kSkipped;
    const auto store = LocalStore::open(folder_.path());
    if (!store) return 1;
    const Status done = (*store)->put("b", "x", PutMode::create_only);
    if (done || done.error().kind != ErrorKind::denied) return 2;
    return done.error().hint.empty() ? 3 : 0;
  });
  EXPECT_EQ(code, 0);
}

TEST_F(LocalStoreTest, MessagesSayWhatTheDiskSaid) {
  EXPECT_EQ(open()->get("a").error().message, "there is no object a");
  ASSERT_TRUE(open()->put("a", "x", PutMode::create_only));
  EXPECT_EQ(open()->put("a", "x", PutMode::create_only).error().message,
            "cannot create " + folder_.path("a") + ": File exists");
}

// Ends the process before each system call in turn. Whatever lies on the disk then, no object is
// half there, what had succeeded stays, and the next process works.
TEST_F(LocalStoreTest, SurvivesBeingCutOffAnywhere) {
  const std::string old_head(5000, 'o');
  const std::string new_head(9000, 'n');
  const std::string pack(70'000, 'p');
  int cuts = 0;
  for (bool finished = false; !finished; ++cuts) {
    SCOPED_TRACE(cuts);
    ASSERT_LT(cuts, 200);
    test::TemporaryFolder disk;
    ASSERT_TRUE((*LocalStore::open(disk.path()))->put("head", old_head, PutMode::create_only));
    ASSERT_TRUE((*LocalStore::open(disk.path()))->put("old/one", "x", PutMode::create_only));
    constexpr int kFinished = 42;
    const int code = in_child([&] {
      int steps = 0;
      const LocalOptions options{.before_step = [&](std::string_view) {
        if (steps++ == cuts) ::_exit(0);
      }};
      const auto store = *LocalStore::open(disk.path(), options);
      if (!store->put("packs/0f/1", pack, PutMode::create_only)) return 1;
      if (!store->put("head", new_head, PutMode::replace)) return 2;
      if (!store->remove("old/one")) return 3;
      return kFinished;
    });
    ASSERT_TRUE(code == 0 || code == kFinished) << code;
    finished = code == kFinished;

    const auto store = *LocalStore::open(disk.path());
    const auto present = *keys(*store);
    const auto has = [&](const char* key) {
      return std::find(present.begin(), present.end(), key) != present.end();
    };
    if (fs::exists(disk.path(".drafts"))) {
      EXPECT_THAT(names_of(disk.path(".drafts")), IsEmpty());
    }
    if (has("packs/0f/1")) {
      EXPECT_EQ(*store->get("packs/0f/1"), pack);
    }
    const std::string head = *store->get("head");
    EXPECT_TRUE(head == old_head || head == new_head);
    EXPECT_TRUE(head == old_head || has("packs/0f/1")) << "the head is newer than what it needs";
    EXPECT_TRUE(has("old/one") || head == new_head);
    if (!has("packs/0f/1")) {
      EXPECT_TRUE(store->put("packs/0f/1", pack, PutMode::create_only));
    }
    EXPECT_TRUE(store->put("head", new_head, PutMode::replace));
    if (finished) {
      EXPECT_TRUE(head == new_head && !has("old/one"));
    }
  }
  EXPECT_GT(cuts, 15);
}

}  // namespace
}  // namespace tidemark::storage
