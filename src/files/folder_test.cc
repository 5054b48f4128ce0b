#include "files/folder.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/encoding.h"
#include "crypto/hash.h"
#include "files/fetch.h"
#include "files/folder_names.h"
#include "tests/support/memory_bucket.h"
#include "tests/support/temporary_folder.h"

namespace tidemark::files {
namespace {

namespace fs = std::filesystem;
using test::MemoryBucket;
using test::TemporaryFolder;
using ::testing::ElementsAre;

constexpr int kHostileKeys = 10'000;
constexpr std::size_t kKeyBytesMax = 1'024;  // of S3

std::string shown(const std::string& key) {
  FolderNames names;
  return fmt::format("{}", fmt::join(names.parts_of(key), "/"));
}

TEST(FolderNames, OrdinaryKeysAreTheirOwnNames) {
  for (const std::string key :
       {"a", "a/b.txt", "invoices/2026/\xc3\xbc 1.pdf", "~", "-x", ".hidden"})
    EXPECT_EQ(shown(key), key);
}

TEST(FolderNames, HostileKeysHaveNamesThatLeadNowhere) {
  EXPECT_EQ(shown("../x"), "%2E%2E/x");
  EXPECT_EQ(shown("./x"), "%2E/x");
  EXPECT_EQ(shown("/x"), "%/x");
  EXPECT_EQ(shown("a//b"), "a/%/b");
  EXPECT_EQ(shown("a/"), "a/%");
  EXPECT_EQ(shown("a\nb%\x7f"), "a%0Ab%25%7F");
  EXPECT_EQ(shown("..."), "...");
}

TEST(FolderNames, AFolderBesideAFileOfItsNameIsMarked) {
  FolderNames names;
  EXPECT_THAT(names.parts_of("a"), ElementsAre("a"));
  EXPECT_THAT(names.parts_of("a-"), ElementsAre("a-"));
  EXPECT_THAT(names.parts_of("a/b"), ElementsAre("a%d", "b"));
  EXPECT_THAT(names.parts_of("a/b/c"), ElementsAre("a%d", "b%d", "c"));
  EXPECT_THAT(names.parts_of("b/b"), ElementsAre("b", "b"));
}

TEST(FolderNames, PartsThatAreTooLongGoOnInTheNextOne) {
  const std::string part(kKeyBytesMax, 'x');
  FolderNames names;
  const auto parts = names.parts_of(part);
  EXPECT_EQ(parts.size(), 6u);
  EXPECT_TRUE(parts.front().ends_with("x%+"));
  EXPECT_EQ(*key_of(parts), part);
}

TEST(FolderNames, NamesOfNoKeyAreRefused) {
  for (const std::vector<std::string>& parts :
       std::vector<std::vector<std::string>>{{}, {""}, {".."}, {"a", "."}, {"%G"}, {"x%+"}})
    EXPECT_FALSE(key_of(parts)) << fmt::format("{}", fmt::join(parts, "/"));
}

// Keys of all that could lead astray, sorted as S3 lists them.
std::set<std::string> hostile_keys(unsigned seed) {
  static const std::vector<std::string> kPieces = {
      "..",           ".",   "/",  "//",   "a",  "b",    "%",    "%2E",  "%d",
      "%+",           "%t0", "\\", "\n",   "\t", "\x01", "\x7f", "\xff", "\xc3\xbc",
      "\xe2\x80\xae", " ",   "~",  "$(x)", ";",  "-rf",  "*",    "con"};
  std::mt19937 random(seed);
  std::set<std::string> keys;
  while (keys.size() < kHostileKeys) {
    std::string key;
    for (std::size_t i = 1 + random() % 8; i > 0; --i) {
      key += kPieces[random() % kPieces.size()];
      if (random() % 3 == 0) key += '/';
      if (random() % 50 == 0) key += std::string(random() % 600, static_cast<char>(random()));
    }
    if (key.size() <= kKeyBytesMax) keys.insert(key);
  }
  return keys;
}

// In memory where there is such a folder: a disk takes minutes for so many.
fs::path quick_folder() {
  return fs::exists("/dev/shm") ? fs::path("/dev/shm") : fs::temp_directory_path();
}

TEST(Folder, TenThousandHostileKeysStayInsideAndComeBack) {
  TemporaryFolder outer(quick_folder());
  const std::string inside = outer.path() + "/inside";
  std::ofstream(outer.path() + "/x") << "of somebody else";
  MemoryBucket bucket;
  const auto keys = hostile_keys(20'261'124);
  for (const std::string& key : keys) bucket.put(key, "of " + key);
  const auto folder = Folder::open(inside);
  ASSERT_TRUE(folder) << folder.error().message;
  const StopSignal stop;
  const RestoreTarget target{
      .prefix = {}, .moment = []() -> Result<Moment> { return Moment::at(TimePoint::max()); }};
  const auto fetched = fetch_files(bucket, target, *folder, {.jobs = 2}, stop);
  ASSERT_TRUE(fetched) << fetched.error().message;
  ASSERT_TRUE(fetched->failed.empty()) << fetched->failed[0].error.message;
  EXPECT_EQ(fetched->written, keys.size());

  std::set<std::string> beside;
  for (const auto& entry : fs::directory_iterator(outer.path()))
    beside.insert(entry.path().filename().string());
  EXPECT_THAT(beside, ElementsAre("inside", "x"));
  std::set<std::string> found;
  for (const auto& entry : fs::recursive_directory_iterator(inside)) {
    ASSERT_FALSE(entry.is_symlink());
    if (entry.is_directory()) continue;
    std::vector<std::string> parts;
    for (const auto& part : fs::relative(entry.path(), inside)) parts.push_back(part.string());
    const auto key = key_of(parts);
    ASSERT_TRUE(key) << entry.path();
    std::string content;
    std::getline(std::ifstream(entry.path(), std::ios::binary), content, '\0');
    if (key->find('\0') == std::string::npos) {
      EXPECT_EQ(content, "of " + *key);
    }
    found.insert(*key);
  }
  EXPECT_EQ(found, keys);
}

class FolderTest : public ::testing::Test {
 protected:
  Result<Written> write(const std::vector<std::string>& parts, const std::string& content,
                        std::string etag = "", VersionState state = {.etag_is_of_bytes = true}) {
    bucket_.put("key", content);
    FileVersion version;
    CHECK(bucket_.for_each_version("", [&](const FileVersion& one) -> Status {
      if (one.is_latest) version = one;
      return Done{};
    }));
    crypto::Md5 md5;
    md5.update(content);
    version.etag = etag.empty() ? to_hex(md5.finish()) : etag;
    const auto folder = Folder::open(outer_.path() + "/inside");
    CHECK(bool(folder));
    return folder->write(parts, version, state, bucket_);
  }
  std::string path(const std::string& name) const { return outer_.path() + "/inside/" + name; }

