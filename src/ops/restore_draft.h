// A restore's plan while it is being made: what was read, and what was chosen so far. Shared by the
// parts of prepare_restore(), each of which fills in its share, in the order below.
#pragma once

#include "ops/restore.h"

namespace tidemark::ops {

struct RestoreDraft {
  const Source& source;
  RestoreRequest request;  // with what an earlier run was told
  const SurveyOptions& options;
  SurveyedSource surveyed = SurveyedSource{.source = source};
  RestoreWorld world = {};
  TimePoint now = {};
  std::optional<core::RestoreMark> open = {};  // a restore that an earlier run began
  core::RestoreFacts facts = {};
  core::RestoreGoal goal = {};
  core::RestorePlan plan = {};

  void problem(core::Severity severity, std::string message, std::string hint = {}) {
    plan.problems.push_back({severity, std::move(message), std::move(hint)});
  }

  // A critical problem: what an attempt would fail with.
  void obstacle(ErrorKind kind, std::string message, std::string hint = {}) {
    plan.problems.push_back({core::Severity::critical, std::move(message), std::move(hint), kind});
  }

  // The source's instance as it is now: under its name, or renamed by this restore; else nullptr.
  const core::SeenInstance* current_instance() const;
  // The snapshot that is restored; nullptr for a point in time, and when it is gone.
  const aws::rds::Snapshot* origin_snapshot() const;
};

// The point or the moment to restore. Fails when there is none.
Status choose_origin(RestoreDraft& draft);

// Whether this run goes on with the open restore, or begins anew in its place; named is the origin
// that was asked for, looked up. Fails when neither can be.
Status settle_with_open(RestoreDraft& draft, const std::optional<std::string>& named);

// The options of the request into the goal, with those that an earlier run was told. Fails when one
// has to be given again.
Status remember_options(RestoreDraft& draft);

// Which instance gives way, what it is to be called, and its safety snapshot.
void find_who_gives_way(RestoreDraft& draft, bool safety_snapshot);

// The settings that the instance is to have.
Status choose_settings(RestoreDraft& draft);

// Problems: what makes it impossible, and what will not come back. Asks the service; fails only
// when it was told to stop.
Status judge_restore(RestoreDraft& draft);

}  // namespace tidemark::ops
