// Damages a small repository in every way that storage can, and looks whether somebody notices.
#include <gtest/gtest.h>

#include "repo/upkeep/check.h"
#include "repo/upkeep/distrust.h"
#include "repo/upkeep/hold.h"
#include "repo/upkeep/prune.h"
#include "repo/upkeep/repair.h"
#include "repo/upkeep/verify.h"
#include "tests/support/repository_fixture.h"
#include "tests/support/soak.h"

namespace tidemark::repo {
namespace {

using test::RepositoryFixture;

class DamageTest : public testing::Test, public RepositoryFixture {
 protected:
  DamageTest() {
    for (int day = 1; day <= 3; ++day) {
      const auto yesterday = days_.empty() ? std::vector<ChunkReference>() : days_.back().chunks;
      days_.push_back(*archive(*open(), small_rows(day), yesterday));
      clock.advance(std::chrono::hours(24));
    }
    first_manifest_ = *store.get(key_of(ObjectType::manifest, days_[0].name));
    // With a mark and a removal in it.
    auto repository = open();
    const PruneOptions at_once{.grace = Millis(0), .owner = "test"};
    const auto plan = plan_prune(*repository, {days_[0].name}, at_once);
    CHECK(apply_prune(*repository, *plan, at_once));
    const PruneOptions later{.grace = std::chrono::hours(24), .owner = "test"};
    const auto next = plan_prune(*repository, {days_[1].name}, later);
    CHECK(apply_prune(*repository, *next, later));
    CHECK(hold_archive(repository->access(), days_[2].name, "audit"));
    CHECK(distrust_packs(repository->access(), {ObjectName{}}));
    before_ = store.contents();
  }

  static std::vector<Bytes> small_rows(int day) {
    return {fmt::format("1\tAlice\t{}\n", day), "2\tBob\t0\n"};
  }

  void remove_all(std::string_view prefix) {
    for (const auto& [object, body] : before_)
      if (object.starts_with(prefix)) CHECK(store.remove(object));
  }

  // Whether an archive came back as something else than it was. Errors are fine here.
  bool restores_wrongly() {
    for (std::size_t day = 1; day < days_.size(); ++day) {
      const auto bytes = restored(days_[day].name);
      if (bytes && *bytes != joined(small_rows(static_cast<int>(day) + 1))) return true;
    }
    return false;
  }

  // Whether opening, checking or verifying says that something is wrong.
  bool noticed() {
    auto repository = Repository::open(around(), key);
    if (!repository) return true;
    const auto checked = check(**repository);
    if (!checked || !checked->sound() || !checked->foreign.empty()) return true;
    const auto verified = verify(**repository, {});
    return !verified || !verified->sound();
  }

