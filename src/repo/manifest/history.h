// History: the archives of a repository as a chain, and what is wrong with it.
//
// docs/repository-format.md#manifests is normative: a manifest names those before it, a removal
// names those that were deleted on purpose, and whoever looks remembers what he saw last.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "repo/access.h"
#include "repo/manifest/manifest.h"

namespace tidemark::repo {

// A manifest without its streams.
struct Archive {
  ObjectName name;
  std::uint64_t sequence = 0;
  std::vector<ObjectName> previous;
  TimePoint moment;
  TimePoint written;
  std::string source;
  std::string tool_version;
  std::map<std::string, std::string> facts;
  std::uint64_t streams = 0;
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;  // plain
};

struct History {
  std::map<ObjectName, Archive> archives;
  std::set<ObjectName> removed;     // deleted on purpose, whether or not they are gone already
  std::set<ObjectName> missing;     // named by a later one, not removed, and not there
  std::vector<ObjectName> ignored;  // of an earlier generation, and not in the key ring
  std::vector<Error> damaged;       // manifests and removals that do not open
  std::set<ObjectName> unreadable;  // those manifests: they are there, so not missing

  // Whether the manifest is there, readable or not, or was deleted on purpose.
  bool knows(const ObjectName& name) const;

  // Those that no other one names, ascending.
  std::vector<ObjectName> heads() const;

  // Fails with unsafe when something is missing or damaged: whoever deletes must not go on.
  Status complete() const;
};

// Reads each manifest and removal. That one is missing is asked for once more, by its key: a
// listing may leave things out.
Result<History> read_history(const Access& access);

Result<Manifest> load_manifest(const Access& access, const ObjectName& name);

// What a reader saw last, kept outside the repository.
struct LastSeen {
  RepositoryId repository;
  std::vector<ObjectName> heads;  // ascending
};

std::string encode_last_seen(const LastSeen& seen);
Result<LastSeen> decode_last_seen(std::string_view text);

// Fails with unsafe when the repository was rolled back: a head that was there is neither there nor
// removed.
Status check_last_seen(const LastSeen& seen, const History& history,
                       const RepositoryId& repository);

// Removals: names of manifests. docs/repository-format.md#deletion.
Bytes encode_removal(const std::vector<ObjectName>& manifests);
Result<std::vector<ObjectName>> decode_removal(ByteView payload);

}  // namespace tidemark::repo
