#include "repo/upkeep/stats.h"

#include <algorithm>

#include "repo/upkeep/live_set.h"

namespace tidemark::repo {
namespace {

// Counts a chunk and its bases, unless an archive before needed them.
Status add_chunk(Repository& repository, const ChunkId& id, LiveSet& counted, ArchiveStats& stats) {
  std::vector<ChunkId> open{id};
  while (!open.empty()) {
    const ChunkId next = open.back();
    open.pop_back();
    if (!counted.add(next)) continue;
    const auto places = TRY(repository.index().find(next));
    if (places.empty()) continue;  // check says what is missing
    ++stats.added_chunks;
    stats.added_bytes += places.front().entry.stored_bytes;
    const auto& bases = places.front().entry.bases;
    open.insert(open.end(), bases.begin(), bases.end());
  }
  return Done{};
}

}  // namespace

Result<Stats> stats(Repository& repository) {
  Stats stats;
  TRY(repository.index().refresh());
  const History history = TRY(repository.history());
  for (const auto& [name, archive] : history.archives) stats.archives.push_back({archive});
  std::sort(stats.archives.begin(), stats.archives.end(),
            [](const ArchiveStats& left, const ArchiveStats& right) {
              return std::tie(left.archive.sequence, left.archive.name) <
                     std::tie(right.archive.sequence, right.archive.name);
            });
  LiveSet counted;
  for (ArchiveStats& archive : stats.archives) {
    const Manifest manifest = TRY(repository.load(archive.archive.name));
    LiveSet own;
    ListsRead lists;
    const auto count = [&](const Stream&, const ChunkId& id) -> Status {
      if (own.add(id)) ++archive.chunks;
      return add_chunk(repository, id, counted, archive);
    };
    TRY(for_each_named_chunk(repository, manifest, lists, count));
    stats.plain_bytes += archive.archive.bytes;
    stats.live_bytes += archive.added_bytes;
  }
  TRY(list_named(repository.access().store, ObjectType::pack,
                 [&](const ObjectName&, const ObjectInfo& info) -> Status {
                   ++stats.packs;
                   stats.pack_bytes += info.size;
                   return Done{};
                 }));
  return stats;
}

}  // namespace tidemark::repo
