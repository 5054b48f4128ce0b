#include "repo/access.h"

#include <algorithm>

namespace tidemark::repo {
namespace {

bool named_in(const std::vector<ObjectName>& names, const ObjectName& name) {
  return std::binary_search(names.begin(), names.end(), name);
}

bool worth_keeping(ObjectType type) {
  return type == ObjectType::index || type == ObjectType::manifest;
}

}  // namespace

bool Access::counts(ObjectType type, const ObjectName& name, const Header& header) const {
  if (header.generation == sealer.generation()) return true;
  if (type == ObjectType::manifest) return named_in(ring.manifests, name);
  if (type == ObjectType::index) return named_in(ring.indexes, name);
  // A forged hold or distrust only keeps things and stores them twice; one that a re-key made void
  // would let them go.
  return type == ObjectType::pack || type == ObjectType::hold || type == ObjectType::distrust;
}

Result<ObjectName> Access::put(ObjectType type, ByteView payload) const {
  const Bytes object = sealer.seal(type, payload);
  const ObjectName name = TRY(put_named(store, type, object));
  if (cache != nullptr && worth_keeping(type)) cache->keep(name, object);
  return name;
}

Result<std::optional<Bytes>> Access::open(ObjectType type, const ObjectName& name,
                                          std::size_t bytes_max) const {
  std::optional<Bytes> object;
  if (cache != nullptr && worth_keeping(type)) object = cache->find(name, bytes_max);
  const bool cached = object.has_value();
  if (!cached) object = TRY(get_named(store, type, name, bytes_max));
  Result<Opened> opened = sealer.open(type, *object);
  if (!opened) return in_context(shown(type, name), opened.error());
  if (!counts(type, name, opened->header)) return std::optional<Bytes>();
  if (!cached && cache != nullptr && worth_keeping(type)) cache->keep(name, *object);
  return std::optional(std::move(opened->payload));
}

}  // namespace tidemark::repo
