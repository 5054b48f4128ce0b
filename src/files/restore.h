// Restoring the files of a bucket in place: a plan, and then what it says.
//
// Both look at every version anew and hold 8 or 16 bytes for each file that changes, so that a
// restore that was cut off goes on by being run again. What somebody stores after the plan is not
// touched: nobody has seen that it would be undone.
#pragma once

#include <functional>
#include <vector>

#include "base/stop.h"
#include "files/bucket.h"
#include "files/restore_plan.h"

namespace tidemark::files {

// Makes the moment anew for each look: an inventory is read from its beginning.
using MomentMaker = std::function<Result<Moment>()>;

struct RestoreTarget {
  std::string prefix;  // empty: all of the bucket
  MomentMaker moment;
  bool is_elsewhere = false;  // the files come into a folder, and the bucket stays as it is
};

struct RestorePlan {
  TimePoint made;  // by the service's clock
  PlanTotals totals;
  // Of each file that is not as it was, a hash of its key and newest version; sorted. Times would
  // not do: an object that comes in parts has the time when its upload began.
  std::vector<std::uint64_t> seen = {};
};

// state: of a copy out of an archive class, else nullptr.
using OnPlanned = std::function<Status(const PlannedFile&, const VersionState* state)>;

// Changes nothing. on_planned: each file that is not as it was, by key; may be empty. jobs: looks
// at cold files at a time.
Result<RestorePlan> plan_restore(Bucket& bucket, const RestoreTarget& target,
                                 const OnPlanned& on_planned, int jobs = 8);

struct RestoreProgress {
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
};

struct RestoreOptions {
  int jobs = 8;
  std::function<void(const RestoreProgress&)> on_progress = {};
};

struct FailedFile {
  std::string key;
  Error error;
};

inline constexpr std::size_t kFailuresMax = 1'000;    // then it ends
inline constexpr std::size_t kFirstFailuresMax = 20;  // as long as no file has succeeded

inline constexpr std::size_t kNamedMax = 1'000;

// Files that are counted, the first of them with their names.
struct NamedFiles {
  std::uint64_t count = 0;
  std::vector<std::string> keys;

  void add(const std::string& key) {
    ++count;
    if (keys.size() < kNamedMax) keys.push_back(key);
  }
};

struct RestoreOutcome {
  std::uint64_t copied = 0;
  std::uint64_t copied_bytes = 0;
  std::uint64_t marked = 0;
  std::uint64_t lost = 0;
  std::uint64_t cold = 0;        // left as they are
  NamedFiles changed_meanwhile;  // since the plan, left as they are
  std::vector<FailedFile> failed;
  // By a last look. What somebody stored between the look at a key and its copy is right under
  // that; no version is gone.
  NamedFiles buried;
  NamedFiles still_different;  // for none of these reasons
};

// Fails with unsafe unless versioning is on, and as the bucket does when going on is of no use.
Result<RestoreOutcome> apply_restore(Bucket& bucket, const RestoreTarget& target,
                                     const RestorePlan& plan, const RestoreOptions& options,
                                     const StopSignal& stop);

}  // namespace tidemark::files
