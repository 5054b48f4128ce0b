#include "files/restore.h"

#include <algorithm>
#include <random>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/memory_bucket.h"

namespace tidemark::files {
namespace {

using test::MemoryBucket;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

RestoreTarget target_at(TimePoint time) {
  return {.prefix = {}, .moment = [time]() -> Result<Moment> { return Moment::at(time); }};
}

std::vector<FileVersion> inventory_of(MemoryBucket& bucket) {
  std::vector<FileVersion> rows;
  Walk walk({Moment::at(TimePoint::max())}, [&](const KeySeen& seen) -> Status {
    if (seen.states[0].file) rows.push_back(*seen.states[0].file);
    return Done{};
  });
  CHECK(bucket.for_each_version("", [&](const FileVersion& one) { return walk.add(one); }));
  CHECK(walk.finish());
  return rows;
}

RestoreTarget target_of(const std::vector<FileVersion>& inventory) {
  return {.prefix = {}, .moment = [&inventory]() -> Result<Moment> {
            return Moment::of(
                [&inventory, at = std::size_t{0}]() mutable -> Result<std::optional<FileVersion>> {
                  if (at == inventory.size()) return std::optional<FileVersion>();
                  return std::optional(inventory[at++]);
                });
          }};
}

struct Restored {
  RestorePlan plan;
  RestoreOutcome outcome;
};

Restored restore(MemoryBucket& bucket, const RestoreTarget& target, int jobs = 1) {
  const StopSignal stop;
  auto plan = plan_restore(bucket, target, {});
  CHECK(bool(plan));
  bucket.tick();
  auto outcome = apply_restore(bucket, target, *plan, {.jobs = jobs}, stop);
  CHECK(bool(outcome));
  return {*plan, *std::move(outcome)};
}

// No version is ever destroyed.
bool keeps_all(const MemoryBucket& bucket,
               const std::vector<std::pair<std::string, std::string>>& before) {
  const auto after = bucket.all();
  const std::set<std::pair<std::string, std::string>> there(after.begin(), after.end());
  return std::all_of(before.begin(), before.end(),
                     [&](const auto& one) { return there.contains(one); });
}

// What an application does to a few keys, some of them within the same second.
class History {
 public:
  explicit History(unsigned seed) : random_(seed) {}

  void step(MemoryBucket& bucket) {
    const std::string key = kKeys[pick(std::size(kKeys))];
    switch (pick(4)) {
      case 0: bucket.remove(key); break;
      case 1: bucket.put(key, "again"); break;  // the same content as another time
      default: bucket.put(key, "content " + std::to_string(pick(1'000'000)));
    }
  }
  std::size_t pick(std::size_t count) { return random_() % count; }

