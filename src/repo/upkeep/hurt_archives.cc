#include "repo/upkeep/hurt_archives.h"

#include <algorithm>

#include "repo/index/reachable.h"
#include "repo/lasting.h"
#include "repo/upkeep/live_set.h"

namespace tidemark::repo {
namespace {

using Unusable = std::function<bool(const ChunkPlace&)>;

class Look {
 public:
  Look(Repository& repository, const Unusable& unusable)
      : repository_(repository), reachable_(repository.index(), [this, &unusable](const auto& at) {
          return std::binary_search(present_.begin(), present_.end(), at.pack) &&
                 !(unusable && unusable(at));
        }) {}

  Result<Needs> run() {
    // Archives before packs, packs before the index: what an archive that we see needs was there
    // before it.
    const History history = TRY(repository_.history());
    present_ = TRY(names_of(repository_.access().store, ObjectType::pack));
    TRY(repository_.index().refresh());
    for (const auto& [name, archive] : history.archives) TRY(look_at(name));
    needs_.chunks = sound_.size();
    return std::move(needs_);
  }

 private:
  Status look_at(const ObjectName& name) {
    const auto manifest = repository_.load(name);
    // Removed beside us; one that is missing is for the history to say.
    if (!manifest && manifest.error().kind == ErrorKind::not_found) return Done{};
    if (!manifest) return manifest.error();
    for (const Stream& stream : manifest->streams) {
      std::uint64_t lost = 0;
      for (const ChunkReference& reference : stream.references)
        lost += TRY(lost_of(stream, reference.id));
      if (lost > 0) needs_.hurt[name][stream.name] = lost;
    }
    return Done{};
  }

  // How many chunks cannot be had of what one reference names.
  Result<std::uint64_t> lost_of(const Stream& stream, const ChunkId& id) {
    if (!TRY(there(id))) return std::uint64_t{1};
    if (stream.level == 0 || sound_lists_.contains(id)) return std::uint64_t{0};
    const auto plain = repository_.read_chunk(id);
    if (!plain && !lasting(plain.error())) return plain.error();
    const auto chunks = plain ? decode_references(*plain) : plain.error();
    if (!chunks) {
      needs_.findings.push_back(chunks.error());
      return std::uint64_t{1};
    }
    std::uint64_t lost = 0;
    for (const ChunkReference& chunk : *chunks) lost += TRY(there(chunk.id)) ? 0 : 1;
    if (lost == 0) sound_lists_.insert(id);
    return lost;
  }

  // Whether some pack that is there has the chunk, and so on for its bases.
  Result<bool> there(const ChunkId& id) {
    if (sound_.contains(id)) return true;
    if (!TRY(reachable_.place(id))) return false;
    sound_.add(id);
    return true;
  }

  Repository& repository_;
  Needs needs_;
  std::vector<ObjectName> present_;  // packs, ascending
  Reachable reachable_;
  LiveSet sound_;
  ListsRead sound_lists_;
};

}  // namespace

Result<Needs> find_needs(Repository& repository, const Unusable& unusable) {
  Needs first = TRY(Look(repository, unusable).run());
  if (first.hurt.empty()) return first;
  Needs second = TRY(Look(repository, unusable).run());
  std::erase_if(second.hurt,
                [&](const auto& archive) { return !first.hurt.contains(archive.first); });
  return second;
}

}  // namespace tidemark::repo
