// Storage that is wrong about what it holds, and objects that are somebody else's: each is refused
// with a message that names it.
#include <gtest/gtest.h>

#include "repo/lru_cache.h"
#include "repo/upkeep/check.h"
#include "repo/upkeep/mark.h"
#include "repo/upkeep/prune.h"
#include "repo/upkeep/rekey.h"
#include "repo/upkeep/repair.h"
#include "storage/wrap/store_wrapper.h"
#include "tests/support/borrowed_store.h"
#include "tests/support/repository_fixture.h"

namespace tidemark::repo {
namespace {

using std::chrono::hours;
using test::RepositoryFixture;
using test::StoreAct;

// Says that each object has so many bytes more than it has.
class SizeLiar final : public storage::StoreWrapper {
 public:
  explicit SizeLiar(storage::ObjectStore& inner)
      : StoreWrapper(std::make_unique<test::BorrowedStore>(inner)) {}
  Result<ObjectInfo> stat(std::string_view key) override {
    ObjectInfo info = TRY(StoreWrapper::stat(key));
    info.size += 1;
    return info;
  }
};

class LyingStore : public testing::Test, public RepositoryFixture {
 protected:
  std::string first_key(std::string_view prefix) {
    const auto objects = store.contents();
    return objects.lower_bound(std::string(prefix))->first;
  }
};

TEST_F(LyingStore, AboutSizesIsNoticedByPutsAndGets) {
  SizeLiar liar(store);
  EXPECT_EQ(put_named(liar, ObjectType::mark, "body").error().kind, ErrorKind::corrupt);
  ASSERT_TRUE(store.put("x", "body", storage::PutMode::create_only));
  EXPECT_EQ(get_limited(liar, "x", 100).error().message, "x has 5 bytes, and gave 4");
  EXPECT_EQ(get_limited(store, "x", 3).error().message, "x has 4 bytes; the most is 3");
}

TEST_F(LyingStore, WhatLiesInAFolderOfOursIsTold) {
  ASSERT_TRUE(store.put("marks/readme", "body", storage::PutMode::create_only));
  std::vector<std::string> foreign;
  const auto visit = [](const ObjectName&, const ObjectInfo&) -> Status { return Done{}; };
  ASSERT_TRUE(list_named(store, ObjectType::mark, visit,
                         [&](const ObjectInfo& info) { foreign.push_back(info.key); }));
  EXPECT_EQ(foreign, std::vector<std::string>{"marks/readme"});
}

TEST_F(LyingStore, MoreKeySlotsThanAnybodyNeedsAreRefused) {
  const RepositoryId id = open()->access().sealer.repository();
  for (std::size_t i = 0; i <= kSlotsMax; ++i)
    ASSERT_TRUE(put_named(store, ObjectType::key_slot, fmt::format("no slot {}", i)));
  EXPECT_EQ(list_slots(store, id).error().kind, ErrorKind::exhausted);
}

TEST_F(LyingStore, AKeySlotThatCannotBeReadIsAFinding) {
  ASSERT_TRUE(archive(*open(), rows(1, 1)));
  auto repository = open();
  ASSERT_TRUE(put_named(store, ObjectType::key_slot, "no slot"));
  const auto report = check(*repository);
  EXPECT_EQ(report->findings.at(0).message, "1 of 2 key slots cannot be read");
}

TEST_F(LyingStore, WhoMadeItFirstKeepsTheRepository) {
  test::MemoryStore fresh(clock);
  test::FaultyStore racing(fresh);
  const NewSlot slot{.kind = SlotKind::key_file, .label = "", .made = {}, .cost = {}};
  bool raced = false;
  racing.before_each = [&](StoreAct act, std::string_view object) {
    if (act != StoreAct::put || object != kConfigKey || raced) return;
    raced = true;
    ASSERT_TRUE(fresh.put(kConfigKey, "another", storage::PutMode::create_only));
  };
  const Status lost = Repository::init(around(racing), slot, key.secret);
  EXPECT_EQ(lost.error().kind, ErrorKind::already_exists);
  EXPECT_EQ(fresh.contents().size(), 1u) << "its slot is taken back";
}

TEST_F(LyingStore, ALostKeyRingIsNamed) {
  ASSERT_TRUE(archive(*open(), rows(1, 1)));
  const NewSlot slot{.kind = SlotKind::key_file, .label = "", .made = {}, .cost = {}};
  key.secret = Secret(std::string(kRootBytes, 'n'));
  RepositoryFixture old;
  ASSERT_TRUE(rekey(**Repository::open(around(), old.key), {{slot, key.secret}}, "test"));
  ASSERT_TRUE(store.remove(first_key("keyrings/")));
  EXPECT_EQ(Repository::open(around(), key).error().message,
            "the key ring of generation 2 is missing");
}

TEST_F(LyingStore, AnOldManifestThatComesAfterAReKeyIsAFinding) {
  ASSERT_TRUE(archive(*open(), rows(1, 1)));
  auto old = open();
  const NewSlot slot{.kind = SlotKind::key_file, .label = "", .made = {}, .cost = {}};
  ASSERT_TRUE(rekey(*open(), {{slot, Secret(std::string(kRootBytes, 'n'))}}, "test"));
  ASSERT_TRUE(old->access().put(ObjectType::manifest, *encode_manifest({.source = "forged"})));
  key.secret = Secret(std::string(kRootBytes, 'n'));
  EXPECT_NE(check(*open())->findings.at(0).message.find("the key from before a re-key"),
            std::string::npos);
}

TEST_F(LyingStore, RepairProvesPacksOfEarlierKeysAndLeavesDamagedOnes) {
  const auto first = *archive(*open(), rows(2, 1));
  const auto second = *archive(*open(), rows(2, 2), first.chunks);
  const auto other = *archive(*open(), rows(2, 3, "users"));
  const NewSlot slot{.kind = SlotKind::key_file, .label = "", .made = {}, .cost = {}};
  ASSERT_TRUE(rekey(*open(), {{slot, Secret(std::string(kRootBytes, 'n'))}}, "test"));
  key.secret = Secret(std::string(kRootBytes, 'n'));
  const auto place = open()->index().find(other.chunks[0].id)->front();
  const std::string pack = key_of(ObjectType::pack, place.pack);
  Bytes body = *store.get(pack);
  body[place.offset] = static_cast<char>(body[place.offset] ^ 1);
  store.overwrite(pack, body);
  const auto objects = store.contents();
  for (const auto& [object, bytes] : objects)
    if (object.starts_with("index/")) {
      ASSERT_TRUE(store.remove(object));
    }
  const auto repaired = repair(*open());
  ASSERT_TRUE(repaired) << repaired.error().message;
  EXPECT_EQ(*restored(first.name), joined(rows(2, 1)));
  EXPECT_EQ(*restored(second.name), joined(rows(2, 2)));
  EXPECT_TRUE(repaired->after.damaged.contains(other.name));
}

TEST_F(LyingStore, AReKeyWaitsForARemovalThatWasCutOff) {
  const auto first = *archive(*open(), rows(1, 1));
  ASSERT_TRUE(archive(*open(), rows(1, 2)));
  ASSERT_TRUE(open()->access().put(ObjectType::removal, encode_removal({first.name})));
  const NewSlot slot{.kind = SlotKind::key_file, .label = "", .made = {}, .cost = {}};
  const auto refused = rekey(*open(), {{slot, Secret(std::string(kRootBytes, 'n'))}}, "test");
  EXPECT_EQ(refused.error().kind, ErrorKind::conflict);
  EXPECT_NE(refused.error().message.find("is removed, but still there"), std::string::npos);
}

TEST_F(LyingStore, ForgettingWhatIsNotThereIsRefused) {
  ASSERT_TRUE(archive(*open(), rows(1, 1)));
  EXPECT_EQ(plan_prune(*open(), {ObjectName{}}, {}).error().kind, ErrorKind::not_found);
}

TEST_F(LyingStore, ABaseThatCannotBeReadCostsSpaceOnly) {
  const auto first = *archive(*open(), rows(1, 1));
  const std::string pack = first_key("packs/");
  Bytes body = *store.get(pack);
  body[Header::kBytes] = static_cast<char>(body[Header::kBytes] ^ 1);
  store.overwrite(pack, body);
  const auto next = archive(*open(), rows(1, 2), first.chunks);
  ASSERT_TRUE(next);
  EXPECT_EQ(next->tally.differences, 0u);
  EXPECT_EQ(*restored(next->name), joined(rows(1, 2)));
}

TEST_F(LyingStore, AWriterThatCannotLookAroundDoesNotBegin) {
  auto repository = open();
  ASSERT_TRUE(put_named(store, ObjectType::mark, "no mark"));
  EXPECT_EQ(Writer::begin(*repository, "test").error().kind, ErrorKind::corrupt);
}

TEST_F(LyingStore, StreamsMayComeInAnyOrder) {
  auto repository = open();
  auto writer = *Writer::begin(*repository, "test");
  for (const char* name : {"b", "a"}) {
    const auto id = writer->add_chunk(name);
    ASSERT_TRUE(writer->add_stream({.name = name}, {{*id, 0}}));
  }
  const auto made = writer->commit({.moment = clock.now()});
  EXPECT_EQ(repository->load(*made)->streams.at(0).name, "a");
}

TEST_F(LyingStore, AChunkIsReadAgainFromMemory) {
  const auto first = *archive(*open(), rows(1, 1));
  const auto second = *archive(*open(), rows(1, 2), first.chunks);
  auto repository = open();
  EXPECT_EQ(*repository->read_chunk(second.chunks[0].id), rows(1, 2)[0]);
  // The base was decoded on the way, and is proven when it is asked for itself.
  EXPECT_EQ(*repository->read_chunk(first.chunks[0].id), rows(1, 1)[0]);
  EXPECT_EQ(*repository->read_chunk(first.chunks[0].id), rows(1, 1)[0]);
}

TEST(LruCache, LetsTheOldestGo) {
  LruCache<int, int> cache(10);
  cache.put(1, 11, 6);
  cache.put(2, 22, 6);
  EXPECT_EQ(cache.find(1), nullptr);
  EXPECT_EQ(*cache.find(2), 22);
  cache.put(2, 23, 1);
  EXPECT_EQ(*cache.find(2), 23);
}

TEST(NewerFormats, AreToldApartFromDamage) {
  Bytes config = encode_config({.created = {}, .suite = crypto::Suite::aes256_gcm});
  config[8] = 9;
  EXPECT_EQ(decode_config(config).error().kind, ErrorKind::unsupported);
  EXPECT_EQ(decode_key_ring("x").error().kind, ErrorKind::corrupt);
}

TEST(Names, OfKindsAreWords) {
  EXPECT_EQ(kind_name(SlotKind::key_file), "key file");
  EXPECT_EQ(kind_name(SlotKind::recovery_sheet), "recovery sheet");
  EXPECT_EQ(kind_name(SlotKind::password), "password");
  EXPECT_EQ(kind_name(LeaseKind::reader), "reader");
  EXPECT_EQ(folder_of(ObjectType::config), "config");
}

}  // namespace
}  // namespace tidemark::repo
