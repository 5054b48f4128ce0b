#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/wrap/bandwidth_limited_store.h"
#include "storage/wrap/dry_run_store.h"
#include "storage/wrap/logging_store.h"
#include "storage/wrap/read_only_store.h"
#include "tests/support/borrowed_store.h"
#include "tests/support/faulty_store.h"
#include "tests/support/manual_clock.h"
#include "tests/support/memory_store.h"

namespace tidemark::storage {
namespace {

using test::BorrowedStore;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

class WrapperTest : public ::testing::Test {
 protected:
  std::unique_ptr<ObjectStore> memory() { return std::make_unique<BorrowedStore>(memory_); }

  test::ManualClock clock_{"2026-11-22T02:00:00Z"};
  test::MemoryStore memory_;
};

TEST_F(WrapperTest, ReadOnlyReadsAndRefusesToWrite) {
  memory_.overwrite("a", "x");
  ReadOnlyStore store(memory());
  EXPECT_EQ(*store.get("a"), "x");
  EXPECT_EQ(store.stat("a")->size, 1u);
  for (const Status& done : {store.put("b", "x", PutMode::create_only),
                             store.put("a", "y", PutMode::replace), store.remove("a")}) {
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().kind, ErrorKind::unsafe);
    EXPECT_THAT(done.error().message, HasSubstr("memory was opened to read only"));
  }
  EXPECT_THAT(memory_.contents(), ElementsAre(Pair("a", "x")));
}

TEST_F(WrapperTest, UploadsAreEndedThroughWrappersAndNotByWhoOnlyLooks) {
  class Uploads final : public StoreWrapper {
   public:
    using StoreWrapper::StoreWrapper;
    Result<std::size_t> abort_abandoned(TimePoint) override { return std::size_t{2}; }
  };
  const auto uploads = [&] { return std::make_unique<Uploads>(memory()); };
  EXPECT_EQ(*LoggingStore(uploads(), clock_).abort_abandoned(clock_.now()), 2u);
  EXPECT_EQ(*ReadOnlyStore(uploads()).abort_abandoned(clock_.now()), 0u);
  EXPECT_EQ(*DryRunStore(uploads()).abort_abandoned(clock_.now()), 0u);
}

TEST_F(WrapperTest, DryRunRecordsAndDoesNothing) {
  memory_.overwrite("a", "x");
  memory_.overwrite("b", "x");
  DryRunStore store(memory());
  EXPECT_TRUE(store.put("c", "four", PutMode::create_only));
  EXPECT_TRUE(store.put("a", "xy", PutMode::replace));
  EXPECT_TRUE(store.remove("b"));
  using Act = DryRunStore::Act;
  EXPECT_THAT(store.acts(), ElementsAre(Act{Act::Kind::put, "c", 4}, Act{Act::Kind::put, "a", 2},
                                        Act{Act::Kind::remove, "b", 0}));
  EXPECT_THAT(memory_.contents(), ElementsAre(Pair("a", "x"), Pair("b", "x")));
  EXPECT_EQ(*store.get("a"), "x");
}

TEST_F(WrapperTest, DryRunRefusesWhatWouldBeRefused) {
  memory_.overwrite("a", "x");
  DryRunStore store(memory());
  EXPECT_EQ(store.put("a", "y", PutMode::create_only).error().kind, ErrorKind::already_exists);
  EXPECT_EQ(store.put("A", "y", PutMode::replace).error().kind, ErrorKind::invalid_input);
  EXPECT_EQ(store.remove("../a").error().kind, ErrorKind::invalid_input);
  EXPECT_TRUE(store.put("b", "y", PutMode::create_only));
  EXPECT_EQ(store.put("b", "y", PutMode::create_only).error().kind, ErrorKind::already_exists);
  EXPECT_TRUE(store.remove("a"));
  EXPECT_TRUE(store.put("a", "y", PutMode::create_only));
}

TEST_F(WrapperTest, DryRunGuessesNothingWhenTheStoreDoesNotAnswer) {
  test::FaultyStore faulty(memory_);
  faulty.fail({.acts = {test::StoreAct::stat}});
  DryRunStore store(std::make_unique<BorrowedStore>(faulty));
  EXPECT_EQ(store.put("a", "y", PutMode::create_only).error().kind, ErrorKind::unavailable);
  EXPECT_THAT(store.acts(), IsEmpty());
}

TEST_F(WrapperTest, LoggingTellsOfEachCall) {
  std::vector<std::string> lines;
  LoggingStore store(memory(), clock_, [&](const StoreCall& call) {
    lines.push_back(std::string(call.act) + " " + std::string(call.key) + " " +
                    std::to_string(call.count) + (call.error ? " " + call.error->message : ""));
  });
  ASSERT_TRUE(store.put("a", "123", PutMode::create_only));
  ASSERT_TRUE(store.put("a", "12345", PutMode::replace));
  ASSERT_EQ(*store.get("a", ByteRange{1, 2}), "23");
  ASSERT_TRUE(store.stat("a"));
  ASSERT_TRUE(store.list("", [](const ObjectInfo&) -> Status { return Done{}; }));
  ASSERT_TRUE(store.remove("a"));
  ASSERT_FALSE(store.get("a"));
  EXPECT_THAT(lines, ElementsAre("create a 3", "replace a 5", "get a 2", "stat a 0", "list  1",
                                 "remove a 0", "get a 0 there is no object a"));
}

TEST_F(WrapperTest, BandwidthIsPaidForByWhoComesNext) {
  BandwidthLimitedStore store(memory(), {.write_bytes_per_second = 1000}, clock_);
  ASSERT_TRUE(store.put("a", std::string(3000, 'x'), PutMode::create_only));
  EXPECT_THAT(clock_.sleeps, IsEmpty());
  ASSERT_TRUE(store.put("b", std::string(500, 'x'), PutMode::create_only));
  EXPECT_THAT(clock_.sleeps, ElementsAre(Millis{3000}));
  ASSERT_TRUE(store.get("a"));  // the other direction owes nothing
  ASSERT_TRUE(store.put("c", "x", PutMode::create_only));
  EXPECT_THAT(clock_.sleeps, ElementsAre(Millis{3000}, Millis{500}));
}

TEST_F(WrapperTest, BandwidthLimitsReadingToo) {
  memory_.overwrite("a", std::string(2000, 'x'));
  BandwidthLimitedStore store(memory(), {.read_bytes_per_second = 1000}, clock_);
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(store.get("a"));
  Millis total{0};
  for (const Millis sleep : clock_.sleeps) total += sleep;
  EXPECT_EQ(total, Millis{8000});  // the last is for the next to pay
}

TEST_F(WrapperTest, IdleTimeSavesUpASecondOfBandwidthOnly) {
  BandwidthLimitedStore store(memory(), {.write_bytes_per_second = 1000}, clock_);
  clock_.advance(std::chrono::hours(1));
  ASSERT_TRUE(store.put("a", std::string(4000, 'x'), PutMode::create_only));
  ASSERT_TRUE(store.put("b", "x", PutMode::create_only));
  EXPECT_THAT(clock_.sleeps, ElementsAre(Millis{3000}));
}

TEST_F(WrapperTest, AStopEndsTheWaitForBandwidth) {
  BandwidthLimitedStore store(memory(), {.write_bytes_per_second = 1}, clock_);
  ASSERT_TRUE(store.put("a", "four", PutMode::create_only));
  clock_.stop_after = 0;
  EXPECT_EQ(store.put("b", "x", PutMode::create_only).error().kind, ErrorKind::cancelled);
  EXPECT_EQ(memory_.contents().size(), 1u);
}

}  // namespace
}  // namespace tidemark::storage