  TemporaryFolder outer_;
  MemoryBucket bucket_;
};

TEST_F(FolderTest, ALinkIsNeverFollowed) {
  ASSERT_EQ(*write({"first"}, "x"), Written::now);
  fs::create_directory(outer_.path() + "/outside");
  fs::create_directory_symlink(outer_.path() + "/outside", path("folder"));
  fs::create_symlink(outer_.path() + "/outside/file", path("file"));
  EXPECT_EQ(write({"folder", "x"}, "x").error().kind, ErrorKind::already_exists);
  EXPECT_EQ(write({"file"}, "x").error().kind, ErrorKind::already_exists);
  EXPECT_TRUE(fs::is_empty(outer_.path() + "/outside"));
}

TEST_F(FolderTest, WhatIsThereIsKeptAndWhatIsTheSameIsNotFetchedAgain) {
  ASSERT_EQ(*write({"a"}, "content"), Written::now);
  EXPECT_EQ(*write({"a"}, "content"), Written::before);
  EXPECT_EQ(write({"a"}, "other c").error().kind, ErrorKind::already_exists);
  fs::create_directory(path("folder"));
  EXPECT_EQ(write({"folder"}, "x").error().kind, ErrorKind::already_exists);
  EXPECT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
  EXPECT_EQ(write({"pipe"}, "x").error().kind, ErrorKind::already_exists);
}

TEST_F(FolderTest, WhatNothingProvesIsComparedWithWhatIsFetched) {
  ASSERT_EQ(*write({"a"}, "content", "", {}), Written::now);
  EXPECT_EQ(*write({"a"}, "content", "", {}), Written::before);
  EXPECT_EQ(write({"a"}, "other c", "", {}).error().kind, ErrorKind::already_exists);
  EXPECT_EQ(write({"a"}, "longer than that", "", {}).error().kind, ErrorKind::already_exists);
}

TEST_F(FolderTest, OneRestoreAtATimeWritesIntoAFolder) {
  {
    const auto first = Folder::open(outer_.path() + "/inside");
    ASSERT_TRUE(first);
    const auto second = Folder::open(outer_.path() + "/inside");
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().kind, ErrorKind::locked);
  }
  EXPECT_TRUE(Folder::open(outer_.path() + "/inside"));
}

// As a run on another machine does that knows nothing of the lock.
TEST_F(FolderTest, ADraftThatSomebodyElsePutsInItsPlaceGetsNoName) {
  bucket_.before_read = [&] {
    for (const auto& entry : fs::directory_iterator(path(""))) {
      fs::remove(entry.path());
      std::ofstream(entry.path()) << "half of";
    }
  };
  EXPECT_FALSE(write({"a"}, "content"));
  EXPECT_FALSE(fs::exists(path("a")));
}

TEST_F(FolderTest, TheDraftOfARunThatWasCutOffIsWrittenAnew) {
  std::string draft;
  bucket_.before_read = [&] { draft = fs::directory_iterator(path(""))->path(); };
  EXPECT_TRUE(write({"a"}, "content"));
  fs::remove(path("a"));
  std::ofstream(draft) << "half of";
  EXPECT_EQ(*write({"a"}, "content"), Written::now);
  EXPECT_FALSE(fs::exists(draft));
}

TEST_F(FolderTest, BytesThatAreNotThoseOfTheVersionGetNoName) {
  EXPECT_EQ(write({"a"}, "content", "0123").error().kind, ErrorKind::corrupt);
  EXPECT_TRUE(fs::is_empty(outer_.path() + "/inside"));
}

}  // namespace
}  // namespace tidemark::files
