#include <algorithm>

#include "repo/pack/pack_queue.h"
#include "repo/upkeep/inventory.h"
#include "repo/upkeep/mark.h"
#include "repo/upkeep/prune.h"
#include "repo/upkeep/sweep.h"

namespace tidemark::repo {
namespace {

bool includes(const std::vector<ObjectName>& all, const std::vector<ObjectName>& some) {
  return std::includes(all.begin(), all.end(), some.begin(), some.end());
}

// Whatever the plan takes away must still be what it was when somebody agreed to it.
Status check_drift(Repository& repository, const PrunePlan& plan, const PruneOptions& options,
                   Lease& own) {
  const PrunePlan now = TRY(plan_prune_under(repository, plan.forget, options, &own));
  if (includes(now.drop, plan.drop) && includes(now.repack, plan.repack)) return Done{};
  return Error{ErrorKind::conflict, "the repository changed since the plan was made",
               "make a new plan"};
}

// Of the live chunks in the packs that shall go, those that a sound pack has which stays.
Result<std::unordered_set<ChunkId>> stored_elsewhere(const PackInventory& inventory,
                                                     const PrunePlan& plan,
                                                     const std::vector<ObjectName>& marked) {
  std::unordered_set<ChunkId> wanted;
  TRY(inventory.for_each([&](const PackFacts& pack) -> Status {
    if (includes(plan.repack, {pack.name}))
      for (const PackEntry& entry : pack.entries) wanted.insert(entry.id);
    return Done{};
  }));
  std::unordered_set<ChunkId> stored;
  TRY(inventory.for_each([&](const PackFacts& pack) -> Status {
    const bool stays = inventory.sound(pack) && !includes(plan.repack, {pack.name}) &&
                       !includes(plan.drop, {pack.name}) && !includes(marked, {pack.name});
    if (!stays) return Done{};
    for (const PackEntry& entry : pack.entries)
      if (wanted.contains(entry.id)) stored.insert(entry.id);
    return Done{};
  }));
  return stored;
}

// Copies what is live out of the packs that shall go. What is copied was opened, and is sealed
// anew; what it decodes to stays the same.
Status repack(Repository& repository, Lease& lease, const PrunePlan& plan, PruneReport& report) {
  if (plan.repack.empty()) return Done{};
  const Access& access = repository.access();
  const PackInventory inventory =
      TRY(PackInventory::take(repository, [&] { return lease.keep(); }));
  std::vector<ObjectName> kept;
  const History history = TRY(repository.history());
  for (const auto& [name, archive] : history.archives)
    if (!std::binary_search(plan.forget.begin(), plan.forget.end(), name)) kept.push_back(name);
  const LiveSet live = TRY(inventory.live_of(kept));
  const auto marked = marked_packs(TRY(read_marks(access)));
  // Of several copies one is enough.
  auto stored = TRY(stored_elsewhere(inventory, plan, marked));
  PackQueue queue(access, repository.index(), lease);
  const auto copy = [&](const ChunkPlace& place, const Bytes& encoded) -> Status {
    if (!live.contains(place.entry.id) || !stored.insert(place.entry.id).second) return Done{};
    report.bytes_copied += encoded.size();
    TRY(queue.add(place.entry, encoded));
    return Done{};
  };
  for (const ObjectName& name : plan.repack) {
    TRY(lease.keep());
    const Status copied = for_each_chunk(access.store, access.sealer, name, copy);
    // The next prune lets it lie.
    if (!copied && copied.error().kind == ErrorKind::corrupt) TRY(distrust_packs(access, {name}));
    TRY(copied);
  }
  TRY(queue.flush());
  return repository.index().flush();
}

Status put_mark(const Access& access, const PrunePlan& plan) {
  Mark mark{.moment = access.clock.now(), .manifests = plan.forget, .packs = plan.drop};
  mark.packs.insert(mark.packs.end(), plan.repack.begin(), plan.repack.end());
  std::sort(mark.packs.begin(), mark.packs.end());
  if (mark.manifests.empty() && mark.packs.empty()) return Done{};
  TRY(access.put(ObjectType::mark, encode_mark(mark)));
  return Done{};
}

Status apply_under_lease(Repository& repository, const PrunePlan& plan, const PruneOptions& options,
                         Lease& lease, PruneReport& report) {
  TRY(check_generation(repository.access().store, repository.access().sealer));
  TRY(check_drift(repository, plan, options, lease));
  TRY(repack(repository, lease, plan, report));
  TRY(lease.ensure_held());
  TRY(put_mark(repository.access(), plan));
  return sweep(repository, lease, options.grace, report);
}

}  // namespace

Result<PruneReport> apply_prune(Repository& repository, const PrunePlan& plan,
                                const PruneOptions& options) {
  auto lease = TRY(Lease::acquire(repository.access(), LeaseKind::pruner, options.owner));
  PruneReport report;
  const Status applied = apply_under_lease(repository, plan, options, *lease, report);
  discard(lease->release(), "it dies of age; what matters is how the prune ended");
  if (!applied) return applied.error();
  return report;
}

}  // namespace tidemark::repo
