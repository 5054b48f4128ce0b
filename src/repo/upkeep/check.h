// Check: is the structure sound?
//
// It reads what is small: slots, history, index, listings; it finds what is missing. It changes
// nothing. What is wrong is a finding; only what keeps us from looking is an error.
#pragma once

#include <string>
#include <vector>

#include "repo/upkeep/hurt_archives.h"

namespace tidemark::repo {

struct CheckReport {
  std::vector<Error> findings;            // empty: sound
  HurtArchives damaged;                   // archives that cannot be restored as a whole
  HurtArchives doubtful;                  // others, of which something is in damaged packs alone
  std::vector<ObjectName> damaged_packs;  // that show it without being read
  std::vector<std::string> foreign;       // keys that are not ours
  std::uint64_t archives = 0;
  std::uint64_t packs = 0;
  std::uint64_t pack_bytes = 0;
  std::uint64_t unindexed_packs = 0;   // left by who was cut off, or the index is lost
  std::uint64_t distrusted_packs = 0;  // that a verify or a repair found damaged
  std::uint64_t chunks = 0;            // that archives need, bases included

  bool sound() const { return findings.empty() && damaged.empty() && doubtful.empty(); }
};

Result<CheckReport> check(Repository& repository);

}  // namespace tidemark::repo
