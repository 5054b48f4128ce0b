#include "files/gunzip.h"

#include <utility>

#include <zlib.h>

namespace tidemark::files {
namespace {

constexpr std::size_t kBufferBytes = 256u << 10;
constexpr int kGzipAlone = 15 + 16;  // the largest window; no zlib header (zlib.h, inflateInit2)
constexpr std::size_t kBiteBytes = 1u << 20;  // zlib counts in 32 bits

Error broken(std::string_view what) { return Error{ErrorKind::corrupt, std::string(what)}; }

}  // namespace

void Gunzip::End::operator()(z_stream_s* stream) const {
  ::inflateEnd(stream);
  delete stream;
}

Gunzip::Gunzip() : stream_(new z_stream_s{}), buffer_(kBufferBytes, '\0') {
  CHECK(::inflateInit2(stream_.get(), kGzipAlone) == Z_OK);
}

Status Gunzip::add(ByteView bytes, const Sink& sink) {
  while (!bytes.empty()) {
    const ByteView bite = bytes.substr(0, kBiteBytes);
    bytes.remove_prefix(bite.size());
    // zlib does not write there; its interface is older than const.
    stream_->next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bite.data()));
    stream_->avail_in = static_cast<uInt>(bite.size());
    bool full = false;  // then there may be more, though nothing is left to read
    while (stream_->avail_in > 0 || full) {
      // Files of several members are allowed: each is a file of its own behind the other.
      if (std::exchange(ended_, false)) CHECK(::inflateReset(stream_.get()) == Z_OK);
      stream_->next_out = reinterpret_cast<Bytef*>(buffer_.data());
      stream_->avail_out = static_cast<uInt>(buffer_.size());
      const int outcome = ::inflate(stream_.get(), Z_NO_FLUSH);
      if (outcome == Z_BUF_ERROR) break;  // it waits for more
      if (outcome != Z_OK && outcome != Z_STREAM_END) return broken("it is no sound gzip file");
      ended_ = outcome == Z_STREAM_END;
      full = !ended_ && stream_->avail_out == 0;
      TRY(sink(ByteView(buffer_).substr(0, buffer_.size() - stream_->avail_out)));
    }
  }
  return Done{};
}

Status Gunzip::finish() const {
  if (ended_) return Done{};
  return broken("it ends before its end");
}

}  // namespace tidemark::files
