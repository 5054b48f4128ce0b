#include "ops/row_stream.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/log.h"
#include "repo/chunk/content_hash.h"

namespace tidemark::ops {
namespace {

// How much further than its share of the old chunks a range may look for its own.
constexpr std::size_t kMargin = 8;
constexpr std::size_t kChunksWaitingMax = 2;
constexpr std::size_t kBlocksWaitingMax = 2;

// The mark at which the first chunk of a range starts.
std::uint64_t mark_of(const postgres::PageRange& range) {
  if (range.first == 0) return repo::kTableStartMark;
  return repo::content_hash(fmt::format("page {}", range.first));
}

const repo::Stream* find(const Yesterday& yesterday, const std::string& name) {
  const auto found = yesterday.find(name);
  return found == yesterday.end() ? nullptr : &found->second;
}

}  // namespace

Result<std::optional<repo::Manifest>> last_archive(repo::Repository& repository,
                                                   const std::string& source) {
  const repo::History history = TRY(repository.history());
  const repo::Archive* newest = nullptr;
  for (const auto& [name, archive] : history.archives)
    if (archive.source == source && (newest == nullptr || archive.sequence > newest->sequence))
      newest = &archive;
  if (newest == nullptr) return std::optional<repo::Manifest>();
  return std::optional(TRY(repository.load(newest->name)));
}

Yesterday streams_of(repo::Manifest manifest) {
  Yesterday streams;
  for (repo::Stream& stream : manifest.streams) streams.emplace(stream.name, std::move(stream));
  return streams;
}

Result<Yesterday> find_yesterday(repo::Repository& repository, const std::string& source) {
  auto last = TRY(last_archive(repository, source));
  return last ? streams_of(std::move(*last)) : Yesterday();
}

RowStream::RowStream(repo::Repository& repository, repo::Writer& writer, const Yesterday& yesterday,
                     repo::Stream stream, std::vector<postgres::PageRange> ranges)
    : repository_(repository),
      writer_(writer),
      yesterday_(find(yesterday, stream.name)),
      ranges_(std::move(ranges)),
      stream_(std::move(stream)),
      parts_(ranges_.size()),
      parts_left_(ranges_.size()) {}

void RowStream::read_old() {
  old_starts_.resize(ranges_.size());
  if (yesterday_ == nullptr) return;
  auto references = repository_.references(*yesterday_);
  if (!references) {
    log::warning(
        fmt::format("{} is stored anew: {}", yesterday_->name, references.error().message));
    return;
  }
  old_ = *std::move(references);
  std::map<std::uint64_t, std::size_t> range_at;
  for (std::size_t range = 0; range < ranges_.size(); ++range)
    range_at.emplace(mark_of(ranges_[range]), range);
  for (std::size_t i = 0; i < old_.size(); ++i)
    if (const auto range = range_at.find(old_[i].mark);
        range != range_at.end() && !old_starts_[range->second])
      old_starts_[range->second] = i;
}

RowStream::OldChunks RowStream::old_chunks(std::size_t range) {
  std::call_once(old_read_, [this] { read_old(); });
  // A range that did not begin there yesterday lies about where its share of the pages is.
  const std::size_t share = old_.size() / ranges_.size() + 1;
  const std::size_t about = share * range - std::min(share * range, kMargin);
  const std::size_t begin = std::min(old_starts_[range].value_or(about), old_.size());
  std::size_t end = old_.size();
  if (range + 1 < ranges_.size())
    end = old_starts_[range + 1].value_or(std::min(begin + 2 * share + kMargin, old_.size()));
  OldChunks chunks;
  for (std::size_t i = begin; i < end; ++i) {
    const auto places = repository_.index().find(old_[i].id);
    const std::uint64_t bytes =
        places && !places->empty() ? places->front().entry.plain_bytes : repo::kMiB;
    // A chunk ends where the next one starts.
    const std::uint64_t end_mark = i + 1 < old_.size() ? old_[i + 1].mark : ~std::uint64_t{0};
    chunks.ids.push_back(old_[i].id);
    chunks.spans.push_back({old_[i].mark, end_mark, bytes});
  }
  return chunks;
}

Result<bool> RowStream::add(std::size_t range, StoredPart part) {
  const std::lock_guard lock(mutex_);
  parts_[range] = std::move(part);
  if (--parts_left_ > 0) return false;
  std::vector<repo::ChunkReference> references;
  RowChecksum checksum;
  for (StoredPart& one : parts_) {
    references.insert(references.end(), one.references.begin(), one.references.end());
    checksum.add(one.checksum);
    stream_.bytes += one.bytes;
  }
  stream_.rows = checksum.rows();
  stream_.checksum = checksum.digest();
  parts_.clear();
  old_ = {};
  TRY(writer_.add_stream(std::move(stream_), references));
  return true;
}

RowPart::RowPart(RowStream& stream, std::size_t range)
    : stream_(stream),
      range_(range),
      old_(stream.old_chunks(range)),
      predecessors_(old_.spans),
      cutter_(
          {}, [this](const repo::CutChunk& chunk) { return take(chunk); },
          mark_of(stream.ranges_[range])),
      storing_(kChunksWaitingMax),
      cutting_(kBlocksWaitingMax) {}

// Most tables are one block, for which nobody else is worth waking.
Status RowPart::add(ByteView rows) {
  Bytes before = std::exchange(held_, Bytes(rows));
  if (before.empty()) return Done{};
  more_ = true;
  return cutting_.add([this, block = std::move(before)] { return cut(block); });
}

Status RowPart::cut(ByteView rows) {
  stored_.checksum.add(rows);
  return cutter_.add(rows);
}

Status RowPart::take(const repo::CutChunk& chunk) {
  repo::ChunkSpan span{chunk.start_mark, chunk.end_mark, chunk.bytes.size()};
  // Where the next range begins, whatever row comes before it.
  if (finishing_ && range_ + 1 < stream_.ranges_.size())
    span.end_mark = mark_of(stream_.ranges_[range_ + 1]);
  const repo::PredecessorRange near = predecessors_.find(span);
  const auto first = old_.ids.begin() + static_cast<std::ptrdiff_t>(near.first);
  std::vector<repo::ChunkId> bases(first, first + static_cast<std::ptrdiff_t>(near.count));
  stored_.bytes += chunk.bytes.size();
  // Most tables are one chunk, for which nobody else is worth waking.
  if (std::exchange(first_, false) && finishing_)
    return store(chunk.bytes, chunk.start_mark, bases);
  return storing_.add([this, bytes = Bytes(chunk.bytes), mark = chunk.start_mark,
                       bases = std::move(bases)] { return store(bytes, mark, bases); });
}

Status RowPart::store(ByteView bytes, std::uint64_t start_mark,
                      const std::vector<repo::ChunkId>& bases) {
  stored_.references.push_back({TRY(stream_.writer_.add_chunk(bytes, bases)), start_mark});
  return Done{};
}

Result<bool> RowPart::finish(std::uint64_t expected) {
  if (more_) TRY(cutting_.finish());
  TRY(cut(held_));
  finishing_ = true;
  TRY(cutter_.finish());
  TRY(storing_.finish());
  if (stored_.checksum.rows() == expected) return stream_.add(range_, std::move(stored_));
  return Error{ErrorKind::corrupt, fmt::format("{} rows came, and the server counted {}",
                                               stored_.checksum.rows(), expected)};
}

}  // namespace tidemark::ops
