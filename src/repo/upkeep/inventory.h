// PackInventory: the packs that are there, with what is in them, and which chunks are live.
//
// What prune decides from. Packs that no index names yet are read themselves.
#pragma once

#include <map>
#include <set>

#include "repo/upkeep/live_set.h"

namespace tidemark::repo {

struct PresentPack {
  std::uint64_t bytes = 0;
  TimePoint stored;  // by the store's clock
};

class PackInventory {
 public:
  // Lists the packs, and reads those that no index names. Borrows the repository.
  static Result<PackInventory> take(Repository& repository);

  const std::map<ObjectName, PresentPack>& present() const { return present_; }

  // Each pack that is there and can be read, once.
  Status for_each(const std::function<Status(const PackFacts&)>& visit) const;

  // What these archives need: their chunks and list chunks, and the bases of each. Fails with
  // unsafe when something of it is in no pack that is there.
  Result<LiveSet> live_of(const std::vector<ObjectName>& manifests) const;

 private:
  explicit PackInventory(Repository& repository) : repository_(repository) {}

  Status add_bases(LiveSet& live) const;
  Status check_present(const LiveSet& live) const;

  Repository& repository_;
  std::map<ObjectName, PresentPack> present_;
  std::vector<PackFacts> unindexed_;
};

}  // namespace tidemark::repo
