#include <algorithm>

#include "repo/index/index_object.h"
#include "repo/lasting.h"
#include "repo/limits.h"
#include "repo/upkeep/sweep.h"

namespace tidemark::repo {
namespace {

constexpr std::size_t kObjectBytesMax = kIndexBytesMax + kSealBytes;

bool contains(const std::vector<ObjectName>& ascending, const ObjectName& name) {
  return std::binary_search(ascending.begin(), ascending.end(), name);
}

// Stores what was kept, and makes sure that it can be read.
Status put_index(const Access& access, Bytes& payload) {
  if (payload.empty()) return Done{};
  const Bytes object = access.sealer.seal(ObjectType::index, payload);
  const ObjectName name = TRY(put_named(access.store, ObjectType::index, object));
  // What is read under its digest is what was stored.
  TRY(open_named(access.store, access.sealer, ObjectType::index, name, kObjectBytesMax));
  payload.clear();
  return Done{};
}

}  // namespace

Status drop_from_index(const Access& access, const std::vector<ObjectName>& packs) {
  std::vector<ObjectName> replaced;
  Bytes kept;
  for (const ObjectName& name : TRY(names_of(access.store, ObjectType::index))) {
    const auto payload = access.open(ObjectType::index, name, kObjectBytesMax);
    // Gone by another prune, or damaged: not ours to replace.
    if (!payload && lasting(payload.error())) continue;
    if (!payload) return payload.error();
    if (!*payload) continue;
    const auto sections = TRY(decode_index(**payload, access.sealer.repository()));
    const bool touched = std::any_of(
        sections.begin(), sections.end(),
        [&](const IndexSection& section) { return contains(packs, section.pack.name); });
    if (!touched) continue;
    for (const IndexSection& section : sections) {
      if (contains(packs, section.pack.name)) continue;
      put_section(kept, section.pack);
      if (kept.size() >= kIndexTargetBytes) TRY(put_index(access, kept));
    }
    replaced.push_back(name);
  }
  TRY(put_index(access, kept));
  for (const ObjectName& name : replaced) {
    const Status removed = access.store.remove(key_of(ObjectType::index, name));
    // One that is locked stays: an index may name packs that are gone.
    if (!removed && removed.error().kind != ErrorKind::denied) return removed;
  }
  return Done{};
}

}  // namespace tidemark::repo