  std::vector<Archived> days_;
  Bytes first_manifest_;
  std::map<std::string, Bytes> before_;
};

TEST_F(DamageTest, TheRepositoryIsSoundBeforeIt) {
  ASSERT_TRUE(check(*open())->sound());
  EXPECT_FALSE(noticed());
  EXPECT_FALSE(restores_wrongly());
  for (const std::string_view folder : {"config", "keys/", "packs/", "index/", "manifests/",
                                        "leases/", "marks/", "removals/", "holds/", "distrusts/"})
    EXPECT_TRUE(before_.lower_bound(std::string(folder))->first.starts_with(folder)) << folder;
}

TEST_F(DamageTest, FlippedBitsAreNoticedAndNothingComesBackWrong) {
  std::size_t bits = 0;
  for (const auto& [object, body] : before_) bits += body.size() * 8;
  const std::size_t wanted = 1000 * static_cast<std::size_t>(test::soak_factor());
  const std::size_t stride = std::max<std::size_t>(1, bits / wanted) | 1;
  std::size_t at = 0;
  for (const auto& [object, body] : before_) {
    for (; at < body.size() * 8; at += stride) {
      Bytes flipped = body;
      flipped[at / 8] = static_cast<char>(flipped[at / 8] ^ (1 << at % 8));
      store.overwrite(object, flipped);
      ASSERT_FALSE(restores_wrongly()) << object << " bit " << at;
      // A lease's record is not part of any archive: unreadable, it counts as held for an hour.
      if (!object.starts_with("leases/")) {
        ASSERT_TRUE(noticed()) << object << " bit " << at;
      }
    }
    at -= body.size() * 8;
    store.overwrite(object, body);
  }
}

TEST_F(DamageTest, TruncationIsNoticedAtEveryLength) {
  for (const auto& [object, body] : before_) {
    if (object.starts_with("leases/")) continue;
    for (std::size_t length = 0; length < body.size(); length += length < 200 ? 7 : 31) {
      store.overwrite(object, body.substr(0, length));
      ASSERT_FALSE(restores_wrongly()) << object << " cut to " << length;
      ASSERT_TRUE(noticed()) << object << " cut to " << length;
    }
    store.overwrite(object, body + '\0');
    ASSERT_TRUE(noticed()) << object << " longer";
    store.overwrite(object, body);
  }
}

TEST_F(DamageTest, SwappedObjectsAreNoticed) {
  for (const auto& [left, left_body] : before_) {
    for (const auto& [right, right_body] : before_) {
      if (left >= right || left.starts_with("leases/") || right.starts_with("leases/")) continue;
      store.overwrite(left, right_body);
      store.overwrite(right, left_body);
      ASSERT_FALSE(restores_wrongly()) << left << " and " << right;
      ASSERT_TRUE(noticed()) << left << " and " << right;
      store.overwrite(left, left_body);
      store.overwrite(right, right_body);
    }
  }
}

TEST_F(DamageTest, ALostObjectIsNoticedWhereItMatters) {
  for (const auto& [object, body] : before_) {
    ASSERT_TRUE(store.remove(object));
    EXPECT_FALSE(restores_wrongly()) << object;
    const bool harmless = object.starts_with("leases/") || object.starts_with("marks/") ||
                          object.starts_with("keys/") || object.starts_with("index/") ||
                          object.starts_with("holds/") || object.starts_with("distrusts/");
    // The newest manifest is missed by whoever saw it last, and by nobody else.
    const bool newest = object == key_of(ObjectType::manifest, days_[2].name);
    if (!harmless && !newest) {
      EXPECT_TRUE(noticed()) << object;
    }
    store.overwrite(object, body);
  }
}

TEST_F(DamageTest, WhoSawTheNewestArchiveMissesIt) {
  const auto history = open()->history();
  const LastSeen seen{open()->access().sealer.repository(), history->heads()};
  EXPECT_TRUE(check_last_seen(seen, *history, seen.repository));
  ASSERT_TRUE(store.remove(key_of(ObjectType::manifest, days_[2].name)));
  EXPECT_EQ(check_last_seen(seen, *open()->history(), seen.repository).error().kind,
            ErrorKind::unsafe);
  EXPECT_EQ(check_last_seen(seen, *history, RepositoryId{}).error().kind, ErrorKind::unsafe);
}

TEST_F(DamageTest, ALostConfigIsToldFromNoRepository) {
  ASSERT_TRUE(store.remove(kConfigKey));
  EXPECT_EQ(Repository::open(around(), key).error().kind, ErrorKind::corrupt);
  remove_all("manifests/");
  EXPECT_EQ(Repository::open(around(), key).error().kind, ErrorKind::not_found);
}

TEST_F(DamageTest, ADamagedManifestIsNotTakenForOneThatIsGone) {
  const LastSeen seen{open()->access().sealer.repository(), open()->history()->heads()};
  for (const std::size_t day : {1, 2}) {
    const std::string object = key_of(ObjectType::manifest, days_[day].name);
    store.overwrite(object, before_.at(object).substr(1));
    const auto history = open()->history();
    EXPECT_EQ(history->damaged.size(), 1u);
    EXPECT_TRUE(history->missing.empty());
    EXPECT_TRUE(check_last_seen(seen, *history, seen.repository));
    EXPECT_EQ(history->complete().error().kind, ErrorKind::unsafe);
    store.overwrite(object, before_.at(object));
  }
}

TEST_F(DamageTest, ARemovedArchiveThatComesBackIsNotShown) {
  store.overwrite(key_of(ObjectType::manifest, days_[0].name), first_manifest_);
  const auto history = open()->history();
  EXPECT_FALSE(history->archives.contains(days_[0].name));
  EXPECT_TRUE(history->removed.contains(days_[0].name));
  EXPECT_EQ(history->archives.size(), 2u);
}

TEST_F(DamageTest, RepairMakesALostIndexAgain) {
  remove_all("index/");
  EXPECT_NE(restored(days_[2].name).error().hint.find("tidemark repair"), std::string::npos);
  EXPECT_GT(check(*open())->unindexed_packs, 0u);
  const auto repaired = repair(*open());
  ASSERT_TRUE(repaired);
  EXPECT_GT(repaired->packs_indexed, 0u);
  EXPECT_TRUE(repaired->after.sound());
  EXPECT_EQ(*restored(days_[2].name), joined(small_rows(3)));
  // Nothing that was there is gone.
  const auto after = store.contents();
  for (const auto& [object, body] : before_)
    EXPECT_TRUE(object.starts_with("index/") || after.at(object) == body) << object;
}

TEST_F(DamageTest, RepairNamesWhatIsLost) {
  remove_all("packs/");
  const auto repaired = repair(*open());
  ASSERT_TRUE(repaired);
  EXPECT_EQ(repaired->after.damaged.at(days_[2].name).at("public.orders"), 2u);
}

// A damaged pack stays where it is, and the next archive is whole all the same.
class ArchiveAfterDamage : public testing::Test, public RepositoryFixture {
 protected:
  // The packs that one archive made.
  std::vector<std::string> packs() const {
    std::vector<std::string> found;
    for (const auto& [object, body] : store.contents())
      if (object.starts_with("packs/")) found.push_back(object);
    return found;
  }
};

TEST_F(ArchiveAfterDamage, DoesNotRelyOnAPackOfAnotherSize) {
  const auto first = archive(*open(), rows(3, 1));
  for (const std::string& pack : packs()) {
    const Bytes whole = *store.get(pack);
    for (const Bytes& other : {whole.substr(0, whole.size() - 1), Bytes(), whole + '\0'}) {
      store.overwrite(pack, other);
      const auto again = archive(*open(), rows(3, 1), first->chunks);
      ASSERT_TRUE(again);
      EXPECT_EQ(again->tally.chunks_new, 3u);
      EXPECT_EQ(*restored(again->name), joined(rows(3, 1)));
      // That second copy may not stand in for the next damage.
      for (const std::string& made : packs()) {
        if (made == pack) continue;
        ASSERT_TRUE(store.remove(made));
      }
    }
  }
}

TEST_F(ArchiveAfterDamage, DoesNotRelyOnWhatCouldNotBeDecoded) {
  const auto first = archive(*open(), rows(3, 1));
  const auto second = archive(*open(), rows(3, 2), first->chunks);
  ASSERT_EQ(second->tally.differences, 3u);
  for (const std::string& pack : packs()) {
    Bytes flipped = *store.get(pack);
    // In the first chunk, behind the header.
    flipped[100] = static_cast<char>(flipped[100] ^ 1);
    store.overwrite(pack, flipped);
  }
  // The first chunk changed, and shows the damage; the others are the same as before.
  std::vector<Bytes> third = rows(3, 2);
  third[0] = rows(3, 3)[0];
  const auto next = archive(*open(), third, second->chunks);
  ASSERT_TRUE(next);
  EXPECT_EQ(next->tally.differences, 0u);
  EXPECT_EQ(next->tally.chunks_new, 3u);
  EXPECT_EQ(*restored(next->name), joined(third));
}

TEST_F(DamageTest, VerifyReadsAllWithinTheStatedTime) {
  RepositoryFixture f;
  auto repository = f.open();
  for (int day = 0; day < 12; ++day) ASSERT_TRUE(f.archive(*repository, f.rows(1, day)));
  std::uint64_t read = 0;
  for (std::uint64_t day = 100; day < 105; ++day)
    read += verify(*f.open(), {.days = 5, .day = day})->packs_read;
  EXPECT_EQ(read, 12u);
  EXPECT_EQ(verify(*f.open(), {})->packs_read, 12u);
  EXPECT_GT(verify(*f.open(), {})->bytes_read, 1000u);
}

TEST_F(DamageTest, VerifyNamesTheDamagedPack) {
  const auto pack = before_.lower_bound("packs/");
  Bytes flipped = pack->second;
  flipped[100] = static_cast<char>(flipped[100] ^ 1);
  store.overwrite(pack->first, flipped);
  const auto verified = verify(*open(), {});
  ASSERT_EQ(verified->damaged_packs.size(), 1u);
  EXPECT_EQ(key_of(ObjectType::pack, verified->damaged_packs[0]), pack->first);
}

}  // namespace
}  // namespace tidemark::repo
