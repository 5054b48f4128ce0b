// The promises of storage/object_store.h as one suite, for every store to pass.
//
// A test program that includes this instantiates ObjectStoreContract with the makers of its stores:
//
//   INSTANTIATE_TEST_SUITE_P(Memory, ObjectStoreContract, testing::Values(StoreMaker{...}), ...);
#pragma once

#include <algorithm>
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/object_store.h"

namespace tidemark::test {

// A place where objects lie, empty at first. It goes when it is destroyed.
class StorePlace {
 public:
  virtual ~StorePlace() = default;

  // A store on this place, as a process that begins would open it. The place owns it.
  virtual storage::ObjectStore& open() = 0;
};

struct StoreMaker {
  std::string name;  // letters only
  std::function<std::unique_ptr<StorePlace>()> make;
};

class ObjectStoreContract : public ::testing::TestWithParam<StoreMaker> {
 protected:
  using PutMode = storage::PutMode;
  using ByteRange = storage::ByteRange;
  using ObjectInfo = storage::ObjectInfo;

  void put(const std::string& key, ByteView body, PutMode mode = PutMode::create_only) {
    const Status done = store().put(key, body, mode);
    ASSERT_TRUE(done) << key << ": " << done.error().message;
  }
  std::string get(const std::string& key, std::optional<ByteRange> range = {}) {
    Result<Bytes> bytes = store().get(key, range);
    EXPECT_TRUE(bytes) << key << ": " << bytes.error().message;
    return bytes ? *std::move(bytes) : Bytes("(none)");
  }
  // How often each key was visited, and its size.
  std::map<std::string, std::pair<int, std::uint64_t>> listed(const std::string& prefix) {
    std::map<std::string, std::pair<int, std::uint64_t>> seen;
    const Status done = store().list(prefix, [&](const ObjectInfo& object) -> Status {
      ++seen[object.key].first;
      seen[object.key].second = object.size;
      return Done{};
    });
    EXPECT_TRUE(done) << done.error().message;
    return seen;
  }
  std::vector<std::string> keys(const std::string& prefix) {
    std::vector<std::string> names;
    for (const auto& [key, seen] : listed(prefix)) {
      EXPECT_EQ(seen.first, 1) << key << " was visited more than once";
      names.push_back(key);
    }
    return names;
  }

  storage::ObjectStore& store() { return *store_; }

  const std::unique_ptr<StorePlace> place_ = GetParam().make();
  storage::ObjectStore* const store_ = &place_->open();
};

// Bytes that no compression and no pattern would forgive mixing up.
inline Bytes noise(std::size_t size, std::uint64_t seed = 1) {
  Bytes bytes(size, '\0');
  std::uint64_t state = seed * 0x9e3779b97f4a7c15u;
  for (char& byte : bytes) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    byte = static_cast<char>(state >> 56);
  }
  return bytes;
}

// More than one part of a multipart upload, where a store has such a thing.
inline constexpr std::size_t kLargeBytes = (11u << 20) + 12'345;

TEST_P(ObjectStoreContract, GivesBackWhatWasPut) {
  for (const std::size_t size : {0u, 1u, 4095u, 4096u, 70'000u}) {
    const std::string key = "data/" + std::to_string(size);
    put(key, noise(size));
    EXPECT_EQ(get(key), noise(size));
    const auto info = store().stat(key);
    ASSERT_TRUE(info) << info.error().message;
    EXPECT_EQ(info->key, key);
    EXPECT_EQ(info->size, size);
    EXPECT_GT(info->modified, *parse_time("2025-01-01T00:00:00Z"));
  }
}

TEST_P(ObjectStoreContract, GivesBackLargeObjectsAndTheirRanges) {
  const Bytes large = noise(kLargeBytes);
  put("packs/large", large);
  EXPECT_TRUE(get("packs/large") == large);
  EXPECT_EQ(store().stat("packs/large")->size, large.size());
  for (const std::uint64_t at : {0ull, (5ull << 20) - 3, (10ull << 20) - 1, kLargeBytes - 7ull})
    EXPECT_EQ(get("packs/large", ByteRange{at, 7}), large.substr(at, 7)) << at;
  const Status again = store().put("packs/large", noise(kLargeBytes, 2), PutMode::create_only);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, ErrorKind::already_exists);
  EXPECT_TRUE(get("packs/large") == large);
  put("packs/large", noise(kLargeBytes - 99, 3), PutMode::replace);
  EXPECT_TRUE(get("packs/large") == noise(kLargeBytes - 99, 3));
}

