#include "repo/manifest/manifest.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "crypto/hash.h"
#include "repo/limits.h"
#include "repo/manifest/history.h"
#include "repo/zstd.h"
#include "tests/support/soak.h"

namespace tidemark::repo {
namespace {

ChunkReference reference(int number) {
  return {ChunkId::from(crypto::sha256(std::to_string(number))),
          static_cast<std::uint64_t>(number)};
}

Manifest sample() {
  Manifest manifest{.sequence = 7,
                    .previous = {name_of("a")},
                    .moment = TimePoint(Millis(1'700'000'000'000)),
                    .written = TimePoint(Millis(1'700'000'001'000)),
                    .source = "orders",
                    .tool_version = "1.0",
                    .facts = {{"database", "shop"}, {"server", "15.20"}},
                    .streams = {}};
  manifest.streams.push_back({.name = "public.a",
                              .meta = "m",
                              .rows = 3,
                              .bytes = 9,
                              .checksum = {},
                              .level = 0,
                              .references = {reference(1), reference(2)}});
  manifest.streams.push_back({.name = Bytes("odd\0name\n", 9),
                              .meta = "",
                              .rows = 0,
                              .bytes = 0,
                              .checksum = {},
                              .level = 1,
                              .references = {}});
  std::sort(manifest.streams.begin(), manifest.streams.end(),
            [](const Stream& left, const Stream& right) { return left.name < right.name; });
  return manifest;
}

TEST(Manifest, IsReadBack) {
  const auto payload = encode_manifest(sample());
  ASSERT_TRUE(payload);
  const auto decoded = decode_manifest(*payload);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(*decoded, sample());
}

TEST(Manifest, RefusesEveryTruncationOfItsPlainBytes) {
  const Bytes payload = *encode_manifest(sample());
  const auto plain_bytes = get_le<std::uint32_t>(payload.data());
  const Bytes plain = *zstd_decompress(ByteView(payload).substr(4), plain_bytes);
  const auto repacked = [](const Bytes& bytes) {
    Bytes out;
    put_le(out, static_cast<std::uint32_t>(bytes.size()));
    return out + zstd_compress(bytes, 3);
  };
  ASSERT_TRUE(decode_manifest(repacked(plain)));
  for (std::size_t length = 0; length < plain.size(); ++length)
    EXPECT_FALSE(decode_manifest(repacked(plain.substr(0, length)))) << length;
  EXPECT_FALSE(decode_manifest(repacked(plain + '\0')));
}

TEST(Manifest, RefusesSizesThatCannotBe) {
  Bytes payload = *encode_manifest(sample());
  for (const std::string size : {"\xff\xff\xff\xff", "\x00\x00\x00\x02"}) {
    payload.replace(0, 4, std::string(size.data(), 4));
    EXPECT_EQ(decode_manifest(payload).error().kind, ErrorKind::corrupt);
  }
  EXPECT_FALSE(decode_manifest(""));
  EXPECT_FALSE(decode_manifest("abc"));
}

TEST(Manifest, RefusesToWriteWhatItCouldNotRead) {
  const auto refused = [](const std::function<void(Manifest&)>& change) {
    Manifest manifest = sample();
    change(manifest);
    const auto payload = encode_manifest(manifest);
    return !payload && payload.error().kind == ErrorKind::invalid_input;
  };
  EXPECT_TRUE(refused([](Manifest& m) { m.streams[1].name = m.streams[0].name; }));
  EXPECT_TRUE(refused([](Manifest& m) { std::swap(m.streams[0], m.streams[1]); }));
  EXPECT_TRUE(refused([](Manifest& m) { m.streams[1].name.assign(kNameBytesMax + 1, 'z'); }));
  EXPECT_TRUE(refused([](Manifest& m) { m.streams[0].meta.assign(kMetaBytesMax + 1, 'z'); }));
  EXPECT_TRUE(refused([](Manifest& m) { m.source.assign(kNameBytesMax + 1, 'z'); }));
  EXPECT_TRUE(refused([](Manifest& m) { m.facts["x"].assign(kFactBytesMax + 1, 'z'); }));
  EXPECT_TRUE(refused([](Manifest& m) { m.previous.resize(kPreviousMax + 1); }));
  EXPECT_TRUE(refused([](Manifest& m) {
    for (std::size_t i = 0; i <= kFactsMax; ++i) m.facts[std::to_string(i)] = "";
  }));
}

TEST(References, ListsAreCutWhereTheyWereCutYesterday) {
  std::vector<ChunkReference> yesterday;
  for (int i = 0; i < 20'000; ++i) yesterday.push_back(reference(i));
  std::vector<ChunkReference> today = yesterday;
  today.insert(today.begin() + 9'000, reference(-1));
  const auto before = cut_references(yesterday);
  const auto after = cut_references(today);
  std::vector<ChunkReference> joined;
  int other = 0;
  for (const auto& list : after) {
    EXPECT_LE(list.size(), kListReferencesMax);
    joined.insert(joined.end(), list.begin(), list.end());
    other += std::find(before.begin(), before.end(), list) == before.end();
  }
  EXPECT_EQ(joined, today);
  EXPECT_LE(other, 2);
}

TEST(References, AreReadBackAndNothingElseIs) {
  std::vector<ChunkReference> references{reference(1), reference(2)};
  const Bytes plain = encode_references(references);
  EXPECT_EQ(*decode_references(plain), references);
  for (std::size_t length = 0; length < plain.size(); ++length)
    if (length % ChunkReference::kBytes != 0 || length == 0) {
      EXPECT_FALSE(decode_references(plain.substr(0, length)));
    }
  EXPECT_FALSE(decode_references(Bytes((kListReferencesMax + 1) * ChunkReference::kBytes, 'x')));
}

TEST(LastSeen, IsReadBackAndNothingElseIs) {
  LastSeen seen;
  seen.repository.bytes.fill('r');
  seen.heads = {name_of("a"), name_of("b")};
  const std::string text = encode_last_seen(seen);
  const auto read = decode_last_seen(text);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->repository, seen.repository);
  EXPECT_EQ(read->heads, seen.heads);
  const std::size_t without_heads = text.find('\n', text.find('\n') + 1) + 1;
  for (std::size_t length = 0; length < text.size(); ++length) {
    const bool whole_lines = length >= without_heads && text[length - 1] == '\n';
    EXPECT_EQ(static_cast<bool>(decode_last_seen(text.substr(0, length))), whole_lines) << length;
  }
}

}  // namespace
}  // namespace tidemark::repo
