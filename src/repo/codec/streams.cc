#include "repo/codec/streams.h"

#include <cstring>

namespace tidemark::repo {
namespace {

// How a stream is stored: the two low bits of its entry in the list. Part of the format.
enum : std::uint64_t { kPlain = 0, kOwnFrame = 1, kSharedFrame = 2 };

// Below this a stream goes into the shared frame.
constexpr std::size_t kOwnFrameBytesMin = 1024;

constexpr std::size_t kNumbers = 1;  // the stream of modelled numbers

Error damaged() { return Error{ErrorKind::corrupt, "the list of a chunk's streams is damaged"}; }

}  // namespace

std::size_t StreamWriter::plain_bytes() const {
  std::size_t sum = 0;
  for (const Bytes& stream : streams_) sum += stream.size();
  return sum;
}

void StreamWriter::write(ZstdFrames& zstd, int level, Bytes& out) {
  streams_[kNumbers] = numbers_.finish();
  Bytes shared;
  for (std::size_t i = 0; i < streams_.size(); ++i)
    if (i != kNumbers && streams_[i].size() < kOwnFrameBytesMin) shared += streams_[i];
  Bytes shared_frame;
  if (!shared.empty()) zstd.compress(shared, level, shared_frame);
  const bool share = shared_frame.size() < shared.size();

  Bytes list;
  Bytes bodies;
  for (std::size_t i = 0; i < streams_.size(); ++i) {
    const Bytes& stream = streams_[i];
    const std::uint64_t size = stream.size();
    const bool dense = i == kNumbers;  // coded already
    if (!dense && size < kOwnFrameBytesMin && share) {
      put_varint(list, size << 2 | kSharedFrame);
      continue;
    }
    const std::size_t before = bodies.size();
    if (!dense && size >= kOwnFrameBytesMin) {
      const std::size_t packed = zstd.compress(stream, level, bodies);
      if (packed < size) {
        put_varint(list, size << 2 | kOwnFrame);
        put_varint(list, packed);
        continue;
      }
      bodies.resize(before);
    }
    put_varint(list, size << 2 | kPlain);
    bodies += stream;
  }
  put_varint(out, streams_.size());
  out += list;
  out += bodies;
  if (share) out += shared_frame;
}

Result<StreamReader> StreamReader::open(ByteView stored, std::size_t plain_bytes_max,
                                        ZstdFrames& zstd) {
  struct Entry {
    std::uint64_t method;
    std::uint64_t packed;
  };
  ByteReader reader(stored);
  StreamReader result;
  const std::uint64_t count = reader.varint_up_to(kStreamsMax);
  std::vector<Entry> entries;
  std::size_t sum = 0;
  std::size_t shared = 0;
  // Streams of the shared frame stand together at the end, in their order.
  for (std::uint64_t i = 0; i < count && !reader.failed(); ++i) {
    const std::uint64_t head = reader.varint();
    const std::uint64_t size = head >> 2;
    if (size > plain_bytes_max - sum) return damaged();
    const std::uint64_t method = head & 3;
    if (method > kSharedFrame) return damaged();
    entries.push_back({method, method == kOwnFrame ? reader.varint() : size});
    result.streams_.push_back({sum, size});
    sum += size;
    if (method == kSharedFrame) shared += size;
  }
  if (reader.failed() || count < 2) return damaged();

  Bytes shared_bytes(shared, '\0');
  result.arena_ = std::make_unique_for_overwrite<char[]>(sum + kStreamSlack);
  std::memset(result.arena_.get() + sum, 0, kStreamSlack);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (entries[i].method == kSharedFrame) continue;
    const ByteView body = reader.bytes(entries[i].packed);
    if (reader.failed()) return damaged();
    char* const out = result.arena_.get() + result.streams_[i].begin;
    if (entries[i].method == kPlain)
      body.copy(out, body.size());
    else
      TRY(zstd.restore(body, out, result.streams_[i].size));
  }
  if (shared > 0)
    TRY(zstd.restore(reader.rest(), shared_bytes.data(), shared));
  else if (!reader.rest().empty())
    return damaged();
  std::size_t taken = 0;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (entries[i].method != kSharedFrame) continue;
    const auto [begin, size] = result.streams_[i];
    shared_bytes.copy(result.arena_.get() + begin, size, taken);
    taken += size;
  }
  result.head_ = ByteReader(result.stream(0));
  result.numbers_ = BitDecoder(result.stream(kNumbers));
  return result;
}

ByteView StreamReader::next() {
  if (next_ < streams_.size()) return stream(next_++);
  head_.fail();
  return {arena_.get(), 0};
}

}  // namespace tidemark::repo
