// How objects stand in the store: their keys, and reading and writing them whole.
//
// docs/repository-format.md#keys is normative. An object's name is the digest of its bytes, so
// reading one under its name proves that storage kept it, without any key.
#pragma once

#include <functional>
#include <string>

#include "repo/ids.h"
#include "repo/seal/sealer.h"
#include "storage/object_store.h"

namespace tidemark::repo {

using storage::ObjectInfo;
using storage::ObjectStore;

inline constexpr std::string_view kConfigKey = "config";

// Where objects of this type live: "index/". Config has no folder, and leases no digests.
std::string_view folder_of(ObjectType type);

std::string key_of(ObjectType type, const ObjectName& name);

// As it stands in messages: "pack 3f2a9c01...".
std::string shown(ObjectType type, const ObjectName& name);

// Creates the object under its digest and makes sure that the store has all of it. The same object
// twice is a success.
Result<ObjectName> put_named(ObjectStore& store, ObjectType type, ByteView object);

// Fails with corrupt when the bytes are not those that the name says, and with exhausted beyond
// bytes_max. Messages name the object.
Result<Bytes> get_named(ObjectStore& store, ObjectType type, const ObjectName& name,
                        std::size_t bytes_max);

// An object under any key, within a limit.
Result<Bytes> get_limited(ObjectStore& store, std::string_view key, std::size_t bytes_max);

// Reads and opens.
Result<Opened> open_named(ObjectStore& store, const Sealer& sealer, ObjectType type,
                          const ObjectName& name, std::size_t bytes_max);

// Each object of the type. What else lies in the folder goes to foreign, when there is one.
Status list_named(ObjectStore& store, ObjectType type,
                  const std::function<Status(const ObjectName&, const ObjectInfo&)>& visit,
                  const std::function<void(const ObjectInfo&)>& foreign = {});

// The names of all objects of the type, ascending.
Result<std::vector<ObjectName>> names_of(ObjectStore& store, ObjectType type);

}  // namespace tidemark::repo
