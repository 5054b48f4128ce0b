// Check and verify: is the structure sound; is every byte what it was.
//
// check reads what is small: slots, history, index, listings; it finds what is missing. verify also
// reads packs, digests, decrypts and decodes them. Neither changes anything. What is wrong is a
// finding; only what keeps us from looking is an error.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "repo/repository.h"

namespace tidemark::repo {

// An archive that cannot be restored as a whole: the streams that lack something, by name.
using LostStreams = std::map<std::string, std::uint64_t>;  // name, chunks that are gone

struct CheckReport {
  std::vector<Error> findings;                // empty: sound
  std::map<ObjectName, LostStreams> damaged;  // archives
  std::vector<std::string> foreign;           // keys that are not ours
  std::uint64_t archives = 0;
  std::uint64_t packs = 0;
  std::uint64_t pack_bytes = 0;
  std::uint64_t unindexed_packs = 0;  // left by who was cut off; a prune removes them
  std::uint64_t chunks = 0;           // that archives need, bases included

  bool sound() const { return findings.empty() && damaged.empty(); }
};

Result<CheckReport> check(Repository& repository);

// Which packs to read today: a share of 1/days, another one each day, so that all are read within
// that many days in a row. days = 1 reads all.
struct Sample {
  std::uint32_t days = 1;
  std::uint64_t day = 0;  // any count of days
};

struct VerifyReport {
  std::vector<Error> findings;
  std::vector<ObjectName> damaged_packs;
  std::uint64_t packs_read = 0;
  std::uint64_t bytes_read = 0;
  std::uint64_t chunks_read = 0;
};

// Calls progress after each pack, which may end it by an error.
Result<VerifyReport> verify(Repository& repository, const Sample& sample,
                            const std::function<Status(const VerifyReport&)>& progress = {});

}  // namespace tidemark::repo
