#include "repo/object_cache.h"

#include "base/file.h"
#include "base/log.h"
#include "repo/objects.h"

namespace tidemark::repo {

std::optional<Bytes> ObjectCache::find(const ObjectName& name, std::size_t bytes_max) const {
  Result<Bytes> object = read_file(path_of(name), bytes_max);
  if (!object || name_of(*object) != name) return {};
  return *std::move(object);
}

void ObjectCache::keep(const ObjectName& name, ByteView object) const {
  const Status kept = replace_file(path_of(name), object, 0600);
  if (!kept) log::warning("the local cache cannot be written", {{"reason", kept.error().message}});
}

}  // namespace tidemark::repo
