// Runs one operation whole at each call that another one makes to the store: an archive inside a
// prune, a prune inside an archive, a prune inside a prune, an archive inside an archive. Whatever
// the order, each archive that was committed has all that it needs.
#include <gtest/gtest.h>

#include "repo/upkeep/check.h"
#include "repo/upkeep/prune.h"
#include "repo/upkeep/verify.h"
#include "tests/support/repository_fixture.h"

namespace tidemark::repo {
namespace {

using std::chrono::hours;
using test::RepositoryFixture;

const PruneOptions kAtOnce{.grace = Millis(0), .owner = "test"};

class InterleavingTest : public testing::Test, public RepositoryFixture {
 protected:
  InterleavingTest() {
    for (int day = 1; day <= 3; ++day) {
      days_.push_back(*archive(*open(), rows(3, day), {}));
      clock.advance(hours(24));
    }
    before_ = store.contents();
  }

  struct Made {
    ObjectName name;
    Bytes rows;
  };

  // The rows of day 1 again: a writer that finds them relies on packs that a prune wants to drop.
  Status archive_day_one(storage::ObjectStore& any, std::vector<Made>& made) {
    auto repository = TRY(Repository::open(around(any), key));
    const auto again = TRY(archive(*repository, rows(3, 1), days_[2].chunks));
    made.push_back({again.name, joined(rows(3, 1))});
    return Done{};
  }

  Status forget_day_one(storage::ObjectStore& any) {
    auto repository = TRY(Repository::open(around(any), key));
    const auto history = TRY(repository->history());
    std::vector<ObjectName> forget;
    if (history.archives.contains(days_[0].name)) forget.push_back(days_[0].name);
    const auto plan = TRY(plan_prune(*repository, forget, kAtOnce));
    TRY(apply_prune(*repository, plan, kAtOnce));
    return Done{};
  }

  Status check_finds_nothing(storage::ObjectStore& any) {
    auto repository = TRY(Repository::open(around(any), key));
    if (TRY(check(*repository)).sound()) return Done{};
    return Error{ErrorKind::corrupt, "check cried damage"};
  }

  Status verify_finds_nothing(storage::ObjectStore& any) {
    auto repository = TRY(Repository::open(around(any), key));
    if (TRY(verify(*repository, {})).sound()) return Done{};
    return Error{ErrorKind::corrupt, "verify cried damage"};
  }

  // outer at each of its calls interrupted by inner, on the same store.
  void interleave(const std::function<Status(storage::ObjectStore&)>& outer,
                  const std::function<Status(storage::ObjectStore&)>& inner,
                  std::vector<Made>& made) {
    int interleavings = 0;
    for (int call = 1;; ++call) {
      SCOPED_TRACE(fmt::format("inside call {}", call));
      ASSERT_LT(call, 1000);
      store.set_contents(before_);
      clock.advance(hours(48));  // so that leases of the round before are over
      made.clear();
      test::FaultyStore outer_store(store);
      int calls = 0;
      Status inside = Done{};
      outer_store.before_each = [&](test::StoreAct, std::string_view) {
        if (++calls == call) inside = inner(store);
      };
      const Status outcome = outer(outer_store);
      if (calls < call) break;
      ++interleavings;
      // Either may be refused because the other one was there; nobody may be lied to.
      for (const Status* status : {&outcome, static_cast<const Status*>(&inside)})
        if (!*status) {
          EXPECT_EQ(status->error().kind, ErrorKind::conflict) << status->error().message;
        }
      expect_sound(made);
      // And a prune an hour later takes nothing that somebody needs.
      clock.advance(hours(48));
      EXPECT_TRUE(forget_day_one(store));
      expect_sound(made);
    }
    EXPECT_GT(interleavings, 10);
  }

  void expect_sound(const std::vector<Made>& made) {
    const auto report = check(*open());
    ASSERT_TRUE(report);
    for (const Error& finding : report->findings) ADD_FAILURE() << finding.message;
    EXPECT_TRUE(report->damaged.empty());
    for (const Made& archive : made) EXPECT_EQ(*restored(archive.name), archive.rows);
    for (const int day : {2, 3}) EXPECT_EQ(*restored(days_[day - 1].name), joined(rows(3, day)));
  }

  std::vector<Archived> days_;
  std::map<std::string, Bytes> before_;
};

TEST_F(InterleavingTest, AnArchiveInsideAPrune) {
  std::vector<Made> made;
  interleave([&](storage::ObjectStore& any) { return forget_day_one(any); },
             [&](storage::ObjectStore& any) { return archive_day_one(any, made); }, made);
}

TEST_F(InterleavingTest, APruneInsideAnArchive) {
  std::vector<Made> made;
  interleave([&](storage::ObjectStore& any) { return archive_day_one(any, made); },
             [&](storage::ObjectStore& any) { return forget_day_one(any); }, made);
}

TEST_F(InterleavingTest, APruneInsideAPrune) {
  std::vector<Made> made;
  interleave([&](storage::ObjectStore& any) { return forget_day_one(any); },
             [&](storage::ObjectStore& any) { return forget_day_one(any); }, made);
}

// What they see change under them is no damage.
TEST_F(InterleavingTest, APruneInsideAVerify) {
  std::vector<Made> made;
  interleave([&](storage::ObjectStore& any) { return verify_finds_nothing(any); },
             [&](storage::ObjectStore& any) { return forget_day_one(any); }, made);
}

TEST_F(InterleavingTest, APruneInsideACheck) {
  std::vector<Made> made;
  interleave([&](storage::ObjectStore& any) { return check_finds_nothing(any); },
             [&](storage::ObjectStore& any) { return forget_day_one(any); }, made);
}

TEST_F(InterleavingTest, AnArchiveInsideACheck) {
  std::vector<Made> made;
  interleave([&](storage::ObjectStore& any) { return check_finds_nothing(any); },
             [&](storage::ObjectStore& any) { return archive_day_one(any, made); }, made);
}

TEST_F(InterleavingTest, AnArchiveInsideAnArchive) {
  std::vector<Made> made;
  interleave([&](storage::ObjectStore& any) { return archive_day_one(any, made); },
             [&](storage::ObjectStore& any) { return archive_day_one(any, made); }, made);
}

}  // namespace
}  // namespace tidemark::repo
