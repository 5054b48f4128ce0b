#include "storage/wrap/read_only_store.h"

#include <fmt/format.h>

namespace tidemark::storage {
namespace {

Error refusal(std::string_view act, std::string_view key, const std::string& store) {
  return Error{ErrorKind::unsafe,
               fmt::format("refused to {} {}: {} was opened to read only", act, key, store)};
}

}  // namespace

Status ReadOnlyStore::put(std::string_view key, ByteView /*body*/, PutMode /*mode*/) {
  return refusal("write", key, describe());
}

Status ReadOnlyStore::remove(std::string_view key) { return refusal("remove", key, describe()); }

}  // namespace tidemark::storage
