#include "repo/upkeep/repair.h"

#include "repo/lasting.h"
#include "repo/upkeep/distrust.h"

namespace tidemark::repo {
namespace {

// The pack, if its chunks are what it says.
Result<std::optional<PackFacts>> believable(Repository& repository, const ObjectName& name) {
  const Access& access = repository.access();
  Result<PackFacts> facts = fetch_pack_facts(access.store, access.sealer, name);
  if (!facts && lasting(facts.error())) return std::optional<PackFacts>();
  if (!facts) return facts.error();
  if (facts->header.generation == access.sealer.generation())
    return std::optional(*std::move(facts));
  const Status proven =
      for_each_chunk(access.store, access.sealer, name,
                     [&](const ChunkPlace& place, const Bytes& encoded) -> Status {
                       // What hangs on a base that is gone cannot be proven, and nobody relies on
                       // it: a prune may have left it here.
                       for (const ChunkId& base : place.entry.bases)
                         if (TRY(repository.index().find(base)).empty()) return Done{};
                       TRY(repository.reader().decode(place.entry, encoded));
                       return Done{};
                     });
  if (!proven && lasting(proven.error())) return std::optional<PackFacts>();
  if (!proven) return proven.error();
  return std::optional(*std::move(facts));
}

}  // namespace

Result<RepairReport> repair(Repository& repository) {
  RepairReport report;
  ChunkIndex& index = repository.index();
  const auto packs = TRY(names_of(repository.access().store, ObjectType::pack));
  TRY(index.refresh());
  std::vector<ObjectName> damaged;
  for (const ObjectName& name : packs) {
    if (index.has_pack(name)) continue;
    auto facts = TRY(believable(repository, name));
    if (!facts) {
      damaged.push_back(name);
      continue;
    }
    index.add_pack(*std::move(facts));
    ++report.packs_indexed;
  }
  TRY(index.flush());
  report.after = TRY(check(repository));
  const auto& shown = report.after.damaged_packs;
  damaged.insert(damaged.end(), shown.begin(), shown.end());
  TRY(distrust_packs(repository.access(), damaged));
  return report;
}

}  // namespace tidemark::repo
