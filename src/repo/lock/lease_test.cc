#include "repo/lock/lease.h"

#include <gtest/gtest.h>

#include "repo/limits.h"
#include "repo/lock/lease_record.h"
#include "repo/lock/reader_lease.h"
#include "storage/wrap/read_only_store.h"
#include "tests/support/borrowed_store.h"
#include "tests/support/repository_fixture.h"

namespace tidemark::repo {
namespace {

using std::chrono::minutes;
using test::RepositoryFixture;

class LeaseTest : public testing::Test, public RepositoryFixture {
 protected:
  std::unique_ptr<Repository> repository_ = open();
  const Access& access_ = repository_->access();
};

TEST_F(LeaseTest, IsSeenByOthersUntilItEnds) {
  auto lease = *Lease::acquire(access_, LeaseKind::writer, "host a");
  const auto seen = read_leases(access_);
  ASSERT_EQ(seen->size(), 1u);
  EXPECT_EQ(seen->at(0).id, lease->id());
  EXPECT_EQ(seen->at(0).owner, "host a");
  EXPECT_EQ(seen->at(0).kind, LeaseKind::writer);
  EXPECT_FALSE(over(seen->at(0), clock.now()));
  ASSERT_TRUE(lease->release());
  EXPECT_TRUE(over(read_leases(access_)->at(0), clock.now()));
}

TEST_F(LeaseTest, OfAReaderIsKeptAndEnds) {
  ReaderLease reading(access_, "host a");
  for (int i = 0; i < 20; ++i) {
    clock.advance(minutes(4));
    reading.keep();
  }
  ASSERT_EQ(read_leases(access_)->size(), 1u);
  EXPECT_EQ(read_leases(access_)->at(0).kind, LeaseKind::reader);
  EXPECT_FALSE(over(read_leases(access_)->at(0), clock.now()));
  reading.release();
  EXPECT_TRUE(over(read_leases(access_)->at(0), clock.now()));
}

TEST_F(LeaseTest, OfAReaderIsNoneWhereNobodyMayWrite) {
  storage::ReadOnlyStore read_only(std::make_unique<test::BorrowedStore>(store));
  const auto looked_at = open(read_only);
  ReaderLease reading(looked_at->access(), "host a");
  reading.keep();
  reading.release();
  EXPECT_TRUE(read_leases(access_)->empty());
}

TEST_F(LeaseTest, LapsesForItsHolderBeforeOthersTakeItForDead) {
  auto lease = *Lease::acquire(access_, LeaseKind::writer, "a");
  clock.advance(minutes(29));
  EXPECT_TRUE(lease->ensure_held());
  clock.advance(minutes(1));
  EXPECT_EQ(lease->ensure_held().error().kind, ErrorKind::conflict);
  EXPECT_EQ(lease->keep().error().kind, ErrorKind::conflict);  // it cannot come back to life
  EXPECT_FALSE(over(read_leases(access_)->at(0), clock.now()));
  clock.advance(minutes(31));
  EXPECT_TRUE(over(read_leases(access_)->at(0), clock.now()));
}

TEST_F(LeaseTest, LastsAsLongAsItIsKept) {
  auto lease = *Lease::acquire(access_, LeaseKind::writer, "a");
  const TimePoint begun = clock.now();
  for (int i = 0; i < 100; ++i) {
    clock.advance(minutes(4));
    ASSERT_TRUE(lease->keep());
  }
  const auto seen = read_leases(access_)->at(0);
  EXPECT_FALSE(over(seen, clock.now()));
  EXPECT_EQ(seen.begun, begun);
  EXPECT_GT(seen.renewed, begun + minutes(390));
  EXPECT_EQ(seen.keys.size(), 51u);  // at most one in five minutes
}

TEST_F(LeaseTest, AMachineThatSleptDoesNotTrustItsSteadyClock) {
  auto lease = *Lease::acquire(access_, LeaseKind::writer, "a");
  clock.set(clock.now() + minutes(45));  // only the wall clock noticed
  EXPECT_FALSE(lease->ensure_held());
}

TEST_F(LeaseTest, AWallClockThatIsSetBackDoesNotLengthenIt) {
  auto lease = *Lease::acquire(access_, LeaseKind::writer, "a");
  clock.advance(minutes(31));
  clock.set(clock.now() - minutes(60));
  EXPECT_FALSE(lease->ensure_held());
}

TEST_F(LeaseTest, OutlivesAStoreThatIsAwayForAWhile) {
  test::FaultyStore away(store);
  auto far = open(away);
  auto lease = *Lease::acquire(far->access(), LeaseKind::writer, "a");
  away.fail({.acts = {test::StoreAct::put}, .stays = true});
  clock.advance(minutes(10));
  EXPECT_TRUE(lease->keep());
  clock.advance(minutes(21));
  EXPECT_FALSE(lease->keep());
}

TEST_F(LeaseTest, RecordsThatDoNotOpenCountAsHeld) {
  store.overwrite(lease_key(std::string(32, 'a'), 0), "garbage");
  const auto seen = read_leases(access_);
  ASSERT_EQ(seen->size(), 1u);
  EXPECT_FALSE(over(seen->at(0), clock.now()));
  EXPECT_TRUE(over(seen->at(0), clock.now() + minutes(61)));
}

TEST_F(LeaseTest, ARecordUnderAnotherKeyEndsNothing) {
  auto first = *Lease::acquire(access_, LeaseKind::writer, "a");
  auto second = *Lease::acquire(access_, LeaseKind::writer, "b");
  ASSERT_TRUE(second->release());
  // Who writes the bucket copies the end of one lease over to another.
  store.overwrite(lease_key(first->id(), 1), *store.get(lease_key(second->id(), 1)));
  const auto leases = read_leases(access_);
  for (const LeaseFacts& lease : *leases) EXPECT_EQ(lease.ended, lease.id == second->id());
}

TEST_F(LeaseTest, TellsTheStoresTime) {
  auto lease = *Lease::acquire(access_, LeaseKind::pruner, "a");
  EXPECT_EQ(*lease->store_time(), clock.now());
}

TEST(LeaseRecord, IsReadBackAndNothingElseIs) {
  const LeaseRecord record{.id = std::string(32, 'b'),
                           .number = 7,
                           .ended = true,
                           .kind = LeaseKind::reader,
                           .owner = "host"};
  const Bytes payload = encode_lease_record(record);
  EXPECT_EQ(*decode_lease_record(payload), record);
  for (std::size_t length = 0; length < payload.size(); ++length)
    EXPECT_FALSE(decode_lease_record(payload.substr(0, length)));
  EXPECT_FALSE(decode_lease_record(payload + '\0'));
}

TEST(LeaseKey, OnlyOurOwnAreRead) {
  const std::string good = lease_key(std::string(32, 'b'), 7);
  EXPECT_EQ(parse_lease_key(good)->second, 7u);
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string bad = good;
    bad[at] = '/';
    EXPECT_TRUE(!parse_lease_key(bad) || bad == good) << bad;
  }
  EXPECT_FALSE(parse_lease_key("leases/"));
}

}  // namespace
}  // namespace tidemark::repo
