// Verify: is every byte what it was?
//
// It reads packs, digests, decrypts and decodes them, and says which archives lack what cannot be
// read. Of packs that it finds damaged it leaves word (repo/upkeep/distrust.h), so that no later
// archive builds on them; otherwise it changes nothing.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "repo/upkeep/hurt_archives.h"

namespace tidemark::repo {

// Which packs to read today: a share of 1/days, another one each day, so that all are read within
// that many days in a row. days = 1 reads all. Those that were found damaged are always read.
struct Sample {
  std::uint32_t days = 1;
  std::uint64_t day = 0;  // any count of days
};

struct VerifyReport {
  std::vector<Error> findings;
  std::vector<ObjectName> damaged_packs;
  HurtArchives damaged;             // archives that lack what cannot be read
  std::optional<Error> unrecorded;  // why no word could be left of damaged packs
  std::uint64_t packs = 0;          // that are there
  std::uint64_t packs_read = 0;
  std::uint64_t bytes_read = 0;
  std::uint64_t chunks_read = 0;

  bool sound() const { return findings.empty() && damaged.empty(); }
};

// Calls progress after each pack, which may end it by an error. Safe beside writers and prunes.
Result<VerifyReport> verify(Repository& repository, const Sample& sample,
                            const std::function<Status(const VerifyReport&)>& progress = {});

}  // namespace tidemark::repo
