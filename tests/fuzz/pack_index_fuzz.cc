// read_pack_facts: neither raw bytes nor a well sealed pack with any index hurt it.
#include <cstdint>

#include "crypto/random.h"
#include "repo/pack/pack_footer.h"
#include "repo/pack/pack_reader.h"

using namespace tidemark;

namespace {

class Zeros final : public crypto::RandomSource {
 public:
  std::string bytes(std::size_t count) override { return std::string(count, '\0'); }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Zeros random;
  static const repo::Sealer sealer(repo::RepositoryId{}, {Secret(std::string(32, 'r'))},
                                   crypto::Suite::aes256_gcm, random);
  const ByteView bytes(reinterpret_cast<const char*>(data), size);
  discard(repo::read_pack_facts(sealer, {}, bytes), "only that it returns is tested");
  if (size < 6) return 0;
  // The first bytes say how many chunks there shall be, and how many bytes they have.
  const auto chunk_count = get_le<std::uint16_t>(bytes.data());
  const auto chunk_bytes = get_le<std::uint32_t>(bytes.data() + 2) % 65536;
  const repo::ObjectSeal seal = sealer.begin(repo::ObjectType::pack);
  Bytes object = seal.header_bytes() + Bytes(chunk_bytes, 'c');
  const Bytes footer = repo::encode_footer(
      {.index_bytes = static_cast<std::uint32_t>(size - 6 + crypto::kAeadTagBytes),
       .chunk_count = chunk_count});
  seal.seal(repo::kPackIndexCounter, footer, bytes.substr(6), object);
  object += footer;
  const auto facts = repo::read_pack_facts(sealer, {}, object);
  if (facts) CHECK(repo::stored_bytes_of(facts->entries) == chunk_bytes);
  return 0;
}
