#include "storage/wrap/retrying_store.h"

#include <vector>

namespace tidemark::storage {

RetryingStore::RetryingStore(std::unique_ptr<ObjectStore> inner, Clock& clock,
                             std::uint64_t jitter_seed, RetryPolicy policy)
    : StoreWrapper(std::move(inner)), clock_(clock), policy_(policy), jitter_(jitter_seed) {}

template <class Attempt>
auto RetryingStore::retry(Attempt attempt) -> decltype(attempt(1)) {
  Retry retry(policy_, budget_, jitter_, clock_);
  for (;;) {
    auto outcome = attempt(retry.attempt());
    if (outcome) {
      retry.succeeded();
      return outcome;
    }
    TRY(retry.wait_after(std::move(outcome).error(), {}));
  }
}

Status RetryingStore::put(std::string_view key, ByteView body, PutMode mode) {
  return retry([&](int attempt) -> Status {
    Status done = inner().put(key, body, mode);
    const bool met_one = !done && done.error().kind == ErrorKind::already_exists;
    if (attempt == 1 || !met_one) return done;
    return confirm_own(key, body, std::move(done).error());
  });
}

// What an attempt after the first met may be the work of the first.
Status RetryingStore::confirm_own(std::string_view key, ByteView body, Error already_exists) {
  const Result<ObjectInfo> info = inner().stat(key);
  if (info && info->size != body.size()) return already_exists;
  const Result<Bytes> found = info ? inner().get(key) : Result<Bytes>(info.error());
  if (found && *found == body) return Done{};
  if (found) return already_exists;
  Error error = found.error();
  // It was removed in between, so the key is free again.
  if (error.kind == ErrorKind::not_found) error.kind = ErrorKind::unavailable;
  return error;
}

Result<Bytes> RetryingStore::get(std::string_view key, std::optional<ByteRange> range) {
  return retry([&](int) { return inner().get(key, range); });
}

Result<ObjectInfo> RetryingStore::stat(std::string_view key) {
  return retry([&](int) { return inner().stat(key); });
}

Status RetryingStore::remove(std::string_view key) {
  return retry([&](int) { return inner().remove(key); });
}

Status RetryingStore::list(std::string_view prefix,
                           const std::function<Status(const ObjectInfo&)>& visit) {
  std::vector<ObjectInfo> objects;
  TRY(retry([&](int) -> Status {
    objects.clear();
    return inner().list(prefix, [&](const ObjectInfo& object) -> Status {
      objects.push_back(object);
      return Done{};
    });
  }));
  for (const ObjectInfo& object : objects) TRY(visit(object));
  return Done{};
}

}  // namespace tidemark::storage
