// Zstandard frames of bounded size.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

namespace tidemark::repo {

// prefix: bytes that the plain ones resemble; whoever decompresses needs the same.
Bytes zstd_compress(ByteView plain, int level, ByteView prefix = {});

// Exactly plain_bytes bytes, or corrupt.
Result<Bytes> zstd_decompress(ByteView frame, std::size_t plain_bytes, ByteView prefix = {});

}  // namespace tidemark::repo
