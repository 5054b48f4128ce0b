// ChunkIndex: which chunk is in which pack, for millions of chunks in bounded memory.
//
// In memory a chunk takes 16 bytes: the first 8 bytes of its id, and where to look. What it is
// exactly stands in the index objects, which are read again when asked for, from the local cache
// if there is one. The index only ever grows: see docs/repository-format.md#index. Thread-safe.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "repo/access.h"
#include "repo/index/index_object.h"
#include "repo/lru_cache.h"
#include "repo/pack/pack_reader.h"

namespace tidemark::repo {

class ChunkIndex {
 public:
  explicit ChunkIndex(const Access& access);  // borrowed

  // Reads the index objects that it has not read yet. One that is damaged is left out, and named in
  // damaged(): its packs can still be read by others, or found by a repair.
  Status refresh();

  // A pack that was just stored and stands in no index object yet.
  void add_pack(PackFacts pack);

  // Writes the packs added since into index objects.
  Status flush();

  // All places of a chunk, the least depth first; empty when it is unknown.
  Result<std::vector<ChunkPlace>> find(const ChunkId& id);

  // What is known of a pack; empty when the index does not have it.
  Result<std::optional<PackFacts>> pack(const ObjectName& name);

  // Calls visit for each pack, once.
  Status for_each_pack(const std::function<Status(const PackFacts&)>& visit);

  bool has_pack(const ObjectName& name) const;
  // Of the whole object; empty when the index does not have it.
  std::optional<std::uint32_t> bytes_of_pack(const ObjectName& name) const;
  std::size_t chunk_count() const;
  std::size_t memory_bytes() const;
  std::vector<ObjectName> objects() const;
  std::vector<Error> damaged() const;

 private:
  struct Slot {
    std::uint64_t prefix;
    std::uint32_t pack;
    std::uint32_t ordinal;
    friend bool operator<(const Slot& left, const Slot& right) {
      return left.prefix < right.prefix;
    }
  };
  // Where a pack's section stands; new packs have none and are in unflushed_.
  struct Pack {
    ObjectName name;
    std::uint32_t object;
    std::uint32_t offset;
    std::uint32_t bytes;  // of the pack
  };

  Status refresh_locked();
  Status read_object(const ObjectName& name);
  Result<Bytes> payload_of(const ObjectName& name);
  std::uint32_t place_pack(const PackFacts& pack, std::uint32_t object, std::uint32_t offset);
  void add_slot(Slot slot);
  void seal_tail();
  void collect(std::uint64_t prefix, std::vector<Slot>& out) const;
  // Shared by the cache and whoever looks at it.
  using SharedFacts = std::shared_ptr<const PackFacts>;

  Result<SharedFacts> facts_of(std::uint32_t pack);
  Result<SharedFacts> facts_if_there(std::uint32_t pack);
  Status flush_locked();

  const Access& access_;
  mutable std::mutex mutex_;
  std::vector<std::vector<Slot>> runs_;  // each ascending
  std::unordered_multimap<std::uint64_t, Slot> tail_;
  std::vector<Pack> packs_;
  std::unordered_map<ObjectName, std::uint32_t> pack_numbers_;
  std::vector<ObjectName> objects_;
  std::unordered_set<ObjectName> seen_;
  std::vector<Error> damaged_;
  std::unordered_map<std::uint32_t, SharedFacts> unflushed_;
  LruCache<std::uint32_t, Bytes> payloads_;
  LruCache<std::uint32_t, SharedFacts> facts_;
};

}  // namespace tidemark::repo
