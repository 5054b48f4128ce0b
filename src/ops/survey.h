// The survey: one reading of all that AWS shows of the sources, and the plan that follows from it.
//
// It costs a call a page of manual snapshots in each region and a call a source, whatever is there.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "core/restore_mark.h"
#include "core/source_plan.h"
#include "ops/points.h"
#include "ops/source.h"

namespace tidemark::ops {

struct SurveyOptions {
  std::string owner;
  int snapshot_quota = 100;  // manual snapshots that the account may have in a region
};

struct SurveyedSource {
  Source source;
  std::optional<aws::rds::Instance> instance;
  std::map<std::string, aws::rds::Snapshot> snapshots;  // its points, by id
  bool snapshots_known = false;  // false when the listing failed: then nothing may be decided
  bool quota_refused = false;    // the service said that it can hold no further snapshot
  // The restore of it that is not over, if there is one: what it is made from has to stay.
  std::optional<core::RestoreMark> open_restore;
  // Restores beside, of whichever source, that are not over; read right before points are removed.
  std::vector<core::RestoreMark> open_beside;
  int region_snapshots = 0;             // all manual snapshots of the region, whoever made them
  std::vector<core::Problem> problems;  // found while reading
  std::optional<Error> error;           // why the instance, or the snapshots, could not be read

  // Puts in what a later call showed of one of its snapshots.
  void update(aws::rds::Snapshot snapshot);
  void forget(const std::string& snapshot_id);
};

// Reads the world. A source that cannot be read gets its own error; only being asked to stop fails
// the whole.
Result<std::vector<SurveyedSource>> survey(const std::vector<Source>& sources,
                                           const SurveyOptions& options);

// Reads again whether a restore of it is under way, and which ones are beside.
Status look_for_open_restore(SurveyedSource& surveyed);

// Why the point of that id must stay for the sake of a restore that is under way; empty when none
// needs it.
std::string needed_by_restore(const SurveyedSource& surveyed, const std::string& snapshot_id);

// The moment to decide by: ours, or the service's when ours is wrong by more than kClockSkewMax.
// A slot named by a wrong clock would cover days that are still to come.
TimePoint decision_time(const SurveyedSource& surveyed, const Clock& clock);

// What to do for a surveyed source, as of now. Pure but for the clock.
core::SourcePlan plan_for(const SurveyedSource& surveyed, const SurveyOptions& options,
                          const Clock& clock);

// Its points, newest first.
std::vector<core::RecoveryPoint> points_of(const SurveyedSource& surveyed,
                                           const SurveyOptions& options);

}  // namespace tidemark::ops
