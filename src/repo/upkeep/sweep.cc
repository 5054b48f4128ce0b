#include "repo/upkeep/sweep.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/log.h"
#include "repo/limits.h"
#include "repo/upkeep/hold.h"
#include "repo/upkeep/inventory.h"
#include "repo/upkeep/mark.h"

namespace tidemark::repo {
namespace {

// What all marks whose time has come name together.
struct Due {
  std::vector<StoredMark> marks;
  std::set<ObjectName> manifests;
  std::set<ObjectName> packs;
};

// Whether somebody may rely on what this mark names because he began before he could see it.
bool predates(const LeaseFacts& lease, const StoredMark& mark) {
  return lease.begun <= mark.stored + kVisibilityMax;
}

Due due_marks(const std::vector<StoredMark>& marks, const std::vector<LeaseFacts>& leases,
              TimePoint store_now, Millis grace, const LeaseId& own, PruneReport& report) {
  Due due;
  std::set<std::string> workers;
  for (const StoredMark& mark : marks) {
    bool ready = mark.stored + grace <= store_now;
    for (const LeaseFacts& lease : leases) {
      if (lease.id == own || over(lease, store_now) || !predates(lease, mark)) continue;
      ready = false;
      workers.insert(fmt::format("{} {}, since {}", kind_name(lease.kind), lease.owner,
                                 format_time(lease.begun)));
    }
    if (!ready) {
      ++report.waiting;
      continue;
    }
    due.marks.push_back(mark);
    due.manifests.insert(mark.mark.manifests.begin(), mark.mark.manifests.end());
    due.packs.insert(mark.mark.packs.begin(), mark.mark.packs.end());
  }
  report.waiting_for.assign(workers.begin(), workers.end());
  return due;
}

// What was held since it was marked stays; what it needs is then live again. An archive whose
// removal is written is gone already, whoever holds it.
void spare_held(const std::vector<StoredHold>& holds, const History& history, Due& due,
                PruneReport& report) {
  for (const StoredHold& hold : holds)
    if (history.archives.contains(hold.hold.archive))
      report.archives_held += due.manifests.erase(hold.hold.archive);
}

// The due packs that can go: each live chunk in them is also in a sound pack that stays. A damaged
// one may be all there is left of a chunk, and is no copy of it.
Result<std::vector<ObjectName>> removable(const PackInventory& inventory, const LiveSet& live,
                                          const Due& due, const std::vector<ObjectName>& marked) {
  // Exact: what is not among them is deleted.
  std::unordered_set<ChunkId> uncovered;
  TRY(inventory.for_each([&](const PackFacts& pack) -> Status {
    if (!due.packs.contains(pack.name)) return Done{};
    for (const PackEntry& entry : pack.entries)
      if (live.contains(entry.id)) uncovered.insert(entry.id);
    return Done{};
  }));
  TRY(inventory.for_each([&](const PackFacts& pack) -> Status {
    if (std::binary_search(marked.begin(), marked.end(), pack.name)) return Done{};
    if (!inventory.sound(pack)) return Done{};
    for (const PackEntry& entry : pack.entries) uncovered.erase(entry.id);
    return Done{};
  }));
  std::vector<ObjectName> packs;
  TRY(inventory.for_each([&](const PackFacts& pack) -> Status {
    if (!due.packs.contains(pack.name)) return Done{};
    const bool needed =
        std::any_of(pack.entries.begin(), pack.entries.end(),
                    [&](const PackEntry& entry) { return uncovered.contains(entry.id); });
    if (!needed) packs.push_back(pack.name);
    return Done{};
  }));
  std::sort(packs.begin(), packs.end());
  return packs;
}

// True when it is gone; false when the store does not let us, which is no failure of ours.
Result<bool> remove(const Access& access, ObjectType type, const ObjectName& name,
                    PruneReport& report) {
  const Status removed = access.store.remove(key_of(type, name));
  if (removed) return true;
  if (removed.error().kind != ErrorKind::denied) return removed.error();
  ++report.locked;
  return false;
}

// Removals first: a manifest that is gone without one looks like an attack. False when one is
// locked: then what it needs stays as well.
Result<bool> remove_manifests(const Access& access, const History& history, const Due& due,
                              PruneReport& report) {
  std::vector<ObjectName> fresh;
  for (const ObjectName& name : due.manifests)
    if (history.archives.contains(name)) fresh.push_back(name);
  if (!fresh.empty()) TRY(access.put(ObjectType::removal, encode_removal(fresh)));
  bool all = true;
  for (const ObjectName& name : due.manifests)
    all &= TRY(remove(access, ObjectType::manifest, name, report));
  report.archives_removed += fresh.size();
  return all;
}

Status remove_packs(Lease& lease, const Access& access,
                    const std::map<ObjectName, PresentPack>& present,
                    const std::vector<ObjectName>& packs, PruneReport& report) {
  for (const ObjectName& name : packs) {
    TRY(lease.keep());
    if (!TRY(remove(access, ObjectType::pack, name, report))) continue;
    ++report.packs_removed;
    report.bytes_removed += present.at(name).bytes;
  }
  return Done{};
}

Status remove_old_leases(const Access& access, const std::vector<LeaseFacts>& leases,
                         TimePoint store_now, PruneReport& report) {
  for (const LeaseFacts& lease : leases) {
    // A day later nobody who was asleep wakes up and finds his records gone.
    if (!over(lease, store_now) || store_now - lease.renewed < std::chrono::hours(24)) continue;
    for (const std::string& key : lease.keys) {
      const Status removed = access.store.remove(key);
      if (!removed && removed.error().kind != ErrorKind::denied) return removed;
      if (!removed) ++report.locked;
    }
  }
  return Done{};
}

// What is left over from uploads that were cut off is paid for and shown by no listing.
Status end_uploads(const Access& access, TimePoint store_now, PruneReport& report) {
  const auto ended = access.store.abort_abandoned(store_now - kUploadAbandoned);
  if (ended) report.uploads_ended = *ended;
  if (!ended && ended.error().kind == ErrorKind::cancelled) return ended.error();
  if (!ended)
    log::warning("uploads that were left behind could not be ended",
                 {{"reason", ended.error().message}});
  return Done{};
}

// What shall go of what is due.
struct Sentence {
  std::set<ObjectName> manifests;
  std::vector<ObjectName> packs;  // ascending
  std::map<ObjectName, PresentPack> present;
  History history;
};

Result<Sentence> judge(Repository& repository, Due& due, const std::vector<StoredMark>& marks,
                       const PackInventory::KeepAlive& keep_alive, PruneReport& report) {
  const PackInventory inventory = TRY(PackInventory::take(repository, keep_alive));
  Sentence sentence{.history = TRY(repository.history())};
  const History& history = sentence.history;
  TRY(history.complete());
  const auto holds = TRY(read_holds(repository.access()));
  spare_held(holds, history, due, report);
  std::vector<ObjectName> kept;
  for (const auto& [name, archive] : history.archives)
    if (!due.manifests.contains(name)) kept.push_back(name);
  if (kept.empty()) return Error{ErrorKind::unsafe, "no archive would be left"};
  const LiveSet live = TRY(inventory.live_of(kept));
  sentence.manifests = due.manifests;
  sentence.packs = TRY(removable(inventory, live, due, marked_packs(marks)));
  sentence.present = inventory.present();
  return sentence;
}

}  // namespace

Result<SweepPlan> plan_sweep(Repository& repository, Millis grace) {
  const Access& access = repository.access();
  const auto marks = TRY(read_marks(access));
  const auto leases = TRY(read_leases(access));
  PruneReport report;
  Due due = due_marks(marks, leases, access.clock.now(), grace, {}, report);
  SweepPlan plan;
  if (!due.marks.empty()) {
    const Sentence sentence = TRY(judge(
        repository, due, marks, []() -> Status { return Done{}; }, report));
    for (const ObjectName& name : sentence.manifests)
      plan.archives += sentence.history.archives.contains(name);
    plan.packs = sentence.packs.size();
    for (const ObjectName& name : sentence.packs) plan.bytes += sentence.present.at(name).bytes;
  }
  plan.archives_held = report.archives_held;
  plan.waiting = report.waiting;
  plan.waiting_for = report.waiting_for;
  return plan;
}

Status sweep(Repository& repository, Lease& lease, Millis grace, PruneReport& report) {
  const Access& access = repository.access();
  const auto marks = TRY(read_marks(access));
  const TimePoint store_now = TRY(lease.store_time());
  // Leases after marks: whoever is not among them yet will see the marks.
  const auto leases = TRY(read_leases(access));
  TRY(end_uploads(access, store_now, report));
  Due due = due_marks(marks, leases, store_now, grace, lease.id(), report);
  if (due.marks.empty()) return remove_old_leases(access, leases, store_now, report);

  const Sentence sentence = TRY(judge(
      repository, due, marks, [&] { return lease.keep(); }, report));
  const auto& packs = sentence.packs;
  TRY(lease.ensure_held());
  if (!TRY(remove_manifests(access, sentence.history, due, report))) return Done{};
  TRY(drop_from_index(access, packs));
  TRY(lease.ensure_held());
  TRY(remove_packs(lease, access, sentence.present, packs, report));
  for (const ObjectName& name : due.packs)
    if (sentence.present.contains(name) && !std::binary_search(packs.begin(), packs.end(), name))
      ++report.packs_rescued;
  for (const StoredMark& mark : due.marks) TRY(remove(access, ObjectType::mark, mark.name, report));
  return remove_old_leases(access, leases, store_now, report);
}

}  // namespace tidemark::repo
