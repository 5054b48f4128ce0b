// Zstandard frames without their magic number, compressed and restored whole.
//
// Owns one context for each direction, which are dear to make: keep one object a thread. What a
// frame restores to is known and bounded before it is read: the caller gives the exact size.
#pragma once

#include <memory>

#include "base/bytes.h"
#include "base/result.h"

struct ZSTD_CCtx_s;
struct ZSTD_DCtx_s;

namespace tidemark::repo {

class ZstdFrames {
 public:
  ZstdFrames();

  // Appends the frame to out and returns its size. What is like the prefix costs next to nothing.
  std::size_t compress(ByteView plain, int level, Bytes& out, ByteView prefix = {});

  // Fills exactly size bytes at out. Fails with corrupt.
  Status restore(ByteView frame, char* out, std::size_t size, ByteView prefix = {});

 private:
  struct Free {
    void operator()(ZSTD_CCtx_s* context) const;
    void operator()(ZSTD_DCtx_s* context) const;
  };
  std::unique_ptr<ZSTD_CCtx_s, Free> compressor_;
  std::unique_ptr<ZSTD_DCtx_s, Free> restorer_;
  Bytes scratch_;
};

}  // namespace tidemark::repo
