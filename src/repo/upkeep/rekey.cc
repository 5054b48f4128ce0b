#include "repo/upkeep/rekey.h"

#include <algorithm>

#include <fmt/format.h>

#include "repo/limits.h"
#include "repo/lock/lease.h"

namespace tidemark::repo {
namespace {

Status nobody_works(const Access& access, Lease& own) {
  const TimePoint store_now = TRY(own.store_time());
  for (const LeaseFacts& lease : TRY(read_leases(access)))
    // Who reads has all roots that he needs.
    if (lease.id != own.id() && lease.kind != LeaseKind::reader && !over(lease, store_now))
      return Error{ErrorKind::conflict,
                   fmt::format("a {} works in the repository: {}, since {}", kind_name(lease.kind),
                               lease.owner, format_time(lease.begun)),
                   "wait for its end; a re-key must have the repository for itself"};
  return Done{};
}

// What the new generation shall believe of the old ones.
Result<KeyRing> ring_of(const Access& access) {
  const History history = TRY(read_history(access));
  TRY(history.complete());
  KeyRing ring{.earlier = access.sealer.roots()};
  for (const auto& [name, archive] : history.archives) ring.manifests.push_back(name);
  for (const ObjectName& name : TRY(names_of(access.store, ObjectType::manifest)))
    if (history.removed.contains(name))
      return Error{ErrorKind::conflict,
                   fmt::format("{} is removed, but still there", shown(ObjectType::manifest, name)),
                   "run `tidemark prune` first, to its end"};
  ring.indexes = TRY(names_of(access.store, ObjectType::index));
  return ring;
}

Status put_ring(const Access& access, const Sealer& sealer, const KeyRing& ring) {
  const Bytes object = sealer.seal(ObjectType::key_ring, encode_key_ring(ring));
  TRY(put_named(access.store, ObjectType::key_ring, object));
  return Done{};
}

}  // namespace

Result<RekeyReport> rekey(Repository& repository, const std::vector<NewKey>& keys,
                          const std::string& owner) {
  const Access& access = repository.access();
  CHECK(!keys.empty());
  if (access.sealer.generation() == kGenerationMax)
    return Error{ErrorKind::exhausted, "the repository has had as many keys as it can have",
                 "make a new repository"};
  TRY(check_generation(access.store, access.sealer));
  auto lease = TRY(Lease::acquire(access, LeaseKind::pruner, owner));
  TRY(nobody_works(access, *lease));

  const KeyRing ring = TRY(ring_of(access));
  Roots roots = access.sealer.roots();
  roots.emplace_back(access.random.bytes(kRootBytes));
  const Sealer sealer(access.sealer.repository(), roots, access.sealer.suite(), access.random);
  // The ring before the first slot: whoever opens the new generation finds the old ones.
  TRY(put_ring(access, sealer, ring));
  RekeyReport report{.generation = sealer.generation()};
  for (const NewKey& key : keys) {
    TRY(lease->ensure_held());
    report.slots.push_back(
        TRY(add_slot(access.store, key.slot, key.secret, sealer, access.random)));
  }
  // Whoever committed in the meantime did so before he could see a new slot, and is in this one.
  const KeyRing late = TRY(ring_of(access));
  if (late.manifests != ring.manifests || late.indexes != ring.indexes)
    TRY(put_ring(access, sealer, late));
  const Access newer{.store = access.store,
                     .random = access.random,
                     .clock = access.clock,
                     .sealer = sealer,
                     .ring = late};
  TRY(remove_outdated_slots(newer, report));
  discard(lease->release(), "a lease of the old generation does not count any more");
  return report;
}

Status remove_outdated_slots(const Access& access, RekeyReport& report) {
  const auto slots = TRY(list_slots(access.store, access.sealer.repository()));
  for (const StoredSlot& slot : slots) {
    if (slot.facts.header.generation >= access.sealer.generation()) continue;
    const Status removed = access.store.remove(key_of(ObjectType::key_slot, slot.name));
    if (!removed && removed.error().kind != ErrorKind::denied) return removed;
    ++(removed ? report.slots_removed : report.slots_left);
  }
  return Done{};
}

}  // namespace tidemark::repo
