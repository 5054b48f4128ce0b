// What is to be done to each file so that the bucket is as it was at a moment. Pure.
//
// Only two things are ever done, and neither destroys a version: an old version is copied to the
// top, or a delete marker is put there. So the restore is undone by another one, to the moment
// before it.
#pragma once

#include <cstdint>

#include "files/walk.h"

namespace tidemark::files {

enum class FileAct {
  nothing,  // it is as it was
  copy,     // of an old version to the top
  mark,     // it did not exist
  lose,     // its version is no longer there, and no other with its content
};

struct PlannedFile {
  FileAct act = FileAct::nothing;
  // To be copied, or lost; of a mark: what it hides.
  FileVersion version = {};
  std::optional<FileVersion> newest = {};  // of the key now
};

// seen: with the one state that is wanted.
PlannedFile plan_file(const KeySeen& seen);

// The same when the files are to come somewhere else: each one that there was is copied, or lost.
PlannedFile plan_elsewhere(const KeySeen& seen);

struct PlanTotals {
  std::uint64_t unchanged = 0;
  std::uint64_t copies = 0;
  std::uint64_t copied_bytes = 0;
  std::uint64_t marks = 0;
  std::uint64_t lost = 0;
  std::uint64_t cold = 0;     // of the copies, those that cannot be read before they are thawed
  std::uint64_t thawing = 0;  // of these, those that are on their way

  void add(const PlannedFile& file);
  bool nothing_to_do() const { return copies == 0 && marks == 0 && lost == 0; }
};

}  // namespace tidemark::files
