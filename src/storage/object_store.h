// ObjectStore: the only door through which the repository reaches storage.
//
// Every implementation promises, and tests/contract/object_store_contract.h checks, that
//   - a put or a remove that returned success is complete and durable;
//   - a failed put leaves what was there, or the whole new object when only its answer was lost;
//   - get, stat and list see every successful put at once (read-after-write);
//   - PutMode::create_only never overwrites: it fails with already_exists, and of several at the
//     same time one succeeds;
//   - removing a missing key succeeds;
//   - not_found says that the store is there and the object is not. A store that is gone (no
//     bucket, a disk that is not mounted) is another error, and never an empty listing.
// Thread-safe. Implementations make one attempt; retrying, limits and dry runs are decorators in
// storage/wrap. storage/key.h has the grammar of keys. No key continues another with a slash:
// whoever has "a" has no "a/b", because a folder cannot be a file.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"

namespace tidemark::storage {

// Larger ones are refused with exhausted, written or read: an object is held in memory whole.
inline constexpr std::uint64_t kObjectBytesMax = std::uint64_t{1} << 30;

enum class PutMode {
  create_only,
  replace,
};

struct ByteRange {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

struct ObjectInfo {
  std::string key;
  std::uint64_t size = 0;  // bytes
  TimePoint modified;      // by the store's own clock
};

class ObjectStore {
 public:
  virtual ~ObjectStore() = default;

  virtual Status put(std::string_view key, ByteView body, PutMode mode) = 0;

  // The whole object, or exactly the range. Fails with not_found, and with corrupt when the object
  // ends before the range does.
  virtual Result<Bytes> get(std::string_view key, std::optional<ByteRange> range = {}) = 0;

  virtual Result<ObjectInfo> stat(std::string_view key) = 0;
  virtual Status remove(std::string_view key) = 0;

  // Calls visit once per object whose key begins with prefix, in no particular order, and stops at
  // its first error. Paging is the implementation's business: a caller cannot see, or forget, a
  // page. A listing that cannot be completed is an error, never a shorter list. visit may call the
  // store; what is put or removed meanwhile may or may not be visited.
  virtual Status list(std::string_view prefix,
                      const std::function<Status(const ObjectInfo&)>& visit) = 0;

  // Frees what uploads left behind that were begun before that moment and never ended. How many; 0
  // from a store that keeps no such things.
  virtual Result<std::size_t> abort_abandoned(TimePoint begun_before) = 0;

  // What to call it in messages: "/srv/backup", "s3://bucket/prefix". No credentials in it.
  virtual std::string describe() const = 0;
};

}  // namespace tidemark::storage
