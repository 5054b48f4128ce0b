// Gunzip: bytes that gzip compressed (RFC 1952), back as they come, by zlib.
//
// Holds one window and one buffer, whatever comes. Of one thread.
#pragma once

#include <functional>
#include <memory>

#include "base/bytes.h"
#include "base/result.h"

struct z_stream_s;

namespace tidemark::files {

class Gunzip {
 public:
  using Sink = std::function<Status(ByteView)>;

  Gunzip();

  // Gives to the sink what has become of them. Fails with corrupt, and as the sink does.
  Status add(ByteView bytes, const Sink& sink);

  // Fails with corrupt when it ended before its end.
  Status finish() const;

 private:
  struct End {
    void operator()(z_stream_s* stream) const;
  };
  const std::unique_ptr<z_stream_s, End> stream_;
  Bytes buffer_;        // for what comes out
  bool ended_ = false;  // a member did, and no other has begun
};

}  // namespace tidemark::files
