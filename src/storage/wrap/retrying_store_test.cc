#include "storage/wrap/retrying_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/borrowed_store.h"
#include "tests/support/faulty_store.h"
#include "tests/support/manual_clock.h"
#include "tests/support/memory_store.h"

namespace tidemark::storage {
namespace {

using test::FaultyStore;
using test::StoreAct;
using test::StoreFault;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class RetryingStoreTest : public ::testing::Test {
 protected:
  // Fails the first so many puts, gets, stats, removals and listings.
  void fail_first(int count, ErrorKind kind = ErrorKind::unavailable) {
    faulty_.before_each = nullptr;
    left_ = count;
    kind_ = kind;
  }

  // Like FaultyStore, for failures in a row.
  class Flaky final : public StoreWrapper {
   public:
    Flaky(RetryingStoreTest& test, std::unique_ptr<ObjectStore> inner)
        : StoreWrapper(std::move(inner)), test_(test) {}
    Status put(std::string_view key, ByteView body, PutMode mode) override {
      TRY(test_.pass());
      return inner().put(key, body, mode);
    }
    Result<Bytes> get(std::string_view key, std::optional<ByteRange> range) override {
      TRY(test_.pass());
      return inner().get(key, range);
    }
    Result<ObjectInfo> stat(std::string_view key) override {
      TRY(test_.pass());
      return inner().stat(key);
    }
    Status remove(std::string_view key) override {
      TRY(test_.pass());
      return inner().remove(key);
    }

   private:
    RetryingStoreTest& test_;
  };

  Status pass() {
    ++calls_;
    if (left_ == 0) return Done{};
    --left_;
    return Error{kind_, "as the test says"};
  }
  Result<std::vector<std::string>> keys() {
    std::vector<std::string> keys;
    TRY(store_.list("", [&](const ObjectInfo& object) -> Status {
      keys.push_back(object.key);
      return Done{};
    }));
    return keys;
  }

  int calls_ = 0;
  int left_ = 0;
  ErrorKind kind_ = ErrorKind::unavailable;
  test::ManualClock clock_{"2026-11-22T02:00:00Z"};
  test::MemoryStore memory_;
  FaultyStore faulty_{memory_};
  RetryingStore store_{
      std::make_unique<Flaky>(*this, std::make_unique<test::BorrowedStore>(faulty_)), clock_, 1,
      RetryPolicy{.attempts_max = 4}};
};

TEST_F(RetryingStoreTest, TriesAgainWhatMayPass) {
  for (const ErrorKind kind : {ErrorKind::unavailable, ErrorKind::timed_out}) {
    fail_first(3, kind);
    EXPECT_TRUE(store_.put("a", "x", PutMode::replace));
    fail_first(3, kind);
    EXPECT_EQ(*store_.get("a"), "x");
    fail_first(3, kind);
    EXPECT_EQ(store_.stat("a")->size, 1u);
    fail_first(3, kind);
    EXPECT_TRUE(store_.remove("a"));
  }
  EXPECT_EQ(calls_, 2 * 4 * 4);
  EXPECT_EQ(clock_.sleeps.size(), 2u * 4 * 3);
}

TEST_F(RetryingStoreTest, GivesUpWithTheLastError) {
  fail_first(4);
  const Status done = store_.put("a", "x", PutMode::create_only);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::unavailable);
  EXPECT_EQ(done.error().message, "as the test says; gave up after attempt 4");
  EXPECT_THAT(memory_.contents(), IsEmpty());
}

TEST_F(RetryingStoreTest, TriesNothingElseAgain) {
  for (const ErrorKind kind : {ErrorKind::denied, ErrorKind::not_found, ErrorKind::already_exists,
                               ErrorKind::corrupt, ErrorKind::exhausted, ErrorKind::unsafe}) {
    calls_ = 0;
    fail_first(1, kind);
    EXPECT_EQ(store_.put("a", "x", PutMode::create_only).error().kind, kind);
    EXPECT_EQ(calls_, 1) << kind_name(kind);
  }
  EXPECT_THAT(clock_.sleeps, IsEmpty());
}

TEST_F(RetryingStoreTest, ACreationWhoseAnswerWasLostSucceeds) {
  faulty_.fail({.after_the_act = true});
  EXPECT_TRUE(store_.put("a", "mine", PutMode::create_only));
  EXPECT_TRUE(faulty_.tripped());
  EXPECT_EQ(*memory_.get("a"), "mine");
}

TEST_F(RetryingStoreTest, ACreationIsNotConfirmedByAnothersObject) {
  for (const char* others : {"them", "longer than mine", ""}) {
    memory_.set_contents({});
    // Ours does not arrive, and in the pause somebody else creates the key.
    faulty_.fail({.at = 1});
    faulty_.before_each = [&](StoreAct act, std::string_view key) {
      if (act == StoreAct::put) memory_.overwrite(key, others);
    };
    const Status done = store_.put("a", "mine", PutMode::create_only);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().kind, ErrorKind::already_exists);
    EXPECT_EQ(*memory_.get("a"), others);
  }
}

