// Which archives lack something, and what: the way from a lost chunk to the tables that need it.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "repo/repository.h"

namespace tidemark::repo {

// The streams that lack something, by name, with how many chunks.
using LostStreams = std::map<std::string, std::uint64_t>;
using HurtArchives = std::map<ObjectName, LostStreams>;

struct Needs {
  HurtArchives hurt;
  std::vector<Error> findings;  // why lists of chunks, which are there, cannot be read
  std::uint64_t chunks = 0;     // that archives need and can have, bases included
};

// unusable says of a place that what is there does not count; absent: all do that are there.
// Archives that are made or removed beside it, and packs that a prune moves, are no damage: what is
// found hurt is looked at once more.
Result<Needs> find_needs(Repository& repository,
                         const std::function<bool(const ChunkPlace&)>& unusable = {});

}  // namespace tidemark::repo
