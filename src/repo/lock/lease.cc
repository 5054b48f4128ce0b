#include "repo/lock/lease.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "repo/limits.h"
#include "repo/lock/lease_record.h"

namespace tidemark::repo {
namespace {

constexpr std::size_t kIdBytes = 16;
constexpr std::size_t kRecordBytesMax = 1024;
constexpr std::uint32_t kRecordsMax = 100'000'000;  // 8 digits

// The newest record of a lease, in what is known of it. One that does not open leaves the facts as
// they are: held, until it has aged.
Status read_newest(const Access& access, const std::string& key, std::uint32_t number,
                   LeaseFacts& facts, bool& counts) {
  const auto object = get_limited(access.store, key, kRecordBytesMax);
  const bool readable = object || object.error().kind == ErrorKind::corrupt ||
                        object.error().kind == ErrorKind::not_found;
  if (!readable) return object.error();
  if (!object) return Done{};
  const auto opened = access.sealer.open(ObjectType::lease, *object);
  if (!opened) return Done{};
  counts = opened->header.generation == access.sealer.generation();
  const auto record = decode_lease_record(opened->payload);
  // A record under the key of another one proves nothing.
  if (!record || record->id != facts.id || record->number != number) return Done{};
  facts.kind = record->kind;
  facts.owner = record->owner;
  facts.ended = record->ended;
  return Done{};
}

}  // namespace

std::string_view kind_name(LeaseKind kind) {
  switch (kind) {
    case LeaseKind::writer: return "writer";
    case LeaseKind::pruner: return "pruner";
    case LeaseKind::reader: return "reader";
  }
  return "unknown";
}

Lease::Lease(const Access& access, LeaseKind kind, std::string owner)
    : access_(access),
      kind_(kind),
      owner_(owner.substr(0, kOwnerBytesMax)),
      id_(to_hex(access.random.bytes(kIdBytes))) {}

Result<std::unique_ptr<Lease>> Lease::acquire(const Access& access, LeaseKind kind,
                                              std::string owner) {
  std::unique_ptr<Lease> lease(new Lease(access, kind, std::move(owner)));
  TRY(lease->add_record(false));
  return lease;
}

// The caller has the mutex, or is alone.
Status Lease::add_record(bool ended) {
  CHECK(next_ < kRecordsMax);
  const Millis steady = access_.clock.steady();
  const TimePoint wall = access_.clock.now();
  const LeaseRecord record{
      .id = id_, .number = next_, .ended = ended, .kind = kind_, .owner = owner_};
  const Bytes object = access_.sealer.seal(ObjectType::lease, encode_lease_record(record));
  const Status put =
      access_.store.put(lease_key(id_, next_), object, storage::PutMode::create_only);
  // A retry whose first attempt arrived meets itself: nobody else makes records of this id.
  if (!put && put.error().kind != ErrorKind::already_exists) return put.error();
  ++next_;
  steady_ = steady;
  wall_ = wall;
  return Done{};
}

Millis Lease::age() const {
  return std::max(access_.clock.steady() - steady_, access_.clock.now() - wall_);
}

Status Lease::ensure_held() const {
  const std::lock_guard lock(mutex_);
  if (age() < kLeaseLength) return Done{};
  return Error{
      ErrorKind::conflict,
      fmt::format("this {}'s lease lapsed: it could not be renewed for {}", kind_name(kind_),
                  format_duration(std::chrono::duration_cast<Seconds>(age()))),
      "run it again; what it stored already will not be stored twice"};
}

Status Lease::keep() {
  TRY(ensure_held());
  const std::lock_guard lock(mutex_);
  if (age() < kLeaseRenewal) return Done{};
  const Status renewed = add_record(false);
  // There is time to try again while the lease lasts.
  if (!renewed && renewed.error().kind == ErrorKind::unavailable && age() < kLeaseLength)
    return Done{};
  return renewed;
}

Result<TimePoint> Lease::store_time() {
  const std::lock_guard lock(mutex_);
  TRY(add_record(false));
  return TRY(access_.store.stat(lease_key(id_, next_ - 1))).modified;
}

Status Lease::release() {
  const std::lock_guard lock(mutex_);
  return add_record(true);
}

bool over(const LeaseFacts& lease, TimePoint store_now) {
  return lease.ended || store_now - lease.renewed > kLeaseDead;
}

Result<std::vector<LeaseFacts>> read_leases(const Access& access) {
  struct Records {
    LeaseFacts facts;
    std::uint32_t newest = 0;
  };
  std::map<LeaseId, Records> leases;
  TRY(access.store.list(folder_of(ObjectType::lease), [&](const ObjectInfo& info) -> Status {
    const auto key = parse_lease_key(info.key);
    if (!key) return Done{};
    auto [at, first] = leases.try_emplace(key->first);
    LeaseFacts& facts = at->second.facts;
    facts.id = key->first;
    facts.keys.push_back(info.key);
    facts.begun = first ? info.modified : std::min(facts.begun, info.modified);
    facts.renewed = first ? info.modified : std::max(facts.renewed, info.modified);
    at->second.newest = std::max(at->second.newest, key->second);
    return Done{};
  }));
  std::vector<LeaseFacts> found;
  for (auto& [id, records] : leases) {
    bool counts = true;
    TRY(read_newest(access, lease_key(id, records.newest), records.newest, records.facts, counts));
    if (counts) found.push_back(std::move(records.facts));
  }
  return found;
}

}  // namespace tidemark::repo