TEST_P(ObjectStoreContract, GivesExactlyTheRange) {
  const Bytes body = noise(1000);
  put("ranges", body);
  EXPECT_EQ(get("ranges", ByteRange{0, 1000}), body);
  EXPECT_EQ(get("ranges", ByteRange{0, 1}), body.substr(0, 1));
  EXPECT_EQ(get("ranges", ByteRange{999, 1}), body.substr(999, 1));
  EXPECT_EQ(get("ranges", ByteRange{123, 456}), body.substr(123, 456));
  EXPECT_EQ(get("ranges", ByteRange{0, 0}), "");
  EXPECT_EQ(get("ranges", ByteRange{1000, 0}), "");
}

TEST_P(ObjectStoreContract, RefusesARangeThatTheObjectDoesNotHave) {
  put("short", noise(1000));
  put("empty", "");
  for (const ByteRange range :
       {ByteRange{0, 1001}, ByteRange{999, 2}, ByteRange{1000, 1}, ByteRange{5000, 10},
        ByteRange{1001, 0}, ByteRange{~std::uint64_t{0} - 1, 2}}) {
    const auto bytes = store().get("short", range);
    ASSERT_FALSE(bytes) << range.offset;
    EXPECT_EQ(bytes.error().kind, ErrorKind::corrupt) << bytes.error().message;
  }
  const auto bytes = store().get("empty", ByteRange{0, 1});
  ASSERT_FALSE(bytes);
  EXPECT_EQ(bytes.error().kind, ErrorKind::corrupt) << bytes.error().message;
}

TEST_P(ObjectStoreContract, CreateOnlyNeverOverwrites) {
  put("config", "first");
  for (const char* other : {"second", "first", ""}) {
    const Status again = store().put("config", other, PutMode::create_only);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().kind, ErrorKind::already_exists) << again.error().message;
    EXPECT_THAT(again.error().message, ::testing::HasSubstr("config"));
  }
  EXPECT_EQ(get("config"), "first");
}

TEST_P(ObjectStoreContract, ReplaceOverwritesAndCreates) {
  put("head", "one", PutMode::replace);
  EXPECT_EQ(get("head"), "one");
  put("head", "three", PutMode::replace);
  EXPECT_EQ(get("head"), "three");
  EXPECT_EQ(store().stat("head")->size, 5u);
  EXPECT_THAT(listed(""), ::testing::ElementsAre(
                              ::testing::Pair("head", ::testing::Pair(1, std::uint64_t{5}))));
}

