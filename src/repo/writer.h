// Writer: makes one archive. Nothing of it is visible until commit() has succeeded.
//
//   auto writer = TRY(Writer::begin(repository, "host a, process 7"));
//   ChunkId id = TRY(writer->add_chunk(rows, yesterday));      // from several threads
//   TRY(writer->add_stream(stream, references));
//   ObjectName archive = TRY(writer->commit({.moment = ..., .source = "orders"}));
//
// A writer that is destroyed without commit() leaves packs that the next prune removes; call
// abandon() so that nobody waits for its lease. After any failure it cannot commit.
#pragma once

#include <atomic>

#include "repo/index/reachable.h"
#include "repo/pack/pack_queue.h"
#include "repo/repository.h"

namespace tidemark::repo {

struct WriterOptions {
  // The longest chain of differences that this writer makes; at most kChainMax.
  std::uint8_t depth_max = 48;
};

// What an archive says of itself; see Manifest.
struct ArchiveFacts {
  TimePoint moment;
  std::string source;
  std::string tool_version;
  std::map<std::string, std::string> facts;
};

struct WriterTally {
  std::uint64_t chunks_new = 0;
  std::uint64_t chunks_known = 0;
  std::uint64_t differences = 0;  // of the new ones
  std::uint64_t plain_bytes = 0;
  std::uint64_t stored_bytes = 0;  // in packs
};

class Writer {
 public:
  // Takes a lease, then looks at what the repository has. Borrows the repository.
  static Result<std::unique_ptr<Writer>> begin(Repository& repository, const std::string& owner,
                                               const WriterOptions& options = {});

  // Stores the chunk unless the repository has it. bases: chunks it probably resembles, in their
  // order, at most kBasesMax; those that cannot be relied on are not used. 1 to kPlainChunkBytesMax
  // bytes. Thread-safe.
  Result<ChunkId> add_chunk(ByteView plain, const std::vector<ChunkId>& bases = {});

  // Takes name, meta, rows, bytes and checksum from stream. Thread-safe.
  Status add_stream(Stream stream, const std::vector<ChunkReference>& references);

  // To be called every few minutes when no chunk comes: the lease lapses otherwise. Thread-safe.
  Status keep_alive() { return lease_->keep(); }

  // Stores what waits, then index, then manifest. Returns the archive's name.
  Result<ObjectName> commit(const ArchiveFacts& facts);

  Status abandon() { return lease_->release(); }

  WriterTally tally() const;

 private:
  Writer(Repository& repository, std::unique_ptr<Lease> lease, const WriterOptions& options);

  Status look_around();
  Status distrust(const std::vector<ChunkId>& damaged);
  bool reliable(const ObjectName& pack) const;
  Result<bool> known(const ChunkId& id);
  std::uint8_t last_depth(const ChunkId& id) const;
  Status add_roots(const ChunkPlace& end, std::vector<ChunkId>& roots);
  Result<std::vector<SharedChunk>> bases_for(PackEntry& entry, const std::vector<ChunkId>& wanted);
  Result<ChunkId> add_to(PackQueue& queue, ByteView plain, const std::vector<ChunkId>& bases);
  Result<Manifest> manifest_of(const ArchiveFacts& facts);
  void count(const PackEntry* stored, std::size_t plain_bytes);

  Repository& repository_;
  const Access& access_;
  WriterOptions options_;
  std::unique_ptr<Lease> lease_;
  Reachable reliable_;  // in packs that are reliable(), to the last base
  PackQueue rows_;
  PackQueue lists_;                 // apart, so that a prune that reads all lists reads little else
  std::vector<ObjectName> listed_;  // packs that were there whole at the beginning, ascending
  std::vector<ObjectName> marked_;  // packs that shall go, ascending
  std::atomic<bool> failed_ = false;
  mutable std::mutex mutex_;
  std::vector<Stream> streams_;
  WriterTally tally_;
  mutable std::mutex distrust_mutex_;
  std::unordered_set<ObjectName> distrusted_;  // packs that are known to be damaged
};

}  // namespace tidemark::repo
