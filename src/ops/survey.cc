#include "ops/survey.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/restore_mark.h"
#include "core/snapshot_name.h"
#include "ops/restore_world.h"

namespace tidemark::ops {
namespace {

using aws::rds::Instance;
using aws::rds::RdsClient;
using aws::rds::Snapshot;
using core::Severity;

constexpr std::string_view kEngine = "postgres";

SurveyedSource* claimant(std::vector<SurveyedSource*>& group, const Snapshot& snapshot,
                         Origin origin) {
  const auto name = core::parse_snapshot_name(snapshot.id);
  for (SurveyedSource* one : group) {
    const bool claims = origin == Origin::legacy ? snapshot.instance_id == one->source.instance
                                                 : name && name->source == one->source.name;
    if (claims) return one;
  }
  return nullptr;
}

// One listing serves every source of a region.
Status read_snapshots(RdsClient& service, std::vector<SurveyedSource*> group,
                      const SurveyOptions& options) {
  int total = 0;
  std::map<std::string, int> unclaimed;  // points of ours, by sources that are not configured
  const Status listed = service.each_manual_snapshot([&](Snapshot snapshot) -> Status {
    ++total;
    const Origin origin = origin_of(snapshot, options.owner);
    if (origin == Origin::foreign) return Done{};
    if (SurveyedSource* one = claimant(group, snapshot, origin))
      one->update(std::move(snapshot));
    else if (origin == Origin::ours)
      ++unclaimed[core::parse_snapshot_name(snapshot.id)->source];
    return Done{};
  });
  if (!listed && listed.error().kind == ErrorKind::cancelled) return listed;
  for (const auto& [name, count] : unclaimed)
    group.front()->problems.push_back(
        {Severity::warning,
         fmt::format("{} points of a source '{}' exist in {}, which is not configured: they are "
                     "kept for ever, and count for the quota",
                     count, name, group.front()->source.region),
         fmt::format("if a source was renamed, give it back the name {}", name)});
  for (SurveyedSource* one : group) {
    one->snapshots_known = static_cast<bool>(listed);
    one->region_snapshots = total;
    if (!listed) one->error = in_context("cannot list the snapshots", listed.error());
  }
  return Done{};
}

std::string newest_resource(const SurveyedSource& surveyed) {
  const Snapshot* newest = nullptr;
  for (const auto& [id, snapshot] : surveyed.snapshots) {
    if (snapshot.status != "available" || core::is_legacy_name(id)) continue;
    if (newest == nullptr || snapshot.created > newest->created) newest = &snapshot;
  }
  return newest == nullptr ? "" : newest->resource_id;
}

// The instance is not there under its name: perhaps it was renamed.
Error missing_instance(SurveyedSource& surveyed) {
  Error error{ErrorKind::not_found,
              fmt::format("there is no instance {} in {}", surveyed.source.instance,
                          surveyed.source.region),
              fmt::format("see `aws rds describe-db-instances --region {}` and mend `instance` in "
                          "[source.{}]; the points that exist stay",
                          surveyed.source.region, surveyed.source.name)};
  const auto world = see_world(*surveyed.source.service);
  if (!world) return error;
  surveyed.open_restore = open_restore(*world, surveyed.source.instance);
  const core::SeenInstance* renamed = surveyed.open_restore
                                          ? world->replaced_by(surveyed.open_restore->operation)
                                          : world->by_resource(newest_resource(surveyed));
  if (renamed == nullptr) return error;
  if (const auto mark = renamed->mark()) {
    error.message = fmt::format("{} gave way to the restore of {} and is called {} now",
                                surveyed.source.instance,
                                format_time(*core::operation_began(mark->operation)), renamed->id);
    error.hint = fmt::format(
        "`tidemark restore {0}` goes on with it, `tidemark restore rollback "
        "{0}` takes it back",
        surveyed.source.name);
  } else {
    error.hint = fmt::format(
        "the instance of its points is now called {0}; if that is right, set "
        "instance = \"{0}\" in [source.{1}]",
        renamed->id, surveyed.source.name);
  }
  return error;
}

std::optional<Error> unfit(const Instance& instance) {
  if (!instance.cluster_id.empty())
    return Error{ErrorKind::unsupported,
                 fmt::format("instance {} is a member of the cluster {}, of which single snapshots "
                             "cannot be taken",
                             instance.id, instance.cluster_id),
                 "name an RDS for PostgreSQL instance that is not part of a cluster"};
  if (instance.settings.engine != kEngine)
    return Error{
        ErrorKind::unsupported,
        fmt::format("instance {} runs {}, not PostgreSQL", instance.id, instance.settings.engine),
        "name an RDS for PostgreSQL instance"};
  return std::nullopt;
}

// Whether the instance holds, by way of restores, the rows of the one with this DbiResourceId.
bool descends_from(const Instance& instance, const std::string& resource_id) {
  const std::vector<std::string> descent = core::read_descent(instance.settings.tags);
  return std::find(descent.begin(), descent.end(), resource_id) != descent.end();
}

void note_restore(SurveyedSource& surveyed) {
  const auto mark = to_seen(*surveyed.instance).mark();
  if (mark && mark->identifier == surveyed.source.instance &&
      (mark->phase == core::RestorePhase::open || mark->phase == core::RestorePhase::rolling_back))
    surveyed.open_restore = mark;
  if (!mark || mark->aside.empty()) return;
  const std::string began = format_time(*core::operation_began(mark->operation));
  if (mark->phase == core::RestorePhase::done && mark->role == core::RestoreRole::restored)
    surveyed.problems.push_back(
        {Severity::note,
         fmt::format("the instance before the restore of {} is kept as {}", began, mark->aside),
         fmt::format("`tidemark restore retire {0}` deletes it after a final snapshot; `tidemark "
                     "restore rollback {0}` puts it back",
                     surveyed.source.name)});
  if (mark->phase == core::RestorePhase::open)
    surveyed.problems.push_back(
        {Severity::warning, fmt::format("the restore of {} is not finished", began),
         fmt::format(
             "`tidemark restore {0}` goes on with it, `tidemark restore rollback {0}` takes "
             "it back",
             surveyed.source.name)});
}

// A restore of one of our snapshots by hand gives its tags to the instance; RDS would copy them to
// the next snapshots, where they mean something else.
void note_copied_tags(SurveyedSource& surveyed) {
  std::string keys;
  for (const auto& [key, value] : surveyed.instance->settings.tags)
    for (const std::string_view own : {kOwnerTag, kSourceTag, kPointTag, kHoldTag, kKindTag})
      if (key == own) keys += (keys.empty() ? "" : " ") + key;
  if (keys.empty()) return;
  surveyed.problems.push_back(
      {Severity::warning,
       fmt::format("instance {} bears the tags of a snapshot that it was made of by hand, and its "
                   "new snapshots may be taken for what they are not",
                   surveyed.source.instance),
       fmt::format("aws rds remove-tags-from-resource --resource-name {} --tag-keys {}",
                   surveyed.instance->arn, keys)});
}

void note_replacement(SurveyedSource& surveyed) {
  const std::string before = newest_resource(surveyed);
  if (before.empty() || before == surveyed.instance->settings.resource_id) return;
  if (descends_from(*surveyed.instance, before)) return;
  surveyed.problems.push_back(
      {Severity::warning,
       fmt::format("instance {} was replaced: it is {} now, and the newest point is of {}",
                   surveyed.source.instance, surveyed.instance->settings.resource_id, before),
       fmt::format("if that was meant, take a point of the new one: `tidemark backup {}`",
                   surveyed.source.name)});
}

Status read_instance(SurveyedSource& surveyed) {
  auto instance = surveyed.source.service->instance(surveyed.source.instance);
  if (instance) {
    surveyed.error = unfit(*instance);
    if (surveyed.error) return Done{};
    surveyed.instance = *std::move(instance);
    note_restore(surveyed);
    note_copied_tags(surveyed);
    note_replacement(surveyed);
    return Done{};
  }
  if (instance.error().kind == ErrorKind::cancelled) return std::move(instance).error();
  surveyed.error =
      instance.error().kind == ErrorKind::not_found
          ? missing_instance(surveyed)
          : in_context(fmt::format("cannot read instance {}", surveyed.source.instance),
                       std::move(instance).error());
  return Done{};
}

// A point of an instance that was replaced covers nothing of the new one. When not even the name is
// the same, and no restore of ours led from one to the other, the source may have been pointed at
// another database by mistake: then its policy must not judge the points of the old one.
void tell_instances_apart(const Snapshot& snapshot, const Instance& instance,
                          core::RecoveryPoint& point) {
  const bool known = !snapshot.resource_id.empty() && !instance.settings.resource_id.empty();
  point.other_instance = known && snapshot.resource_id != instance.settings.resource_id;
  if (descends_from(instance, snapshot.resource_id)) return;  // one history
  if (point.other_instance && snapshot.instance_id != instance.id && !point.hold)
    point.hold = fmt::format("it is of another instance, {} ({})", snapshot.instance_id,
                             snapshot.resource_id);
}

void note_quota(const SurveyedSource& surveyed, const SurveyOptions& options,
                core::SourcePlan& plan) {
  const int quota = options.snapshot_quota;
  const int left = quota - surveyed.region_snapshots;
  if (left < 0) {
    plan.problems.push_back(
        {Severity::note,
         fmt::format("{} has {} manual snapshots, more than the quota of {} that is configured",
                     surveyed.source.region, surveyed.region_snapshots, quota),
         "set snapshot_quota in [aws] to what AWS grants, so that a full one is foreseen"});
    return;
  }
  if (left > std::max(quota / 10, 1)) return;
  plan.problems.push_back(
      {left == 0 && !plan.covered ? Severity::critical : Severity::warning,
       fmt::format("{} of {} manual snapshots of {} are used ({} by this source){}",
                   surveyed.region_snapshots, quota, surveyed.source.region,
                   surveyed.snapshots.size(), left == 0 ? "; the next one will be refused" : ""),
       "delete snapshots that nobody needs, keep fewer (`tidemark retention simulate`), or ask AWS "
       "to raise the quota and set snapshot_quota"});
}

}  // namespace

void SurveyedSource::update(Snapshot snapshot) {
  const std::string id = snapshot.id;
  snapshots.insert_or_assign(id, std::move(snapshot));
}

void SurveyedSource::forget(const std::string& snapshot_id) { snapshots.erase(snapshot_id); }

Result<std::vector<SurveyedSource>> survey(const std::vector<Source>& sources,
                                           const SurveyOptions& options) {
  std::vector<SurveyedSource> all;
  for (const Source& source : sources) all.push_back(SurveyedSource{.source = source});
  std::map<RdsClient*, std::vector<SurveyedSource*>> regions;
  for (SurveyedSource& one : all) regions[one.source.service].push_back(&one);
  for (auto& [service, group] : regions) TRY(read_snapshots(*service, group, options));
  for (SurveyedSource& one : all)
    if (one.snapshots_known) TRY(read_instance(one));
  return all;
}

Status look_for_open_restore(SurveyedSource& surveyed) {
  const RestoreWorld world = TRY(see_world(*surveyed.source.service));
  surveyed.open_restore = open_restore(world, surveyed.source.instance);
  surveyed.open_beside.clear();
  for (const core::SeenInstance& one : world.instances) {
    const auto mark = one.mark();
    const bool is_made = mark && mark->role == core::RestoreRole::restored;
    if (is_made && mark->phase == core::RestorePhase::open) surveyed.open_beside.push_back(*mark);
  }
  return Done{};
}

std::string needed_by_restore(const SurveyedSource& surveyed, const std::string& snapshot_id) {
  const auto needs = [](const core::RestoreMark& mark) {
    return fmt::format("the restore of {} that is not over needs it",
                       format_time(*core::operation_began(mark.operation)));
  };
  for (const core::RestoreMark& beside : surveyed.open_beside)
    if (beside.origin == snapshot_id) return needs(beside);
  const auto& open = surveyed.open_restore;
  const auto found = surveyed.snapshots.find(snapshot_id);
  if (!open || found == surveyed.snapshots.end()) return "";
  const auto kind = found->second.tags.find(std::string(kKindTag));
  const bool is_safety = kind != found->second.tags.end() && kind->second == kSafety &&
                         is_safety_of(found->second, open->operation);
  if (open->origin != snapshot_id && !is_safety) return "";
  return needs(*open);
}

std::vector<core::RecoveryPoint> points_of(const SurveyedSource& surveyed,
                                           const SurveyOptions& options) {
  std::vector<core::RecoveryPoint> points;
  for (const auto& [id, snapshot] : surveyed.snapshots) {
    points.push_back(to_point(snapshot, origin_of(snapshot, options.owner), surveyed.source.name));
    if (surveyed.instance) tell_instances_apart(snapshot, *surveyed.instance, points.back());
    if (const std::string why = needed_by_restore(surveyed, id);
        !why.empty() && !points.back().hold)
      points.back().hold = why;
  }
  std::sort(points.begin(), points.end(), [](const auto& a, const auto& b) {
    return std::tuple(a.moment(), a.id) > std::tuple(b.moment(), b.id);
  });
  return points;
}

TimePoint decision_time(const SurveyedSource& surveyed, const Clock& clock) {
  const Millis skew = surveyed.source.service->clock_skew().value_or(Millis::zero());
  return std::chrono::abs(skew) > core::kClockSkewMax ? clock.now() + skew : clock.now();
}

core::SourcePlan plan_for(const SurveyedSource& surveyed, const SurveyOptions& options,
                          const Clock& clock) {
  const TimePoint now = decision_time(surveyed, clock);
  core::SourceFacts facts;
  facts.source = surveyed.source.name;
  facts.instance = surveyed.source.instance;
  facts.problems = surveyed.problems;
  if (surveyed.error)
    facts.problems.push_back({Severity::critical, surveyed.error->message, surveyed.error->hint});
  if (!surveyed.snapshots_known) {
    core::SourcePlan unknown;
    unknown.source = facts.source;
    unknown.instance = facts.instance;
    unknown.problems = facts.problems;
    return unknown;
  }
  if (surveyed.instance) facts.instance_status = surveyed.instance->status;
  facts.points = points_of(surveyed, options);
  facts.retention = surveyed.source.retention;
  facts.latest_slot = surveyed.source.schedule.latest_slot(now);
  facts.next_slot = [&](TimePoint after) { return surveyed.source.schedule.next_slot(after); };
  facts.overdue_after = surveyed.source.overdue_after;
  facts.now = now;
  const bool in_progress = std::any_of(facts.points.begin(), facts.points.end(), [](const auto& p) {
    return p.state == core::PointState::in_progress;
  });
  facts.quota_full = surveyed.quota_refused ||
                     (surveyed.region_snapshots == options.snapshot_quota && !in_progress);
  facts.clock_skew = surveyed.source.service->clock_skew().value_or(Millis::zero());
  core::SourcePlan plan = core::plan_source(facts, surveyed.source.schedule.zone());
  note_quota(surveyed, options, plan);
  std::stable_sort(
      plan.problems.begin(), plan.problems.end(),
      [](const core::Problem& a, const core::Problem& b) { return a.severity > b.severity; });
  return plan;
}

}  // namespace tidemark::ops