 private:
  static constexpr const char* kKeys[] = {"a", "a/", "a/b", "a//b", "b", "\x01", "z z"};
  std::mt19937 random_;
};

TEST(FilesRestore, RandomHistoriesAreRestoredAtRandomTimes) {
  for (unsigned seed = 1; seed <= 600; ++seed) {
    SCOPED_TRACE(seed);
    History history(seed);
    MemoryBucket bucket;
    bucket.set_versioning(false);
    for (std::size_t i = history.pick(6); i > 0; --i) history.step(bucket);
    bucket.set_versioning(true);
    bucket.tick();
    std::map<TimePoint, std::map<std::string, std::string>> states;
    for (std::size_t i = 2 + history.pick(30); i > 0; --i) {
      history.step(bucket);
      states[bucket.time()] = bucket.contents();
      if (history.pick(2) == 0) bucket.tick();
    }
    if (history.pick(4) == 0) bucket.encrypt_by_key();
    for (int round = 0; round < 3; ++round) {
      const auto chosen = std::next(states.begin(), history.pick(states.size()));
      const auto before = bucket.all();
      const Restored done = restore(bucket, target_at(chosen->first), 1 + seed % 3);
      ASSERT_EQ(bucket.contents(), chosen->second);
      ASSERT_EQ(done.outcome.still_different.count, 0u);
      ASSERT_EQ(done.outcome.buried.count, 0u);
      ASSERT_TRUE(keeps_all(bucket, before));
      states[bucket.time()] = bucket.contents();
      bucket.tick();
    }
  }
}

TEST(FilesRestore, RandomHistoriesAreRestoredFromInventoriesWhateverWasDestroyedSince) {
  std::uint64_t lost_files = 0;
  for (unsigned seed = 1; seed <= 600; ++seed) {
    SCOPED_TRACE(seed);
    History history(seed);
    MemoryBucket bucket;
    for (std::size_t i = history.pick(20); i > 0; --i) {
      if (history.pick(4) == 0) bucket.set_versioning(history.pick(2) == 0);
      history.step(bucket);
      if (history.pick(2) == 0) bucket.tick();
    }
    const auto inventory = inventory_of(bucket);
    const auto then = bucket.contents();
    for (std::size_t i = history.pick(20); i > 0; --i) {
      if (history.pick(4) == 0) bucket.set_versioning(history.pick(2) == 0);
      history.step(bucket);
      const auto all = bucket.all();
      const auto& victim = all[history.pick(all.size())];
      if (history.pick(4) == 0) bucket.expire(victim.first, victim.second);
    }
    bucket.set_versioning(true);
    bucket.tick();
    const auto now = bucket.contents();
    const auto before = bucket.all();
    std::vector<std::string> lost;
    ASSERT_TRUE(plan_restore(bucket, target_of(inventory), [&](const PlannedFile& file, auto) {
      if (file.act == FileAct::lose) lost.push_back(file.version.key);
      return Status(Done{});
    }));
    restore(bucket, target_of(inventory));
    auto wanted = then;
    for (const std::string& key : lost) {  // is left as it is
      wanted.erase(key);
      if (now.contains(key)) wanted[key] = now.at(key);
    }
    lost_files += lost.size();
    ASSERT_EQ(bucket.contents(), wanted);
    ASSERT_TRUE(keeps_all(bucket, before));
  }
  EXPECT_GT(lost_files, 100u);
}

TEST(FilesRestore, ThePlansTimeUndoesTheRestore) {
  MemoryBucket bucket;
  bucket.put("a", "old");
  bucket.put("b", "old");
  const TimePoint then = bucket.time();
  bucket.tick();
  bucket.put("a", "new");
  bucket.remove("b");
  bucket.put("c", "new");
  const auto now = bucket.contents();
  const Restored first = restore(bucket, target_at(then));
  ASSERT_NE(bucket.contents(), now);
  bucket.tick();
  restore(bucket, target_at(first.plan.made));
  EXPECT_EQ(bucket.contents(), now);
}

TEST(FilesRestore, DoesOnlyWhatIsLeftWhenItIsRunAgain) {
  MemoryBucket bucket;
  for (const char* key : {"a", "b", "c", "d"}) bucket.put(key, "old");
  const TimePoint then = bucket.time();
  bucket.tick();
  for (const char* key : {"a", "b", "c", "d"}) bucket.put(key, "new");
  const auto plan = plan_restore(bucket, target_at(then), {});
  bucket.tick();
  int changes = 0;
  bucket.before_change = [&](const std::string&) -> Status {
    if (++changes == 3) return stopped();
    return Done{};
  };
  const StopSignal stop;
  const auto cut = apply_restore(bucket, target_at(then), *plan, {.jobs = 1}, stop);
  ASSERT_EQ(cut.error().kind, ErrorKind::cancelled);
  bucket.before_change = {};
  EXPECT_EQ(restore(bucket, target_at(then)).outcome.copied, 2u);
  EXPECT_TRUE(plan_restore(bucket, target_at(then), {})->totals.nothing_to_do());
}

TEST(FilesRestore, LeavesWhatWasStoredSinceThePlan) {
  MemoryBucket bucket;
  bucket.put("a", "old");
  const TimePoint then = bucket.time();
  bucket.tick();
  bucket.put("a", "new");
  const auto plan = plan_restore(bucket, target_at(then), {});
  bucket.put("a", "newest");  // of the second of the plan
  bucket.tick();
  bucket.put("b", "newest");
  const StopSignal stop;
  const auto outcome = apply_restore(bucket, target_at(then), *plan, {}, stop);
  ASSERT_TRUE(outcome);
  EXPECT_THAT(outcome->changed_meanwhile.keys, ElementsAre("a", "b"));
  EXPECT_EQ(outcome->still_different.count, 0u);
  EXPECT_EQ(bucket.contents()["a"], "newest");
}

// "back" is to be copied, "gone" to be marked.
class MeanwhileTest : public ::testing::Test {
 protected:
  MeanwhileTest() {
    bucket_.put("back", "old");
    then_ = bucket_.time();
    bucket_.tick();
    bucket_.put("back", "new");
    bucket_.put("gone", "new");
  }
  RestoreOutcome restore() { return files::restore(bucket_, target_at(then_)).outcome; }

