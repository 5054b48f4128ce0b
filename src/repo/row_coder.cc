#include "repo/row_coder.h"

#include "repo/limits.h"

namespace tidemark::repo {
namespace {

static_assert(kPlainChunkBytesMax == kChunkBytesMax);

class Rows final : public DecodedChunk {
 public:
  explicit Rows(RowSet rows) : rows_(std::move(rows)), bytes_(rows_.bytes()) {}

  Bytes text() const override { return rows_.text(); }
  std::size_t memory_bytes() const override { return bytes_ + rows_.rows().size_bytes(); }
  std::uint64_t bytes() const { return bytes_; }
  const RowSet& rows() const { return rows_; }

 private:
  RowSet rows_;
  std::uint64_t bytes_;
};

const Rows& rows_of(const SharedChunk& chunk) {
  const auto* rows = dynamic_cast<const Rows*>(chunk.get());
  CHECK(rows != nullptr);  // each coder is given back what it made
  return *rows;
}

// Nothing when they are more than a reference may be.
RowSet joined(const std::vector<SharedChunk>& bases) {
  if (bases.size() == 1) return rows_of(bases[0]).rows();
  RowSet all;
  std::uint64_t bytes = 0;
  for (const SharedChunk& base : bases) {
    bytes += rows_of(base).bytes();
    if (bytes > kReferenceBytesMax) return {};
    all.append(rows_of(base).rows());
  }
  return all;
}

}  // namespace

// One codec for the time of a call.
class RowCoder::Loan {
 public:
  explicit Loan(RowCoder& lender) : lender_(lender) {
    const std::lock_guard lock(lender_.mutex_);
    if (lender_.idle_.empty()) {
      codec_ = std::make_unique<ChunkCodec>(lender_.options_);
    } else {
      codec_ = std::move(lender_.idle_.back());
      lender_.idle_.pop_back();
    }
  }
  ~Loan() {
    const std::lock_guard lock(lender_.mutex_);
    lender_.idle_.push_back(std::move(codec_));
  }
  Loan(const Loan&) = delete;
  Loan& operator=(const Loan&) = delete;

  ChunkCodec* operator->() { return codec_.get(); }

 private:
  RowCoder& lender_;
  std::unique_ptr<ChunkCodec> codec_;
};

Result<Encoded> RowCoder::encode(ByteView plain, const std::vector<SharedChunk>& bases) {
  Loan codec(*this);
  Encoded encoded;
  encoded.bytes = TRY(codec->encode(plain, joined(bases)));
  encoded.uses_bases = TRY(read_chunk_head(encoded.bytes)).needs_reference();
  return encoded;
}

Result<SharedChunk> RowCoder::decode(ByteView encoded, const std::vector<SharedChunk>& bases,
                                     std::size_t plain_bytes) {
  Loan codec(*this);
  const ChunkHead head = TRY(read_chunk_head(encoded));
  if (head.plain_bytes != plain_bytes)
    return Error{ErrorKind::corrupt, "its length is not what the index says"};
  RowSet rows = TRY(codec->decode_rows(encoded, joined(bases)));
  return SharedChunk(std::make_shared<const Rows>(std::move(rows)));
}

}  // namespace tidemark::repo
