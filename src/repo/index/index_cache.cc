#include "repo/index/index_cache.h"

#include "base/file.h"
#include "base/log.h"
#include "repo/limits.h"
#include "repo/seal/sealer.h"

namespace tidemark::repo {

std::optional<Bytes> IndexCache::find(const ObjectName& name) const {
  Result<Bytes> object = read_file(path_of(name), kIndexBytesMax + Header::kBytes + kMiB);
  if (!object || name_of(*object) != name) return {};
  return *std::move(object);
}

void IndexCache::keep(const ObjectName& name, ByteView object) const {
  const Status kept = replace_file(path_of(name), object, 0600);
  if (!kept) log::warning("the index cache cannot be written", {{"reason", kept.error().message}});
}

}  // namespace tidemark::repo
