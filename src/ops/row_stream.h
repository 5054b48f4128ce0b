// RowStream: the rows of one table on their way into the repository, in parts that several lanes
// take at a time.
//
// The parts are ranges of the table's pages; their chunks stand in the stream one after the other,
// so the rows are in the order of the table whoever read which part. A range begins at the same
// page every day, and a chunk begins there, so that each part finds the one of the last archive.
#pragma once

#include <map>
#include <mutex>
#include <optional>

#include "base/follower.h"
#include "ops/row_checksum.h"
#include "postgres/dump/tables.h"
#include "repo/chunk/predecessors.h"
#include "repo/chunk/row_cutter.h"
#include "repo/writer.h"

namespace tidemark::ops {

// The last archive of that name, if there is one.
Result<std::optional<repo::Manifest>> last_archive(repo::Repository& repository,
                                                   const std::string& source);

// Its streams by their names.
using Yesterday = std::map<std::string, repo::Stream, std::less<>>;

Yesterday streams_of(repo::Manifest manifest);

// Those of the last archive, or none.
Result<Yesterday> find_yesterday(repo::Repository& repository, const std::string& source);

class RowStream {
 public:
  // name and meta of `stream` are those of the new one. Borrows all but the stream.
  RowStream(repo::Repository& repository, repo::Writer& writer, const Yesterday& yesterday,
            repo::Stream stream, std::vector<postgres::PageRange> ranges = {{}});

  const std::vector<postgres::PageRange>& ranges() const { return ranges_; }

 private:
  friend class RowPart;

  // The chunks of the last archive that a range is probably made of.
  struct OldChunks {
    std::vector<repo::ChunkId> ids;
    std::vector<repo::ChunkSpan> spans;
  };
  struct StoredPart {
    std::vector<repo::ChunkReference> references;
    RowChecksum checksum;
    std::uint64_t bytes = 0;
  };

  OldChunks old_chunks(std::size_t range);
  void read_old();
  Result<bool> add(std::size_t range, StoredPart part);

  repo::Repository& repository_;
  repo::Writer& writer_;
  const repo::Stream* const yesterday_;  // null: it is new
  const std::vector<postgres::PageRange> ranges_;
  std::once_flag old_read_;
  std::vector<repo::ChunkReference> old_;
  std::vector<std::optional<std::size_t>> old_starts_;  // where each range began
  std::mutex mutex_;                                    // of what follows
  repo::Stream stream_;
  std::vector<StoredPart> parts_;
  std::size_t parts_left_;
};

// One range of it, by one lane. Chunks that are new are stored beside those of the last archive
// that they resemble. What cannot be known of that costs space, never the archive.
//
// Rows are cut on a thread of their own and chunks stored on another: the server goes on sending
// rows meanwhile.
class RowPart {
 public:
  RowPart(RowStream& stream, std::size_t range);
  RowPart(const RowPart&) = delete;
  RowPart& operator=(const RowPart&) = delete;

  Status add(ByteView rows);

  // expected: how many rows there were, by whoever gave them. True when this was the last part that
  // was missing, and the stream is complete.
  Result<bool> finish(std::uint64_t expected);

 private:
  Status cut(ByteView rows);
  Status take(const repo::CutChunk& chunk);
  Status store(ByteView bytes, std::uint64_t start_mark, const std::vector<repo::ChunkId>& bases);

  RowStream& stream_;
  const std::size_t range_;
  const RowStream::OldChunks old_;
  repo::Predecessors predecessors_;
  RowStream::StoredPart stored_;
  bool finishing_ = false;
  bool first_ = true;
  Bytes held_;         // the rows that came last
  bool more_ = false;  // than those
  repo::RowCutter cutter_;
  Follower storing_;
  Follower cutting_;  // last, so that each ends before what it uses
};

}  // namespace tidemark::ops
