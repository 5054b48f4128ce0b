#include "files/version_sorter.h"

#include <algorithm>
#include <random>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/stop.h"

namespace tidemark::files {
namespace {

std::vector<FileVersion> sorted(const std::vector<FileVersion>& versions, std::size_t memory) {
  VersionSorter sorter(testing::TempDir(), {.memory_bytes = memory});
  for (const FileVersion& one : versions) CHECK(bool(sorter.add(one)));
  std::vector<FileVersion> back;
  CHECK(bool(sorter.for_each([&](const FileVersion& one) -> Status {
    back.push_back(one);
    return Done{};
  })));
  return back;
}

TEST(VersionSorter, GivesTheSameWhetherTheDiskWasNeededOrNot) {
  std::mt19937 random(20'261'124);
  std::vector<FileVersion> versions;
  for (int i = 0; i < 5'000; ++i)
    versions.push_back({.key = fmt::format("key{}\n\xff", random() % 700),
                        .id = std::to_string(i),
                        .is_marker = random() % 5 == 0,
                        .is_latest = random() % 7 == 0,
                        .size = random(),
                        .modified = TimePoint(Seconds(random() % 50)),
                        .etag = std::string(random() % 40, 'e'),
                        .storage_class = random() % 2 == 0 ? "" : "GLACIER"});
  const auto in_memory = sorted(versions, 1u << 30);
  EXPECT_EQ(sorted(versions, 20'000), in_memory);
  EXPECT_EQ(sorted(versions, 1), in_memory) << "a run for each";
  ASSERT_EQ(in_memory.size(), versions.size());
  for (std::size_t i = 1; i < in_memory.size(); ++i) {
    const FileVersion& one = in_memory[i - 1];
    const FileVersion& next = in_memory[i];
    ASSERT_LE(one.key, next.key);
    if (one.key != next.key) continue;
    ASSERT_GE(one.is_latest, next.is_latest);
    if (one.is_latest != next.is_latest) continue;
    ASSERT_GE(one.modified, next.modified);
    if (one.modified == next.modified) {
      ASSERT_LT(std::stoi(one.id), std::stoi(next.id)) << "as they came";
    }
  }
}

TEST(VersionSorter, SaysWhereItHasNoRoom) {
  VersionSorter sorter("/nowhere/at/all", {.memory_bytes = 1});
  const Status added = sorter.add({.key = "a"});
  ASSERT_FALSE(added);
  EXPECT_NE(added.error().message.find("/nowhere/at/all"), std::string::npos);
}

TEST(VersionSorter, EndsWithWhoeverIsGivenThem) {
  VersionSorter sorter(testing::TempDir(), {.memory_bytes = 1});
  ASSERT_TRUE(sorter.add({.key = "a"}));
  ASSERT_TRUE(sorter.add({.key = "b"}));
  const Status ended = sorter.for_each([](const FileVersion&) -> Status { return stopped(); });
  EXPECT_EQ(ended.error().kind, ErrorKind::cancelled);
}

}  // namespace
}  // namespace tidemark::files
