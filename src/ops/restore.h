// A restore: of a snapshot or to a point in time; in place, under the identifier of the instance
// that gives way, or beside it.
//
// Nothing is remembered here: prepare_restore() finds a restore that was begun by its marks, and
// run_restore() goes on from what the service shows.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/secret.h"
#include "core/restore_plan.h"
#include "files/restore.h"
#include "ops/restore_lease.h"
#include "ops/restore_world.h"
#include "ops/step_loop.h"
#include "ops/survey.h"

namespace tidemark::ops {

struct RestoreRequest {
  std::optional<std::string> point;  // a snapshot's id
  std::optional<TimePoint> at;       // the newest good point that is not after it
  std::optional<TimePoint> to_time;  // point-in-time recovery from automated backups
  bool to_latest = false;            // the same, to the latest moment that there is
  bool newest = false;               // the newest good point, said in so many words
  std::optional<std::string> as;     // beside: the new instance's identifier
  std::optional<core::SettingsChoice> settings;
  std::optional<std::string> instance_class;   // instead of the saved one
  std::optional<std::string> parameter_group;  // instead of the saved one
  std::optional<std::string> zone;             // else RDS chooses one that has capacity
  std::optional<std::string> upgrade_to;       // PostgreSQL version to upgrade the snapshot to
  bool again = false;  // although the instance before the last restore is still kept
  bool safety_snapshot = true;
  bool set_password = false;
  bool run_checks = true;
  bool run_hook = false;  // there is one, and nobody said to leave it out
  bool no_hook = false;   // somebody did
  bool warm_up = false;
  bool files = false;     // bring those of the source's bucket back as well
  bool no_files = false;  // although an earlier run was told to
};

struct PreparedRestore {
  core::RestorePlan plan;
  SurveyedSource surveyed;  // as of the plan
};

// Reads everything, changes nothing. What makes the restore impossible is a critical problem of the
// plan; it fails only when there is no plan to be shown (no such point, AWS not reachable).
Result<PreparedRestore> prepare_restore(const Source& source, const RestoreRequest& request,
                                        const SurveyOptions& options, const Clock& clock);

// What a step of the restore needs that AWS does not give.
struct RestoreWorkers {
  // Connects to the restored instance and checks it. replaced: the instance before, if it is kept.
  std::function<Status(const core::SeenInstance& target, const core::SeenInstance* replaced)> check;
  std::function<Status()> files;  // brings them back; what it left undone it tells otherwise
  std::function<Status(const core::SeenInstance& target)> hook;
  std::function<Status(const core::SeenInstance& target)> warm_up;
  std::optional<Secret> password;  // the new master password
};

// What the very same request with `as` made before, when it is finished: nothing is left to do
// then.
Result<std::optional<core::SeenInstance>> finished_beside(const Source& source,
                                                          const RestoreRequest& request);

struct StepOptions {
  SurveyOptions survey;
  StepLimits limits;
  ProcessIdentity self;
  std::function<void(const core::NextStep&, Millis)> on_step = {};
};

struct RestoreOutcome {
  std::vector<TakenStep> steps;
  std::vector<core::Problem> problems;  // what could not be brought back
  std::optional<core::SeenInstance> instance;
  std::optional<files::RestoreOutcome> files = {};  // when this run brought them back
  std::string discarded = {};  // of a rollback: what the restored instance is called now, or empty
  std::optional<Error> error;  // it stopped; the message says where it stands
};

// Applies the plan. Never fails itself: what went wrong is in the outcome.
RestoreOutcome run_restore(PreparedRestore prepared, const RestoreWorkers& workers,
                           const StepOptions& options, Clock& clock);

}  // namespace tidemark::ops
