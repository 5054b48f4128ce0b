#include "repo/objects.h"

#include <algorithm>

#include <fmt/format.h>

namespace tidemark::repo {
namespace {

constexpr std::size_t kShownDigits = 16;

// The name in a key, if the key is one of ours to the letter.
std::optional<ObjectName> name_in(ObjectType type, std::string_view key) {
  constexpr std::size_t kDigits = 2 * ObjectName::kBytes;
  if (key.size() < kDigits) return {};
  const auto name = ObjectName::from_hex(key.substr(key.size() - kDigits));
  if (!name || key_of(type, *name) != key) return {};
  return name;
}

}  // namespace

std::string_view folder_of(ObjectType type) {
  switch (type) {
    case ObjectType::config: return "config";
    case ObjectType::key_slot: return "keys/";
    case ObjectType::key_ring: return "keyrings/";
    case ObjectType::pack: return "packs/";
    case ObjectType::index: return "index/";
    case ObjectType::manifest: return "manifests/";
    case ObjectType::lease: return "leases/";
    case ObjectType::mark: return "marks/";
    case ObjectType::removal: return "removals/";
    case ObjectType::hold: return "holds/";
    case ObjectType::distrust: return "distrusts/";
  }
  broken_invariant("an object type", __FILE__, __LINE__);
}

std::string key_of(ObjectType type, const ObjectName& name) {
  const std::string digits = name.hex();
  std::string key(folder_of(type));
  // Local disks like folders of some thousand files better than one of a million.
  if (type == ObjectType::pack) key += digits.substr(0, 2) + "/";
  return key + digits;
}

std::string shown(ObjectType type, const ObjectName& name) {
  return fmt::format("{} {}", type_name(type), name.hex().substr(0, kShownDigits));
}

Result<ObjectName> put_named(ObjectStore& store, ObjectType type, ByteView object) {
  const ObjectName name = name_of(object);
  const std::string key = key_of(type, name);
  const Status put = store.put(key, object, storage::PutMode::create_only);
  if (!put && put.error().kind != ErrorKind::already_exists) return put.error();
  const ObjectInfo info = TRY(store.stat(key));
  if (info.size != object.size())
    return Error{ErrorKind::corrupt,
                 fmt::format("{} has {} bytes in {} after {} were stored", shown(type, name),
                             info.size, store.describe(), object.size())};
  return name;
}

Result<Bytes> get_limited(ObjectStore& store, std::string_view key, std::size_t bytes_max) {
  const ObjectInfo info = TRY(store.stat(key));
  if (info.size > bytes_max)
    return Error{ErrorKind::corrupt,
                 fmt::format("{} has {} bytes; the most is {}", key, info.size, bytes_max)};
  Bytes bytes = TRY(store.get(key));
  if (bytes.size() != info.size)
    return Error{ErrorKind::corrupt,
                 fmt::format("{} has {} bytes, and gave {}", key, info.size, bytes.size())};
  return bytes;
}

Result<Bytes> get_named(ObjectStore& store, ObjectType type, const ObjectName& name,
                        std::size_t bytes_max) {
  Result<Bytes> bytes = get_limited(store, key_of(type, name), bytes_max);
  if (!bytes) return in_context(shown(type, name), bytes.error());
  if (name_of(*bytes) != name)
    return Error{ErrorKind::corrupt,
                 fmt::format("{} is damaged: its bytes have another digest", shown(type, name))};
  return bytes;
}

Result<Opened> open_named(ObjectStore& store, const Sealer& sealer, ObjectType type,
                          const ObjectName& name, std::size_t bytes_max) {
  const Bytes bytes = TRY(get_named(store, type, name, bytes_max));
  Result<Opened> opened = sealer.open(type, bytes);
  if (!opened) return in_context(shown(type, name), opened.error());
  return opened;
}

Status list_named(ObjectStore& store, ObjectType type,
                  const std::function<Status(const ObjectName&, const ObjectInfo&)>& visit,
                  const std::function<void(const ObjectInfo&)>& foreign) {
  return store.list(folder_of(type), [&](const ObjectInfo& info) -> Status {
    const auto name = name_in(type, info.key);
    if (name) return visit(*name, info);
    if (foreign) foreign(info);
    return Done{};
  });
}

Result<std::vector<ObjectName>> names_of(ObjectStore& store, ObjectType type) {
  std::vector<ObjectName> names;
  TRY(list_named(store, type, [&](const ObjectName& name, const ObjectInfo&) -> Status {
    names.push_back(name);
    return Done{};
  }));
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

}  // namespace tidemark::repo