TEST_F(RetryingStoreTest, EqualBytesThatWereThereBeforeAreNoSuccess) {
  memory_.overwrite("a", "mine");
  EXPECT_EQ(store_.put("a", "mine", PutMode::create_only).error().kind, ErrorKind::already_exists);
  EXPECT_EQ(faulty_.count(StoreAct::get), 0);
}

TEST_F(RetryingStoreTest, WhatCannotBeReadBackIsNotConfirmed) {
  faulty_.fail({.after_the_act = true});
  faulty_.damage("a", [](Bytes& bytes) { bytes[0] ^= 1; });
  EXPECT_EQ(store_.put("a", "mine", PutMode::create_only).error().kind, ErrorKind::already_exists);
}

TEST_F(RetryingStoreTest, ACreationBeginsAnewWhenWhatItMetWasRemoved) {
  faulty_.fail({.after_the_act = true});
  bool removed = false;
  faulty_.before_each = [&](StoreAct act, std::string_view key) {
    if (act == StoreAct::stat && !std::exchange(removed, true)) {
      EXPECT_TRUE(memory_.remove(key));
    }
  };
  EXPECT_TRUE(store_.put("a", "mine", PutMode::create_only));
  EXPECT_TRUE(removed);
  EXPECT_EQ(*memory_.get("a"), "mine");
}

TEST_F(RetryingStoreTest, NothingOfAListingThatBreaksOffIsVisitedTwice) {
  for (const char* key : {"1", "2", "3"}) memory_.overwrite(key, "x");
  faulty_.fail({.acts = {StoreAct::list}, .after_the_act = true});
  EXPECT_THAT(*keys(), ElementsAre("1", "2", "3"));
  EXPECT_EQ(faulty_.count(StoreAct::list), 2);
}

TEST_F(RetryingStoreTest, NothingOfAListingThatFailsIsVisited) {
  memory_.overwrite("1", "x");
  faulty_.fail(
      {.acts = {StoreAct::list}, .after_the_act = true, .error = Error{ErrorKind::denied, "no"}});
  int visits = 0;
  EXPECT_FALSE(store_.list("", [&](const ObjectInfo&) -> Status {
    ++visits;
    return Done{};
  }));
  EXPECT_EQ(visits, 0);
}

TEST_F(RetryingStoreTest, TheVisitorsFailureIsNotRepeated) {
  for (const char* key : {"1", "2"}) memory_.overwrite(key, "x");
  int visits = 0;
  const Status done = store_.list("", [&](const ObjectInfo&) -> Status {
    ++visits;
    return Error{ErrorKind::unavailable, "the visitor's own"};
  });
  EXPECT_EQ(done.error().message, "the visitor's own");
  EXPECT_EQ(visits, 1);
}

TEST_F(RetryingStoreTest, AStopEndsTheWaiting) {
  fail_first(1);
  clock_.stop_after = 0;
  EXPECT_EQ(store_.remove("a").error().kind, ErrorKind::cancelled);
}

}  // namespace
}  // namespace tidemark::storage
