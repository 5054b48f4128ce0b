// Prune: frees what no archive needs. A plan, then the apply of that very plan.
//
// docs/repository-format.md#deletion is normative: marked first, deleted later; safe beside running
// writers and beside another prune. Which archives to forget is decided elsewhere.
#pragma once

#include <string>
#include <vector>

#include "repo/repository.h"

namespace tidemark::repo {

struct PruneOptions {
  // How long a mark waits before what it names is deleted.
  Millis grace = std::chrono::hours(24);
  // Packs of which no more than this share is live are packed anew.
  double repack_live_share = 0.5;
  std::uint64_t repack_bytes_max = std::uint64_t{4} << 30;  // of live chunks to copy
  std::string owner;                                        // for the lease
};

struct PrunePlan {
  std::vector<ObjectName> forget;  // manifests, ascending
  std::vector<ObjectName> drop;    // packs without anything live, ascending
  std::vector<ObjectName> repack;  // packs with little that is live, ascending
  std::uint64_t drop_bytes = 0;
  std::uint64_t repack_bytes = 0;       // of those packs
  std::uint64_t repack_live_bytes = 0;  // of what is copied out of them

  friend bool operator==(const PrunePlan&, const PrunePlan&) = default;
};

struct PruneReport {
  std::uint64_t archives_removed = 0;
  std::uint64_t packs_removed = 0;
  std::uint64_t bytes_removed = 0;
  std::uint64_t bytes_copied = 0;
  std::uint64_t packs_rescued = 0;       // marked, and needed again
  std::uint64_t archives_held = 0;       // marked, and held since
  std::uint64_t uploads_ended = 0;       // that somebody left behind
  std::uint64_t locked = 0;              // the store does not let us: held, or no permission
  std::uint64_t waiting = 0;             // marks whose time has not come
  std::vector<std::string> waiting_for;  // who still works, for people
};

// Fails with unsafe when anything is missing or damaged, when a chunk that is needed is nowhere,
// when one of forget is held, or when no archive would be left; and with not_found when there is
// nothing of a name in forget.
Result<PrunePlan> plan_prune(Repository& repository, std::vector<ObjectName> forget,
                             const PruneOptions& options);

// What a prune would delete now: it was marked long enough ago, and nobody works who may rely on
// it. By our own clock, since asking for the store's means writing.
struct SweepPlan {
  std::uint64_t archives = 0;
  std::uint64_t packs = 0;
  std::uint64_t bytes = 0;
  std::uint64_t archives_held = 0;
  std::uint64_t waiting = 0;  // marks whose time has not come
  std::vector<std::string> waiting_for;
};
Result<SweepPlan> plan_sweep(Repository& repository, Millis grace);

// Looks again first, and fails with conflict when part of the plan does not hold any more. Then
// marks it, and deletes what was marked long enough ago, by this or an earlier prune.
Result<PruneReport> apply_prune(Repository& repository, const PrunePlan& plan,
                                const PruneOptions& options);

}  // namespace tidemark::repo
