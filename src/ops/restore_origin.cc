// What a restore starts from: a point, or a moment within the automated backups.
#include <algorithm>

#include <fmt/format.h>

#include "base/edit_distance.h"
#include "ops/automated_backups.h"
#include "ops/restore_draft.h"

namespace tidemark::ops {
namespace {

using core::RecoveryPoint;
using core::SeenInstance;

Result<std::string> newest_point(const RestoreDraft& draft,
                                 const std::vector<RecoveryPoint>& points) {
  for (const RecoveryPoint& point : points) {
    const bool in_time = !draft.request.at || point.moment() <= *draft.request.at;
    // What a restore saved of an instance that was to be replaced is not what to go back to, nor is
    // what a restore made that nobody has checked.
    const std::string& resource = draft.surveyed.snapshots.at(point.id).resource_id;
    if (point.good() && in_time && !point.legacy && !point.apart &&
        !is_unproven(draft.world, resource))
      return point.id;
  }
  const std::string& name = draft.source.name;
  if (draft.request.at)
    return Error{ErrorKind::not_found,
                 fmt::format("source {} has no good point from before {}", name,
                             format_time(*draft.request.at)),
                 fmt::format("`tidemark list {}` shows what there is", name)};
  return Error{ErrorKind::not_found, fmt::format("source {} has no good point", name),
               fmt::format("`tidemark list {}` shows what there is; --to-time restores from the "
                           "automated backups, --point a WeeklyBackup snapshot",
                           name)};
}

Result<std::string> named_point(const RestoreDraft& draft,
                                const std::vector<RecoveryPoint>& points) {
  const std::string& wanted = *draft.request.point;
  std::vector<std::string> known;
  for (const RecoveryPoint& point : points) {
    if (point.id == wanted) return point.id;
    known.push_back(point.id);
  }
  const auto meant = nearest_word(wanted, known);
  return Error{ErrorKind::not_found,
               fmt::format("source {} has no point {}", draft.source.name, wanted),
               meant ? fmt::format("did you mean {}?", *meant)
                     : fmt::format("`tidemark list {}` shows its points; a point of another source "
                                   "is restored by that source's name",
                                   draft.source.name)};
}

Result<aws::rds::AutomatedBackup> automated_backup(const RestoreDraft& draft) {
  const SeenInstance* current = draft.current_instance();
  BackupOwner owner{.resource_id = current == nullptr ? "" : current->resource_id,
                    .instance_id = draft.source.instance,
                    .region = draft.source.region};
  for (const auto& [id, snapshot] : draft.surveyed.snapshots)
    owner.ancestors.insert(snapshot.resource_id);
  const auto found = backup_of(TRY(draft.source.service->automated_backups()), owner);
  if (found && found->earliest && found->latest) return *found;
  return Error{
      ErrorKind::not_found,
      fmt::format("there are no automated backups of {}", draft.source.instance),
      fmt::format("restore a point instead: `tidemark list {}` shows them", draft.source.name)};
}

Result<std::string> chosen_time(const RestoreDraft& draft) {
  const auto backup = TRY(automated_backup(draft));
  if (draft.request.to_latest) return std::string(core::kLatestOrigin);
  const TimePoint time = *draft.request.to_time;
  if (time >= *backup.earliest && time < *backup.latest) return core::origin_of_time(time);
  return Error{
      ErrorKind::invalid_input,
      fmt::format("the automated backups of {} reach from {} to just before {}; {} is outside",
                  draft.source.instance, format_time(*backup.earliest), format_time(*backup.latest),
                  format_time(time)),
      fmt::format("choose a time within, \"latest\", or a point from `tidemark list {}`",
                  draft.source.name)};
}

Result<std::string> chosen_origin(const RestoreDraft& draft) {
  if (draft.request.to_time || draft.request.to_latest) return chosen_time(draft);
  const std::vector<RecoveryPoint> points = points_of(draft.surveyed, draft.options);
  return draft.request.point ? named_point(draft, points) : newest_point(draft, points);
}

void describe_snapshot(RestoreDraft& draft, const aws::rds::Snapshot& snapshot) {
  draft.facts.origin_status = snapshot.status;
  draft.facts.origin_version = snapshot.engine_version;
  draft.goal.origin_gib = snapshot.allocated_storage_gib;
  const auto taken = snapshot.original_created ? snapshot.original_created : snapshot.created;
  draft.plan.origin_text = fmt::format(
      "{}{}, PostgreSQL {}", snapshot.id,
      taken ? fmt::format(", of {} ({} ago)", format_time(*taken),
                          format_duration(std::chrono::floor<Seconds>(draft.now - *taken)))
            : "",
      snapshot.engine_version);
}

Status describe_moment(RestoreDraft& draft, bool restored) {
  auto moment = core::time_of_origin(draft.goal.origin);
  if (!restored) {
    const auto backup = TRY(automated_backup(draft));
    draft.goal.time_source = backup.resource_id;
    draft.goal.origin_gib = backup.allocated_storage_gib;
    if (!moment) moment = backup.latest;
  }
  draft.plan.origin_text =
      !moment ? "the automated backups as of the latest moment"
              : fmt::format("the automated backups as of {} ({} ago)", format_time(*moment),
                            format_duration(std::max(
                                std::chrono::floor<Seconds>(draft.now - *moment), Seconds(0))));
  return Done{};
}

}  // namespace

Status choose_origin(RestoreDraft& draft) {
  const RestoreRequest& request = draft.request;
  const bool named =
      request.point || request.at || request.to_time || request.to_latest || request.newest;
  std::optional<std::string> chosen;
  if (named || !draft.open) chosen = TRY(chosen_origin(draft));
  if (draft.open) TRY(settle_with_open(draft, chosen));
  if (!draft.open) draft.goal.origin = chosen ? *chosen : TRY(chosen_origin(draft));
  const bool restored = core::is_restored(draft.facts.target, draft.goal.operation);

  if (const aws::rds::Snapshot* snapshot = draft.origin_snapshot()) {
    describe_snapshot(draft, *snapshot);
  } else if (core::is_time_origin(draft.goal.origin)) {
    TRY(describe_moment(draft, restored));
  } else {
    draft.facts.origin_status = "gone";
    draft.plan.origin_text = draft.goal.origin;
  }
  return Done{};
}

}  // namespace tidemark::ops
