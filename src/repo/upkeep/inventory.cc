#include "repo/upkeep/inventory.h"

#include <fmt/format.h>

#include "repo/lasting.h"

namespace tidemark::repo {

Result<PackInventory> PackInventory::take(Repository& repository, KeepAlive keep_alive) {
  PackInventory inventory(repository, std::move(keep_alive));
  const Access& access = repository.access();
  inventory.distrusts_ = TRY(read_distrusts(access));
  if (!inventory.distrusts_.unreadable.empty())
    return Error{ErrorKind::unsafe, inventory.distrusts_.unreadable.front().reason.message,
                 "it says which packs are damaged: run `tidemark verify` without --sample, which "
                 "reads all of them and replaces it"};
  // The index last: a pack that is stored and indexed in between is then known.
  TRY(list_named(access.store, ObjectType::pack,
                 [&](const ObjectName& name, const ObjectInfo& info) -> Status {
                   inventory.present_[name] = {info.size, info.modified};
                   return Done{};
                 }));
  TRY(repository.index().refresh());
  for (const auto& [name, pack] : inventory.present_) {
    if (repository.index().has_pack(name)) continue;
    TRY(inventory.keep_alive_());
    Result<PackFacts> facts = fetch_pack_facts(access.store, access.sealer, name);
    // What cannot be read stays where it is: check names it.
    const bool left = !facts && (lasting(facts.error()) || facts.error().kind == ErrorKind::denied);
    if (!facts && !left) return facts.error();
    if (facts) inventory.unindexed_.push_back(*std::move(facts));
  }
  return inventory;
}

bool PackInventory::sound(const PackFacts& pack) const {
  const auto at = present_.find(pack.name);
  return at != present_.end() && at->second.bytes == pack.bytes && !distrusts_.contains(pack.name);
}

Status PackInventory::for_each(const std::function<Status(const PackFacts&)>& visit) const {
  const auto visit_present = [&](const PackFacts& pack) -> Status {
    TRY(keep_alive_());
    return present_.contains(pack.name) ? visit(pack) : Status(Done{});
  };
  TRY(repository_.index().for_each_pack(visit_present));
  for (const PackFacts& pack : unindexed_) TRY(visit(pack));
  return Done{};
}

Result<LiveSet> PackInventory::live_of(const std::vector<ObjectName>& manifests) const {
  LiveSet live;
  ListsRead lists;
  for (const ObjectName& name : manifests) {
    TRY(keep_alive_());
    const Manifest manifest = TRY(repository_.load(name));
    TRY(for_each_named_chunk(repository_, manifest, lists,
                             [&](const Stream&, const ChunkId& id) -> Status {
                               live.add(id);
                               return Done{};
                             }));
  }
  TRY(add_bases(live));
  TRY(check_present(live));
  return live;
}

// Until a pass finds no base that was not live: at most as many passes as the longest chain.
Status PackInventory::add_bases(LiveSet& live) const {
  for (bool grew = true; grew;) {
    grew = false;
    TRY(for_each([&](const PackFacts& pack) -> Status {
      for (const PackEntry& entry : pack.entries) {
        if (entry.bases.empty() || !live.contains(entry.id)) continue;
        for (const ChunkId& base : entry.bases) grew |= live.add(base);
      }
      return Done{};
    }));
  }
  return Done{};
}

Status PackInventory::check_present(const LiveSet& live) const {
  LiveSet found;
  TRY(for_each([&](const PackFacts& pack) -> Status {
    for (const PackEntry& entry : pack.entries)
      if (live.contains(entry.id)) found.add(entry.id);
    return Done{};
  }));
  if (found.size() == live.size()) return Done{};
  return Error{ErrorKind::unsafe,
               fmt::format("{} chunks that archives need are in no pack that is there",
                           live.size() - found.size()),
               "run `tidemark check` for which archives, and `tidemark repair`"};
}

}  // namespace tidemark::repo
