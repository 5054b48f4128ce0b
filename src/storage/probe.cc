#include "storage/probe.h"

#include <string>

#include <fmt/format.h>

namespace tidemark::storage {
namespace {

constexpr std::string_view kBody = "Tidemark tries what this store does. This may be removed.\n";

Error broken(const ObjectStore& store, std::string_view what) {
  return Error{ErrorKind::unsupported, fmt::format("{} {}", store.describe(), what),
               "Keep the repository on another store: this one could lose it."};
}

Status expect_reading(ObjectStore& store, std::string_view key) {
  const Bytes whole = TRY(store.get(key));
  const Bytes part = TRY(store.get(key, ByteRange{9, 5}));
  const ObjectInfo info = TRY(store.stat(key));
  if (whole != kBody || part != kBody.substr(9, 5) || info.size != kBody.size())
    return broken(store, "gave back other bytes than were stored");
  return Done{};
}

Status expect_create_only(ObjectStore& store, std::string_view key) {
  const Status again = store.put(key, "another", PutMode::create_only);
  if (again)
    return broken(store, "overwrote an object that was to be created only (If-None-Match)");
  if (again.error().kind != ErrorKind::already_exists) return again.error();
  return expect_reading(store, key);
}

Status expect_listed(ObjectStore& store, std::string_view key, bool present) {
  int seen = 0;
  TRY(store.list(key, [&](const ObjectInfo& object) -> Status {
    if (object.key == key) ++seen;
    return Done{};
  }));
  if (seen == (present ? 1 : 0)) return Done{};
  return broken(
      store, present ? "did not list an object that it has" : "listed an object that was removed");
}

Status expect_removed(ObjectStore& store, std::string_view key) {
  const Status removed = store.remove(key);
  if (!removed && removed.error().kind == ErrorKind::denied) return Done{};
  if (!removed) return removed;
  const Result<ObjectInfo> info = store.stat(key);
  if (info) return broken(store, "still has an object that was removed");
  if (info.error().kind != ErrorKind::not_found) return info.error();
  return expect_listed(store, key, false);
}

}  // namespace

Status probe_store(ObjectStore& store, std::string_view key) {
  TRY(store.put(key, kBody, PutMode::create_only));
  Status kept = expect_reading(store, key);
  if (kept) kept = expect_create_only(store, key);
  if (kept) kept = expect_listed(store, key, true);
  const Status removed = expect_removed(store, key);
  return kept ? removed : kept;
}

}  // namespace tidemark::storage
