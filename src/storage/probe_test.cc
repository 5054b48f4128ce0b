#include "storage/probe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/wrap/store_wrapper.h"
#include "tests/support/borrowed_store.h"
#include "tests/support/faulty_store.h"
#include "tests/support/memory_store.h"

namespace tidemark::storage {
namespace {

using test::StoreAct;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ProbeTest : public ::testing::Test {
 protected:
  void expect_broken(ObjectStore& store, std::string_view says) {
    const Status done = probe_store(store, "probe/1");
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().kind, ErrorKind::unsupported);
    EXPECT_THAT(done.error().message, HasSubstr(says));
  }

  test::MemoryStore memory_;
  test::FaultyStore faulty_{memory_};
};

TEST_F(ProbeTest, LeavesNothingInAStoreThatKeepsItsPromises) {
  EXPECT_TRUE(probe_store(memory_, "probe/1"));
  EXPECT_THAT(memory_.contents(), IsEmpty());
}

TEST_F(ProbeTest, FindsAStoreThatOverwrites) {
  class Overwriting final : public StoreWrapper {
    using StoreWrapper::StoreWrapper;
    Status put(std::string_view key, ByteView body, PutMode) override {
      return inner().put(key, body, PutMode::replace);
    }
  } store(std::make_unique<test::BorrowedStore>(memory_));
  expect_broken(store, "overwrote");
  EXPECT_THAT(memory_.contents(), IsEmpty());
}

TEST_F(ProbeTest, FindsAStoreThatDamages) {
  faulty_.damage("probe/1", [](Bytes& bytes) { bytes.back() ^= 1; });
  expect_broken(faulty_, "other bytes");
}

TEST_F(ProbeTest, FindsAListingThatLags) {
  faulty_.hide_from_list("probe/1");
  expect_broken(faulty_, "did not list");
}

TEST_F(ProbeTest, FindsAStoreThatOnlySaysItRemoves) {
  class Keeping final : public StoreWrapper {
    using StoreWrapper::StoreWrapper;
    Status remove(std::string_view) override { return Done{}; }
  } store(std::make_unique<test::BorrowedStore>(memory_));
  expect_broken(store, "still has");
}

TEST_F(ProbeTest, AWriterThatMayNotRemoveIsFine) {
  faulty_.fail({.acts = {StoreAct::remove}, .error = Error{ErrorKind::denied, "append only"}});
  EXPECT_TRUE(probe_store(faulty_, "probe/1"));
}

TEST_F(ProbeTest, HandsOnWhatTheStoreRefuses) {
  for (const StoreAct act : {StoreAct::put, StoreAct::get, StoreAct::stat, StoreAct::list}) {
    memory_.set_contents({});
    faulty_.fail({.acts = {act}, .error = Error{ErrorKind::denied, "no"}});
    EXPECT_EQ(probe_store(faulty_, "probe/1").error().kind, ErrorKind::denied);
  }
}

}  // namespace
}  // namespace tidemark::storage
