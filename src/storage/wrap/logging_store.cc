#include "storage/wrap/logging_store.h"

#include "base/log.h"

namespace tidemark::storage {

void log_store_call(const StoreCall& call) {
  log::debug("store call", {{"act", std::string(call.act)},
                            {"key", std::string(call.key)},
                            {"count", std::to_string(call.count)},
                            {"milliseconds", std::to_string(call.took.count())},
                            {"error", call.error == nullptr ? "" : call.error->message}});
}

LoggingStore::LoggingStore(std::unique_ptr<ObjectStore> inner, const Clock& clock,
                           StoreObserver observe)
    : StoreWrapper(std::move(inner)), clock_(clock), observe_(std::move(observe)) {}

Status LoggingStore::put(std::string_view key, ByteView body, PutMode mode) {
  const Millis begin = clock_.steady();
  Status done = inner().put(key, body, mode);
  observe_({mode == PutMode::create_only ? "create" : "replace", key, body.size(),
            clock_.steady() - begin, done ? nullptr : &done.error()});
  return done;
}

Result<Bytes> LoggingStore::get(std::string_view key, std::optional<ByteRange> range) {
  const Millis begin = clock_.steady();
  Result<Bytes> bytes = inner().get(key, range);
  observe_({"get", key, bytes ? bytes->size() : 0, clock_.steady() - begin,
            bytes ? nullptr : &bytes.error()});
  return bytes;
}

Result<ObjectInfo> LoggingStore::stat(std::string_view key) {
  const Millis begin = clock_.steady();
  Result<ObjectInfo> info = inner().stat(key);
  observe_({"stat", key, 0, clock_.steady() - begin, info ? nullptr : &info.error()});
  return info;
}

Status LoggingStore::remove(std::string_view key) {
  const Millis begin = clock_.steady();
  Status done = inner().remove(key);
  observe_({"remove", key, 0, clock_.steady() - begin, done ? nullptr : &done.error()});
  return done;
}

Status LoggingStore::list(std::string_view prefix,
                          const std::function<Status(const ObjectInfo&)>& visit) {
  const Millis begin = clock_.steady();
  std::uint64_t visited = 0;
  Status done = inner().list(prefix, [&](const ObjectInfo& object) {
    ++visited;
    return visit(object);
  });
  observe_({"list", prefix, visited, clock_.steady() - begin, done ? nullptr : &done.error()});
  return done;
}

}  // namespace tidemark::storage
