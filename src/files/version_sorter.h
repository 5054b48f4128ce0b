// VersionSorter: versions that come in any order, in that of a Bucket.
//
// What does not fit into memory lies in one file without a name, which is gone with the process.
// Of one thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/fd.h"
#include "files/bucket.h"

namespace tidemark::files {

struct SorterLimits {
  std::size_t memory_bytes = 64u << 20;  // of versions that are held; about twice as much is taken
};

class VersionSorter {
 public:
  // folder: on a disk with room for all of them.
  explicit VersionSorter(std::string folder, SorterLimits limits = {})
      : folder_(std::move(folder)), limits_(limits) {}

  // Fails with exhausted when the disk is full.
  Status add(FileVersion version);

  // All of them, once: by key in the order of bytes; of a key the latest first, then by their
  // times from the newest to the oldest, those of one time as they came. Stops at the first error
  // of visit.
  Status for_each(const Bucket::Visit& visit);

 private:
  struct Held {
    FileVersion version;
    std::uint64_t came = 0;
  };
  class Run;

  static bool is_before(const Held& one, const Held& other);
  Status open_spill();
  Status spill();
  Status merge(const Bucket::Visit& visit);

  const std::string folder_;
  const SorterLimits limits_;
  std::vector<Held> held_;
  std::size_t held_bytes_ = 0;
  std::uint64_t came_ = 0;
  Fd spill_;
  std::uint64_t spilled_bytes_ = 0;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> runs_;  // from and to
};

}  // namespace tidemark::files