TEST_P(ObjectStoreContract, OfManyCreatorsOneSucceeds) {
  constexpr int kCreators = 8;
  std::atomic<int> created = 0;
  std::atomic<int> refused = 0;
  std::atomic<int> winner = -1;
  std::vector<std::thread> threads;
  for (int i = 0; i < kCreators; ++i)
    threads.emplace_back([&, i] {
      // A store may ask to be tried again when two creators meet; that is not a verdict.
      for (int attempt = 0; attempt < 50; ++attempt) {
        const Status done = store().put("locks/one", noise(3000, i + 1), PutMode::create_only);
        if (done) {
          ++created;
          winner = i;
          return;
        }
        if (done.error().kind == ErrorKind::already_exists) {
          ++refused;
          return;
        }
        ASSERT_EQ(done.error().kind, ErrorKind::unavailable) << done.error().message;
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(created, 1);
  EXPECT_EQ(refused, kCreators - 1);
  EXPECT_TRUE(get("locks/one") == noise(3000, winner + 1));
}

TEST_P(ObjectStoreContract, MissingObjectsAreNotFound) {
  put("a/b/here", "x");
  for (const char* key : {"nothing", "a/b/other", "a/b", "a/b/her", "no/such/folder"}) {
    const auto bytes = store().get(key);
    ASSERT_FALSE(bytes) << key;
    EXPECT_EQ(bytes.error().kind, ErrorKind::not_found) << bytes.error().message;
    EXPECT_THAT(bytes.error().message, ::testing::HasSubstr(key));
    const auto range = store().get(key, ByteRange{0, 0});
    ASSERT_FALSE(range) << key;
    EXPECT_EQ(range.error().kind, ErrorKind::not_found) << range.error().message;
    const auto info = store().stat(key);
    ASSERT_FALSE(info) << key;
    EXPECT_EQ(info.error().kind, ErrorKind::not_found) << info.error().message;
  }
}

TEST_P(ObjectStoreContract, RemovingAMissingKeySucceeds) {
  put("a/b/here", "x");
  EXPECT_TRUE(store().remove("a/b/here"));
  for (const char* key : {"a/b/here", "nothing", "a/b", "no/such/folder"}) {
    const Status removed = store().remove(key);
    EXPECT_TRUE(removed) << key << ": " << removed.error().message;
  }
  EXPECT_THAT(keys(""), ::testing::IsEmpty());
}

TEST_P(ObjectStoreContract, RemovedObjectsAreGoneAtOnce) {
  put("one", "1");
  put("two", "2");
  ASSERT_TRUE(store().remove("one"));
  EXPECT_EQ(store().get("one").error().kind, ErrorKind::not_found);
  EXPECT_EQ(store().stat("one").error().kind, ErrorKind::not_found);
  EXPECT_THAT(keys(""), ::testing::ElementsAre("two"));
  put("one", "again");
  EXPECT_EQ(get("one"), "again");
}

TEST_P(ObjectStoreContract, ListsEachObjectOfThePrefixOnce) {
  const std::vector<std::string> all = {"a",        "ab",        "data/0f/1",  "data/0f/2",
                                        "data/0f0", "data/10/1", "data/x.tmp", "data-2/1",
                                        "data.old", "datum",     "z/y/x/w/v",  "z0_-."};
  for (const std::string& key : all) put(key, key);
  for (const std::string prefix : {"", "a", "b", "data", "data/", "data/0f", "data/0f/", "z/y/x/",
                                   "z/y/x/w/v", "z/y/x/w/v/", "data/0f/1", "none/at/all"}) {
    std::vector<std::string> expected;
    for (const std::string& key : all)
      if (key.starts_with(prefix)) expected.push_back(key);
    EXPECT_THAT(keys(prefix), ::testing::UnorderedElementsAreArray(expected)) << prefix;
  }
  for (const auto& [key, seen] : listed("")) EXPECT_EQ(seen.second, key.size()) << key;
}

TEST_P(ObjectStoreContract, AnEmptyStoreListsNothing) {
  EXPECT_THAT(keys(""), ::testing::IsEmpty());
  EXPECT_THAT(keys("packs/"), ::testing::IsEmpty());
}

TEST_P(ObjectStoreContract, ListsBeyondAnyPage) {
  std::vector<std::string> expected;
  for (int i = 0; i < 45; ++i) {
    expected.push_back("many/" + std::to_string(i % 3) + "/" + std::to_string(i));
    put(expected.back(), "x");
  }
  EXPECT_THAT(keys("many/"), ::testing::UnorderedElementsAreArray(expected));
}

TEST_P(ObjectStoreContract, TheVisitorsErrorEndsTheListing) {
  for (const char* key : {"1", "2", "3"}) put(key, "x");
  int visits = 0;
  const Status done = store().list("", [&](const ObjectInfo&) -> Status {
    ++visits;
    return Error{ErrorKind::unsafe, "enough"};
  });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::unsafe);
  EXPECT_EQ(done.error().message, "enough");
  EXPECT_EQ(visits, 1);
}

TEST_P(ObjectStoreContract, TheVisitorMayUseTheStore) {
  for (int i = 0; i < 20; ++i) put("old/" + std::to_string(i), std::to_string(i));
  int visits = 0;
  const Status done = store().list("old/", [&](const ObjectInfo& object) -> Status {
    ++visits;
    const Bytes body = TRY(store().get(object.key));
    TRY(store().put("new/" + object.key.substr(4), body, PutMode::create_only));
    return store().remove(object.key);
  });
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(visits, 20);
  EXPECT_THAT(keys("old/"), ::testing::IsEmpty());
  EXPECT_EQ(keys("new/").size(), 20u);
}

TEST_P(ObjectStoreContract, RefusesWhatIsNoKey) {
  put("good", "x");
  for (const char* key : {"", "/etc/passwd", "../up", "a/../../up", "a//b", "UPPER", "a/",
                          ".hidden", "a/.hidden", "sp ace", "a\\b", "new\nline", "per%2fcent"}) {
    EXPECT_EQ(store().put(key, "x", PutMode::replace).error().kind, ErrorKind::invalid_input);
    EXPECT_EQ(store().get(key).error().kind, ErrorKind::invalid_input);
    EXPECT_EQ(store().stat(key).error().kind, ErrorKind::invalid_input);
    EXPECT_EQ(store().remove(key).error().kind, ErrorKind::invalid_input);
  }
  const auto visit = [](const ObjectInfo&) -> Status { return Done{}; };
  for (const char* prefix : {"/", "../", "a//", "UP", ".", "a/.."})
    EXPECT_EQ(store().list(prefix, visit).error().kind, ErrorKind::invalid_input) << prefix;
  EXPECT_THAT(keys(""), ::testing::ElementsAre("good"));
}

TEST_P(ObjectStoreContract, TakesTheLongestKeys) {
  const std::string longest =
      std::string(200, 'a') + "/" + std::string(255, 'b') + "/" + std::string(55, 'c');
  ASSERT_EQ(longest.size(), 512u);
  put(longest, "long");
  EXPECT_EQ(get(longest), "long");
  EXPECT_THAT(keys(std::string(200, 'a') + "/"), ::testing::ElementsAre(longest));
}

TEST_P(ObjectStoreContract, AnotherProcessSeesTheSame) {
  put("shared/one", "1");
  storage::ObjectStore& other = place_->open();
  EXPECT_EQ(*other.get("shared/one"), "1");
  EXPECT_EQ(other.put("shared/one", "2", PutMode::create_only).error().kind,
            ErrorKind::already_exists);
  ASSERT_TRUE(other.put("shared/two", "2", PutMode::create_only));
  EXPECT_EQ(get("shared/two"), "2");
  ASSERT_TRUE(other.remove("shared/one"));
  EXPECT_THAT(keys(""), ::testing::ElementsAre("shared/two"));
}

TEST_P(ObjectStoreContract, ReadersSeeAWholeObjectWhileItIsReplaced) {
  const std::vector<Bytes> versions = {noise(100, 1), noise(50'000, 2), noise(9'000, 3)};
  put("head", versions[0]);
  std::atomic<bool> done = false;
  std::thread writer([&] {
    for (int i = 0; i < 40; ++i) put("head", versions[i % 3], PutMode::replace);
    done = true;
  });
  int reads = 0;
  while (!done || reads == 0) {
    const auto bytes = store().get("head");
    ++reads;
    if (!bytes) {
      // To be tried again is no verdict; anything else is.
      if (bytes.error().kind == ErrorKind::unavailable) continue;
      ADD_FAILURE() << bytes.error().message;
      break;
    }
    if (std::find(versions.begin(), versions.end(), *bytes) == versions.end()) {
      ADD_FAILURE() << "a mix of " << bytes->size() << " bytes";
      break;
    }
  }
  writer.join();
}

TEST_P(ObjectStoreContract, ManyThreadsKeepTheirObjectsApart) {
  constexpr int kThreads = 4;
  constexpr int kObjects = 12;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread)
    threads.emplace_back([&, thread] {
      for (int i = 0; i < kObjects; ++i) {
        const std::string key =
            "t" + std::to_string(i % 3) + "/" + std::to_string(thread * 100 + i);
        put(key, noise(2000, thread * 100 + i + 1));
        EXPECT_TRUE(get(key) == noise(2000, thread * 100 + i + 1));
        if (i % 2 == 0) {
          EXPECT_TRUE(store().remove(key));
        }
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(keys("").size(), std::size_t{kThreads * kObjects / 2});
}

inline std::string store_name(const ::testing::TestParamInfo<StoreMaker>& info) {
  return info.param.name;
}

}  // namespace tidemark::test
