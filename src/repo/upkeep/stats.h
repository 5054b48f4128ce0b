// Stats: what each archive holds, and what it added to the repository.
#pragma once

#include <vector>

#include "repo/repository.h"

namespace tidemark::repo {

struct ArchiveStats {
  Archive archive;
  std::uint64_t chunks = 0;        // that it names, each once
  std::uint64_t added_chunks = 0;  // that no earlier archive needs
  std::uint64_t added_bytes = 0;   // of those, as stored, bases and lists included
};

struct Stats {
  std::vector<ArchiveStats> archives;  // by sequence
  std::uint64_t plain_bytes = 0;       // of all archives together, as if each stood alone
  std::uint64_t live_bytes = 0;        // stored, that archives need
  std::uint64_t pack_bytes = 0;        // of all packs
  std::uint64_t packs = 0;
};

Result<Stats> stats(Repository& repository);

}  // namespace tidemark::repo
