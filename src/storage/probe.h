// Whether a store keeps its promises, tried with one small object: not everything that calls itself
// S3 does, and a repository depends on each of them.
#pragma once

#include <string_view>

#include "storage/object_store.h"

namespace tidemark::storage {

// Creates, reads, lists and removes an object of that key, which nobody else uses. Fails with
// unsupported when the store did something else than it said, and with the store's own error when
// it refused. That it may not remove is no failure; the object is then left there.
Status probe_store(ObjectStore& store, std::string_view key);

}  // namespace tidemark::storage
