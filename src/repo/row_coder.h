// RowCoder: chunks of rows by repo/codec, as typed columns and as differences of rows.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "repo/chunk_coder.h"
#include "repo/codec/chunk_codec.h"

namespace tidemark::repo {

class RowCoder final : public ChunkCoder {
 public:
  explicit RowCoder(CodecOptions options = {}) : options_(options) {}

  Result<Encoded> encode(ByteView plain, const std::vector<SharedChunk>& bases) override;
  Result<SharedChunk> decode(ByteView encoded, const std::vector<SharedChunk>& bases,
                             std::size_t plain_bytes) override;

 private:
  class Loan;

  CodecOptions options_;
  std::mutex mutex_;
  // A codec serves one thread at a time; there are as many as there have been threads at once.
  std::vector<std::unique_ptr<ChunkCodec>> idle_;
};

}  // namespace tidemark::repo
