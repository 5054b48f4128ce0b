// Chunks that were written once can be read for ever: tests/compat/README.md.
#include <filesystem>
#include <set>

#include <gtest/gtest.h>

#include "base/file.h"
#include "repo/codec/chunk_codec.h"

namespace tidemark::repo {
namespace {

const std::filesystem::path kFolder =
    std::filesystem::path(TIDEMARK_SOURCE_DIR) / "tests/compat/chunks-v1";

Bytes read(const std::string& name) {
  const auto content = read_file(kFolder / name, kChunkBytesMax);
  return content ? *content : Bytes();
}

TEST(ChunkCompat, ReadsEveryChunkOfVersion1) {
  std::set<ChunkForm> forms;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
    if (entry.path().extension() != ".chunk") continue;
    const std::string name = entry.path().stem();
    SCOPED_TRACE(name);
    const Bytes encoded = read(name + ".chunk");
    const auto plain = ChunkCodec().decode(encoded, RowSet::of_text(read(name + ".reference")));
    ASSERT_TRUE(plain) << plain.error().message;
    EXPECT_EQ(*plain, read(name + ".plain"));
    forms.insert(read_chunk_head(encoded)->form);
  }
  EXPECT_EQ(forms.size(), 5u);
}

}  // namespace
}  // namespace tidemark::repo