  MemoryBucket bucket_;
  TimePoint then_;
};

TEST_F(MeanwhileTest, WhatIsStoredBeforeTheLookAtItsKeyIsLeftAndNamed) {
  bucket_.before_change = [&](const std::string& key) -> Status {
    bucket_.put(key, "meanwhile");
    return Done{};
  };
  const RestoreOutcome outcome = restore();
  EXPECT_THAT(outcome.changed_meanwhile.keys, UnorderedElementsAre("back", "gone"));
  EXPECT_EQ(outcome.copied + outcome.marked, 0u);
  EXPECT_EQ(outcome.still_different.count, 0u);
  EXPECT_EQ(bucket_.contents()["back"], "meanwhile");
  EXPECT_EQ(bucket_.contents()["gone"], "meanwhile");
}

TEST_F(MeanwhileTest, WhatIsStoredBetweenTheLookAndTheActIsNamedAsBuried) {
  bucket_.after_look = [&](const std::string& key) { bucket_.put(key, "meanwhile"); };
  const RestoreOutcome outcome = restore();
  EXPECT_THAT(outcome.buried.keys, ElementsAre("back", "gone"));
  EXPECT_EQ(outcome.copied, 1u);
  EXPECT_EQ(outcome.marked, 1u);
  EXPECT_EQ(outcome.still_different.count, 0u);
  EXPECT_EQ(bucket_.contents()["back"], "old");
}

TEST_F(MeanwhileTest, WhatIsBuriedIsNamedAlsoWhenAFileFailed) {
  bucket_.before_change = [](const std::string& key) -> Status {
    if (key == "gone") return Error{ErrorKind::conflict, "it is locked"};
    return Done{};
  };
  bucket_.after_look = [&](const std::string& key) { bucket_.put(key, "meanwhile"); };
  const RestoreOutcome outcome = restore();
  EXPECT_THAT(outcome.buried.keys, ElementsAre("back"));
  ASSERT_EQ(outcome.failed.size(), 1u);
  EXPECT_EQ(outcome.still_different.count, 0u);
}

TEST(FilesRestore, SaysWhenTheBucketIsNotAsItWasAfterAll) {
  MemoryBucket bucket;
  bucket.put("a", "old");
  const TimePoint then = bucket.time();
  bucket.tick();
  bucket.put("a", "new");
  bucket.put("z", "new");
  const auto plan = plan_restore(bucket, target_at(then), {});
  bucket.tick();
  bucket.before_change = [&](const std::string& key) -> Status {
    if (key == "z") bucket.put("a", "meanwhile");
    return Done{};
  };
  const StopSignal stop;
  const auto outcome = apply_restore(bucket, target_at(then), *plan, {.jobs = 1}, stop);
  ASSERT_TRUE(outcome);
  EXPECT_THAT(outcome->still_different.keys, ElementsAre("a"));
}

TEST(FilesRestore, IsRefusedUnlessVersioningIsOn) {
  MemoryBucket bucket;
  bucket.put("a", "old");
  bucket.set_versioning(false);
  const StopSignal stop;
  const auto refused = apply_restore(bucket, target_at(bucket.time()),
                                     RestorePlan{.made = {}, .totals = {}}, {}, stop);
  EXPECT_EQ(refused.error().kind, ErrorKind::unsafe);
}

TEST(FilesRestore, NamesColdFilesAndLeavesThem) {
  MemoryBucket bucket;
  bucket.put("cold", "old", "GLACIER");
  bucket.put("warm", "old");
  const TimePoint then = bucket.time();
  bucket.tick();
  bucket.put("cold", "new");
  bucket.put("warm", "new");
  std::vector<std::string> cold;
  const auto plan = plan_restore(bucket, target_at(then),
                                 [&](const PlannedFile& file, const VersionState* state) -> Status {
                                   if (state != nullptr && state->is_cold)
                                     cold.push_back(file.version.key);
                                   return Done{};
                                 });
  EXPECT_THAT(cold, ElementsAre("cold"));
  EXPECT_EQ(plan->totals.cold, 1u);
  const Restored done = restore(bucket, target_at(then));
  EXPECT_EQ(done.outcome.cold, 1u);
  EXPECT_EQ(bucket.contents()["cold"], "new");
  EXPECT_EQ(bucket.contents()["warm"], "old");
}

TEST(FilesRestore, GoesOnAfterAFileThatFailedAndNamesIt) {
  MemoryBucket bucket;
  for (const char* key : {"a", "b", "c"}) bucket.put(key, "old");
  const TimePoint then = bucket.time();
  bucket.tick();
  for (const char* key : {"a", "b", "c"}) bucket.put(key, "new");
  bucket.before_change = [](const std::string& key) -> Status {
    if (key == "b") return Error{ErrorKind::conflict, "it is locked"};
    return Done{};
  };
  const Restored done = restore(bucket, target_at(then));
  ASSERT_EQ(done.outcome.failed.size(), 1u);
  EXPECT_EQ(done.outcome.failed[0].key, "b");
  EXPECT_EQ(done.outcome.copied, 2u);
}

TEST(Walk, RefusesKeysOutOfTheirOrder) {
  Walk walk({Moment::at(TimePoint::max())}, [](const KeySeen&) { return Status(Done{}); });
  ASSERT_TRUE(walk.add({.key = "b", .id = "1"}));
  const Status refused = walk.add({.key = "a", .id = "1"});
  EXPECT_EQ(refused.error().kind, ErrorKind::corrupt);
  EXPECT_THAT(refused.error().message, HasSubstr("'a'"));
}

}  // namespace
}  // namespace tidemark::files
