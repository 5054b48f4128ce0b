#include <algorithm>

#include <fmt/format.h>

#include "repo/limits.h"
#include "repo/lock/lease.h"
#include "repo/upkeep/hold.h"
#include "repo/upkeep/inventory.h"
#include "repo/upkeep/mark.h"
#include "repo/upkeep/sweep.h"

namespace tidemark::repo {
namespace {

// When the oldest of those who work now began; packs stored since may be his. By the store's clock,
// as far as it can be known without writing: leases that may be dead count.
std::optional<TimePoint> oldest_work(const std::vector<LeaseFacts>& leases, const Lease* own) {
  std::optional<TimePoint> oldest;
  for (const LeaseFacts& lease : leases) {
    if (lease.ended || lease.kind == LeaseKind::reader) continue;
    if (own != nullptr && lease.id == own->id()) continue;
    if (!oldest || lease.begun < *oldest) oldest = lease.begun;
  }
  return oldest;
}

Status check_forget(const History& history, const std::vector<StoredHold>& holds,
                    const std::vector<ObjectName>& forget) {
  TRY(history.complete());
  for (const StoredHold& hold : holds)
    if (std::binary_search(forget.begin(), forget.end(), hold.hold.archive))
      return Error{ErrorKind::unsafe,
                   fmt::format("archive {} is held: {}", hold.hold.archive.hex().substr(0, 12),
                               hold.hold.reason),
                   "`tidemark release` lets it go"};
  for (const ObjectName& name : forget)
    if (!history.archives.contains(name) && !history.removed.contains(name))
      return Error{ErrorKind::not_found,
                   fmt::format("there is no {}", shown(ObjectType::manifest, name))};
  return Done{};
}

struct Share {
  std::uint64_t live_bytes = 0;
  std::uint64_t stored_bytes = 0;
};

Share share_of(const PackFacts& pack, const LiveSet& live) {
  Share share{.live_bytes = 0, .stored_bytes = stored_bytes_of(pack.entries)};
  for (const PackEntry& entry : pack.entries)
    if (live.contains(entry.id)) share.live_bytes += entry.stored_bytes;
  return share;
}

bool is_in(const std::vector<ObjectName>& ascending, const ObjectName& name) {
  return std::binary_search(ascending.begin(), ascending.end(), name);
}

// Live chunks that are in damaged packs and in no sound one that stays: there may be something left
// of them. Exact, since what is not among them may go.
Result<std::unordered_set<ChunkId>> only_damaged(const PackInventory& inventory,
                                                 const LiveSet& live,
                                                 const std::vector<ObjectName>& marked) {
  std::unordered_set<ChunkId> chunks;
  TRY(inventory.for_each([&](const PackFacts& pack) -> Status {
    if (inventory.sound(pack)) return Done{};
    for (const PackEntry& entry : pack.entries)
      if (live.contains(entry.id)) chunks.insert(entry.id);
    return Done{};
  }));
  if (chunks.empty()) return chunks;
  TRY(inventory.for_each([&](const PackFacts& pack) -> Status {
    if (!inventory.sound(pack) || is_in(marked, pack.name)) return Done{};
    for (const PackEntry& entry : pack.entries) chunks.erase(entry.id);
    return Done{};
  }));
  return chunks;
}

// What becomes of the packs: those that hold nothing that is needed, and those that hold little.
class PackPlanner {
 public:
  PackPlanner(const PackInventory& inventory, const LiveSet& live, const PruneOptions& options,
              std::unordered_set<ChunkId> only_damaged, PrunePlan& plan)
      : inventory_(inventory),
        live_(live),
        options_(options),
        only_damaged_(std::move(only_damaged)),
        plan_(plan) {}

  void judge(const PackFacts& pack) {
    const std::uint64_t bytes = inventory_.present().at(pack.name).bytes;
    const Share share = share_of(pack, live_);
    if (share.live_bytes == 0 || replaced(pack)) {
      plan_.drop.push_back(pack.name);
      plan_.drop_bytes += bytes;
    } else if (inventory_.sound(pack) && holds_little(share)) {
      plan_.repack.push_back(pack.name);
      plan_.repack_bytes += bytes;
      plan_.repack_live_bytes += share.live_bytes;
    }
  }

 private:
  // A damaged pack of which all that is live was stored again.
  bool replaced(const PackFacts& pack) const {
    return !inventory_.sound(pack) &&
           std::none_of(pack.entries.begin(), pack.entries.end(),
                        [&](const PackEntry& entry) { return only_damaged_.contains(entry.id); });
  }

  bool holds_little(const Share& share) const {
    return static_cast<double>(share.live_bytes) <=
               options_.repack_live_share * static_cast<double>(share.stored_bytes) &&
           plan_.repack_live_bytes + share.live_bytes <= options_.repack_bytes_max;
  }

  const PackInventory& inventory_;
  const LiveSet& live_;
  const PruneOptions& options_;
  const std::unordered_set<ChunkId> only_damaged_;
  PrunePlan& plan_;
};

}  // namespace

Result<PrunePlan> plan_prune(Repository& repository, std::vector<ObjectName> forget,
                             const PruneOptions& options) {
  return plan_prune_under(repository, std::move(forget), options, nullptr);
}

Result<PrunePlan> plan_prune_under(Repository& repository, std::vector<ObjectName> forget,
                                   const PruneOptions& options, Lease* own) {
  const Access& access = repository.access();
  std::sort(forget.begin(), forget.end());
  forget.erase(std::unique(forget.begin(), forget.end()), forget.end());
  const auto young = oldest_work(TRY(read_leases(access)), own);
  const auto marked = marked_packs(TRY(read_marks(access)));
  // Packs before manifests: what is stored after we looked is not in the plan.
  const PackInventory inventory = TRY(PackInventory::take(
      repository, [&] { return own == nullptr ? Status(Done{}) : own->keep(); }));
  const History history = TRY(repository.history());
  const auto holds = TRY(read_holds(access));
  TRY(check_forget(history, holds, forget));
  std::vector<ObjectName> kept;
  for (const auto& [name, archive] : history.archives)
    if (!std::binary_search(forget.begin(), forget.end(), name)) kept.push_back(name);
  if (kept.empty())
    return Error{ErrorKind::unsafe, "no archive would be left",
                 "an empty repository is deleted by deleting its folder or prefix"};
  const LiveSet live = TRY(inventory.live_of(kept));
  PrunePlan plan{.forget = std::move(forget)};
  PackPlanner planner(inventory, live, options, TRY(only_damaged(inventory, live, marked)), plan);
  TRY(inventory.for_each([&](const PackFacts& pack) -> Status {
    if (is_in(marked, pack.name)) return Done{};
    const PresentPack& present = inventory.present().at(pack.name);
    if (!young || present.stored < *young - kVisibilityMax) planner.judge(pack);
    return Done{};
  }));
  std::sort(plan.drop.begin(), plan.drop.end());
  std::sort(plan.repack.begin(), plan.repack.end());
  return plan;
}

}  // namespace tidemark::repo
