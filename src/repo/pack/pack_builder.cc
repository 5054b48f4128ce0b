#include "repo/pack/pack_builder.h"

#include "repo/limits.h"
#include "repo/pack/pack_footer.h"

namespace tidemark::repo {
namespace {

constexpr std::size_t kEntryBytesMax = kPackEntryBytesMin + kBasesMax * ChunkId::kBytes;
// So that target, one more chunk and the index always fit.
static_assert(kPackTargetBytes + kStoredChunkBytesMax + kPackIndexBytesMax < kPackBytesMax);

}  // namespace

PackBuilder::PackBuilder(const Sealer& sealer)
    : seal_(sealer.begin(ObjectType::pack)), object_(seal_.header_bytes()) {}

bool PackBuilder::room() const {
  return object_.size() < kPackTargetBytes && entries_.size() < kPackChunksMax &&
         index_.size() + kEntryBytesMax <= kPackIndexBytesMax;
}

void PackBuilder::add(PackEntry entry, ByteView encoded) {
  CHECK(room());
  const std::size_t at = object_.size();
  seal_.seal(entries_.size(), {}, encoded, object_);
  const ByteView sealed = ByteView(object_).substr(at);
  CHECK(sealed.size() <= kStoredChunkBytesMax);
  // A bit that flips in memory here would be stored for years, well authenticated.
  const auto opened = seal_.open(entries_.size(), {}, sealed);
  CHECK(opened && *opened == encoded);
  entry.stored_bytes = static_cast<std::uint32_t>(sealed.size());
  put_entry(index_, entry);
  entries_.push_back(std::move(entry));
}

BuiltPack PackBuilder::finish() {
  CHECK(!empty());
  const Bytes footer = encode_footer(
      {.index_bytes = static_cast<std::uint32_t>(index_.size() + crypto::kAeadTagBytes),
       .chunk_count = static_cast<std::uint32_t>(entries_.size())});
  seal_.seal(kPackIndexCounter, footer, index_, object_);
  object_ += footer;
  CHECK(object_.size() <= kPackBytesMax);
  return {.facts = {.name = name_of(object_),
                    .header = seal_.header(),
                    .bytes = static_cast<std::uint32_t>(object_.size()),
                    .entries = std::move(entries_)},
          .object = std::move(object_)};
}

}  // namespace tidemark::repo
