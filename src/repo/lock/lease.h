// Lease: says that somebody works in the repository, and stops him when that is no longer known.
//
// docs/repository-format.md#leases is normative. A lease is a row of records, each created, none
// overwritten. Nothing happens when it is destroyed: who ends his work calls release(); the lease
// of one who crashed dies of age. Thread-safe.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "repo/access.h"

namespace tidemark::repo {

enum class LeaseKind : std::uint8_t {
  writer = 1,
  pruner = 2,
  reader = 3,
};

std::string_view kind_name(LeaseKind kind);

using LeaseId = std::string;  // 32 hexadecimal digits

class Lease {
 public:
  // Registers the lease; do it before the first object. owner is for people: host and process.
  static Result<std::unique_ptr<Lease>> acquire(const Access& access, LeaseKind kind,
                                                std::string owner);

  const LeaseId& id() const { return id_; }

  // Cheap; call it often. Adds a record when the last one is old enough. Fails as ensure_held().
  Status keep();

  // Before each commit. Fails with conflict when others may take us for dead.
  Status ensure_held() const;

  // The store's own time: that of a record made now.
  Result<TimePoint> store_time();

  Status release();

 private:
  Lease(const Access& access, LeaseKind kind, std::string owner);

  Status add_record(bool ended);
  Millis age() const;

  const Access& access_;
  LeaseKind kind_;
  std::string owner_;
  LeaseId id_;
  mutable std::mutex mutex_;
  std::uint32_t next_ = 0;
  // When the last record that was stored was begun, by both clocks: a suspended machine's steady
  // clock stands still, and the wall clock can be set.
  Millis steady_{};
  TimePoint wall_;
};

// A lease as others see it.
struct LeaseFacts {
  LeaseId id;
  LeaseKind kind = LeaseKind::writer;
  std::string owner;  // empty when its newest record does not open
  TimePoint begun;    // by the store's clock
  TimePoint renewed;
  bool ended = false;
  std::vector<std::string> keys;  // of its records
};

// Whether nobody works under it any more.
bool over(const LeaseFacts& lease, TimePoint store_now);

// All leases there are records of. Records of older generations do not count.
Result<std::vector<LeaseFacts>> read_leases(const Access& access);

}  // namespace tidemark::repo
