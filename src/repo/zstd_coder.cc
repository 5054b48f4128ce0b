#include "repo/zstd_coder.h"

#include "repo/zstd.h"

namespace tidemark::repo {
namespace {

class Text final : public DecodedChunk {
 public:
  explicit Text(Bytes text) : text_(std::move(text)) {}

  Bytes text() const override { return text_; }
  std::size_t memory_bytes() const override { return text_.size(); }

 private:
  Bytes text_;
};

Bytes joined(const std::vector<SharedChunk>& bases) {
  Bytes all;
  for (const SharedChunk& base : bases) all += base->text();
  return all;
}

}  // namespace

Result<Encoded> ZstdCoder::encode(ByteView plain, const std::vector<SharedChunk>& bases) {
  const Bytes prefix = joined(bases);
  Encoded encoded{zstd_compress(plain, level_), false};
  if (!prefix.empty()) {
    Bytes difference = zstd_compress(plain, level_, prefix);
    if (difference.size() < encoded.bytes.size()) encoded = {std::move(difference), true};
  }
  const Bytes restored = TRY(zstd_decompress(encoded.bytes, plain.size(),
                                             encoded.uses_bases ? ByteView(prefix) : ByteView()));
  if (restored != plain) return Error{ErrorKind::corrupt, "a chunk was compressed wrongly"};
  return encoded;
}

Result<SharedChunk> ZstdCoder::decode(ByteView encoded, const std::vector<SharedChunk>& bases,
                                      std::size_t plain_bytes) {
  Bytes text = TRY(zstd_decompress(encoded, plain_bytes, joined(bases)));
  return SharedChunk(std::make_shared<const Text>(std::move(text)));
}

}  // namespace tidemark::repo
