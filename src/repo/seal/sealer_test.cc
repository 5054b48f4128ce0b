#include "repo/seal/sealer.h"

#include <set>

#include <gtest/gtest.h>

#include "crypto/hash.h"
#include "tests/support/foretold_random.h"

namespace tidemark::repo {
namespace {

RepositoryId id_of(char c) {
  RepositoryId id;
  id.bytes.fill(c);
  return id;
}

Roots one_root(char c = 'r') { return {Secret(std::string(kRootBytes, c))}; }

Bytes flip(Bytes bytes, std::size_t bit) {
  bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
  return bytes;
}

class SealerTest : public testing::TestWithParam<crypto::Suite> {
 protected:
  test::ForetoldRandom random_;
  Sealer sealer_{id_of('i'), one_root(), GetParam(), random_};
};
INSTANTIATE_TEST_SUITE_P(Suites, SealerTest,
                         testing::Values(crypto::Suite::aes256_gcm,
                                         crypto::Suite::xchacha20_poly1305));

TEST_P(SealerTest, OpensWhatItSealed) {
  const Bytes object = sealer_.seal(ObjectType::manifest, "payload");
  EXPECT_EQ(object.size(), Header::kBytes + 7 + crypto::kAeadTagBytes);
  const auto opened = sealer_.open(ObjectType::manifest, object);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->payload, "payload");
  EXPECT_EQ(opened->header.generation, 1u);
}

TEST_P(SealerTest, RefusesEveryFlippedBit) {
  const Bytes object = sealer_.seal(ObjectType::manifest, "payload");
  for (std::size_t bit = 0; bit < object.size() * 8; ++bit)
    EXPECT_FALSE(sealer_.open(ObjectType::manifest, flip(object, bit))) << bit;
}

TEST_P(SealerTest, RefusesEveryLengthButItsOwn) {
  const Bytes object = sealer_.seal(ObjectType::manifest, "payload");
  for (std::size_t length = 0; length < object.size(); ++length)
    EXPECT_FALSE(sealer_.open(ObjectType::manifest, object.substr(0, length))) << length;
  EXPECT_FALSE(sealer_.open(ObjectType::manifest, object + '\0'));
}

TEST_P(SealerTest, RefusesAnotherTypeRepositoryAndRoot) {
  const Bytes object = sealer_.seal(ObjectType::manifest, "payload");
  EXPECT_EQ(sealer_.open(ObjectType::index, object).error().kind, ErrorKind::corrupt);
  const Sealer elsewhere(id_of('j'), one_root(), GetParam(), random_);
  EXPECT_EQ(elsewhere.open(ObjectType::manifest, object).error().kind, ErrorKind::corrupt);
  const Sealer other_root(id_of('i'), one_root('s'), GetParam(), random_);
  EXPECT_EQ(other_root.open(ObjectType::manifest, object).error().kind, ErrorKind::corrupt);
  // The type is bound by the seal as well, not by its byte alone.
  Bytes forged = object;
  forged[10] = static_cast<char>(ObjectType::index);
  EXPECT_FALSE(sealer_.open(ObjectType::index, forged));
}

TEST_P(SealerTest, NeverSealsTwiceAlike) {
  std::set<Bytes> seen;
  for (int i = 0; i < 1000; ++i)
    EXPECT_TRUE(seen.insert(sealer_.seal(ObjectType::manifest, "payload").substr(32)).second);
}

TEST_P(SealerTest, ReadsEveryGenerationAndSealsWithTheNewest) {
  const Bytes old_object = sealer_.seal(ObjectType::manifest, "old");
  Roots roots = one_root();
  roots.push_back(Secret(std::string(kRootBytes, 'n')));
  const Sealer newer(id_of('i'), roots, GetParam(), random_);
  EXPECT_EQ(newer.open(ObjectType::manifest, old_object)->payload, "old");
  const Bytes object = newer.seal(ObjectType::manifest, "new");
  EXPECT_EQ(newer.open(ObjectType::manifest, object)->header.generation, 2u);
  EXPECT_EQ(sealer_.open(ObjectType::manifest, object).error().kind, ErrorKind::denied);
  EXPECT_EQ(newer.chunk_id("rows"), sealer_.chunk_id("rows"));
}

TEST_P(SealerTest, PartsOpenOnlyInTheirPlace) {
  const ObjectSeal seal = sealer_.begin(ObjectType::pack);
  Bytes first;
  seal.seal(0, {}, "rows", first);
  const auto again = sealer_.resume(seal.header());
  ASSERT_TRUE(again);
  EXPECT_EQ(*again->open(0, {}, first), "rows");
  EXPECT_FALSE(again->open(1, {}, first));
  EXPECT_FALSE(again->open(0, "aad", first));
}

TEST(Sealer, SaysNewerWhereItMeansNewer) {
  test::ForetoldRandom random;
  const Sealer sealer(id_of('i'), one_root(), crypto::Suite::aes256_gcm, random);
  const Bytes object = sealer.seal(ObjectType::manifest, "payload");
  for (const std::size_t at : {8, 9, 11}) {
    Bytes newer = object;
    newer[at] = 9;
    EXPECT_EQ(sealer.open(ObjectType::manifest, newer).error().kind, ErrorKind::unsupported) << at;
  }
}

TEST(Sealer, TheBytesOfVersionOneStayAsTheyAre) {
  // A golden object: whoever changes this has changed the format.
  test::ForetoldRandom random;
  const Sealer sealer(id_of('i'), one_root(), crypto::Suite::aes256_gcm, random);
  EXPECT_EQ(to_hex(sealer.seal(ObjectType::manifest, "payload")),
            "544944454d41524b0101060001000000696969696969696969696969696969691a30d3c0635d49b5"
            "a0171067701f1cac41ceaa184e3d080e36335b3eb48db685972a62a5bf6b0fc3e9cba27aa5fff34c"
            "5c61611a0755ee");
  EXPECT_EQ(sealer.chunk_id("rows").hex(),
            "b6903527636256cb4e93ab20e07a753f8a2a0e0ef21f17865c9044d080b2497e");
}

TEST(Ids, ReadTheirOwnHex) {
  const ObjectName name = name_of("bytes");
  EXPECT_EQ(ObjectName::from_hex(name.hex()), name);
  EXPECT_FALSE(ObjectName::from_hex(name.hex().substr(1)));
  EXPECT_FALSE(ObjectName::from_hex("G" + name.hex().substr(1)));
  EXPECT_FALSE(ObjectName::from_hex("A" + name.hex().substr(1)));
}

}  // namespace
}  // namespace tidemark::repo
