#include "repo/upkeep/live_set.h"

#include <algorithm>

namespace tidemark::repo {

bool LiveSet::contains(const ChunkId& id) const {
  return recent_.contains(id.prefix()) ||
         std::binary_search(sorted_.begin(), sorted_.end(), id.prefix());
}

bool LiveSet::add(const ChunkId& id) {
  if (contains(id)) return false;
  recent_.insert(id.prefix());
  // The larger the set, the rarer the merge.
  if (recent_.size() > std::max(kRecentMax, sorted_.size() / 8)) {
    const std::size_t before = sorted_.size();
    sorted_.insert(sorted_.end(), recent_.begin(), recent_.end());
    recent_.clear();
    const auto middle = sorted_.begin() + static_cast<std::ptrdiff_t>(before);
    std::sort(middle, sorted_.end());
    std::inplace_merge(sorted_.begin(), middle, sorted_.end());
  }
  return true;
}

std::size_t LiveSet::size() const { return sorted_.size() + recent_.size(); }

Status for_each_named_chunk(Repository& repository, const Manifest& manifest, ListsRead& read,
                            const std::function<Status(const Stream&, const ChunkId&)>& visit) {
  for (const Stream& stream : manifest.streams) {
    for (const ChunkReference& reference : stream.references) {
      TRY(visit(stream, reference.id));
      if (stream.level == 0 || !read.insert(reference.id).second) continue;
      const Bytes plain = TRY(repository.read_chunk(reference.id));
      for (const ChunkReference& chunk : TRY(decode_references(plain)))
        TRY(visit(stream, chunk.id));
    }
  }
  return Done{};
}

}  // namespace tidemark::repo
