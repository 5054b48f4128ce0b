// A restore before it begins: every step, what can be taken back, what will be different, and what
// stands in the way. A value: `restore --dry-run`, the question before the start and the JSON all
// show the same one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/restore_steps.h"
#include "core/retire_steps.h"
#include "core/rollback_steps.h"
#include "core/settings_drift.h"
#include "core/source_plan.h"

namespace tidemark::core {

struct PlannedStep {
  RestoreAct act;
  std::string text;
  std::string undo;   // how it is taken back; empty: nothing to take back
  bool done = false;  // by an earlier run
};

// The files of the source's bucket that come back with the rows.
struct PlannedFiles {
  std::string bucket;           // "s3://shop-files/live/"
  TimePoint moment;             // that they are brought back to
  std::string inventory;        // that says what there was; empty: the bucket's own versions
  std::optional<Seconds> skew;  // how much later it is than the last transaction of the rows
  std::uint64_t copies = 0;     // old versions that are copied to the top
  std::uint64_t copied_bytes = 0;
  std::uint64_t removed = 0;  // that did not exist, by a delete marker
  std::uint64_t unchanged = 0;
  std::uint64_t lost = 0;  // whose version is gone
  std::uint64_t cold = 0;  // of the copies, in an archive class
};

struct RestorePlan {
  std::string kind = "restore";  // or "rollback", "retire"
  std::string source;
  RestoreGoal goal;
  bool resumed = false;        // an earlier run began it
  std::string resumed_text;    // when that was, for people
  std::string origin_text;     // what is restored, for people
  std::string standing;        // where it stands now
  std::string address_before;  // of the endpoint; empty when nothing has the identifier
  std::vector<PlannedStep> steps;
  std::vector<SettingDifference> drift;  // wanted: the point's settings; shown: the current ones
  std::optional<Seconds> last_took;      // how long the last one took
  std::optional<PlannedFiles> files;     // when they are to come back, and have not yet
  std::vector<Problem> problems;         // critical: it cannot start

  // The first critical problem, nullptr when it can start.
  const Problem* obstacle() const;
  bool possible() const { return obstacle() == nullptr; }
};

// The steps of this goal, given what is there; what is done already is marked so.
std::vector<PlannedStep> planned_steps(const RestoreGoal& goal, const RestoreFacts& facts);

// The steps of putting the replaced instance back.
std::vector<PlannedStep> planned_rollback(const RollbackFacts& facts,
                                          const std::string& discarded_name);

// The steps of deleting what a restore put aside.
std::vector<PlannedStep> planned_retirement(const RetireFacts& facts);

}  // namespace tidemark::core
