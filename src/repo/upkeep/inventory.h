// PackInventory: the packs that are there, with what is in them, and which chunks are live.
//
// What prune decides from. Packs that no index names yet are read themselves.
#pragma once

#include <functional>
#include <map>
#include <set>

#include "repo/upkeep/distrust.h"
#include "repo/upkeep/live_set.h"

namespace tidemark::repo {

struct PresentPack {
  std::uint64_t bytes = 0;
  TimePoint stored;  // by the store's clock
};

class PackInventory {
 public:
  // Called now and then by everything here that takes long; an error ends it. A prune keeps its
  // lease by it.
  using KeepAlive = std::function<Status()>;

  // Lists the packs, and reads those that no index names. Fails with unsafe when it cannot be known
  // which packs are damaged. Borrows the repository.
  static Result<PackInventory> take(Repository& repository, KeepAlive keep_alive);

  const std::map<ObjectName, PresentPack>& present() const { return present_; }

  // Whether what it holds counts as a copy: it has the size that it should have, and nobody found
  // it damaged.
  bool sound(const PackFacts& pack) const;

  // Each pack that is there and can be read, once.
  Status for_each(const std::function<Status(const PackFacts&)>& visit) const;

  // What these archives need: their chunks and list chunks, and the bases of each. Fails with
  // unsafe when something of it is in no pack that is there.
  Result<LiveSet> live_of(const std::vector<ObjectName>& manifests) const;

 private:
  PackInventory(Repository& repository, KeepAlive keep_alive)
      : repository_(repository), keep_alive_(std::move(keep_alive)) {}

  Status add_bases(LiveSet& live) const;
  Status check_present(const LiveSet& live) const;

  Repository& repository_;
  KeepAlive keep_alive_;
  std::map<ObjectName, PresentPack> present_;
  std::vector<PackFacts> unindexed_;
  Distrusts distrusts_;
};

}  // namespace tidemark::repo
