// The plan of a restore: who gives way, which settings the new instance gets, which steps there
// are.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "aws/rds/settings_tags.h"
#include "core/engine_life.h"
#include "core/snapshot_name.h"
#include "ops/restore_draft.h"

namespace tidemark::ops {
namespace {

using core::InstanceSettings;
using core::SeenInstance;
using core::SettingsChoice;
using core::Severity;

constexpr std::size_t kTagsMax = 50;  // API reference, Tag

Status check_identifier(const std::string& name) {
  if (core::check_source_name(name)) return Done{};  // the same rules
  return Error{ErrorKind::invalid_input, fmt::format("'{}' is no DB instance identifier", name),
               "use 1 to 63 of a-z, 0-9 and single hyphens, a letter first"};
}

Status look(RestoreDraft& draft) {
  draft.surveyed = TRY(survey({draft.source}, draft.options)).front();
  const auto& error = draft.surveyed.error;
  if (!draft.surveyed.snapshots_known || (error && error->kind == ErrorKind::unsupported))
    return *error;
  draft.world = TRY(see_world(*draft.source.service));
  if (const SeenInstance* target = draft.world.by_id(draft.goal.identifier))
    draft.facts.target = *target;
  return Done{};
}

// Whoever types the command again after the connection broke may not know that it was done: that
// must not take the restored database down again.
Status refuse_second_restore(const RestoreDraft& draft) {
  if (!draft.facts.target || draft.request.again || !draft.goal.in_place) return Done{};
  const auto mark = draft.facts.target->mark();
  const bool restored = mark && mark->role == core::RestoreRole::restored &&
                        mark->phase != core::RestorePhase::retired;
  // What bears the identifier may have lost its tags; the one that gave way to it tells as well.
  const SeenInstance* replaced = restored ? draft.world.replaced_by(mark->operation)
                                          : draft.world.kept_for(draft.goal.identifier);
  if (!restored && replaced == nullptr) return Done{};
  const core::RestoreMark done = restored ? *mark : *replaced->mark();
  const std::string& name = draft.source.name;
  return Error{
      ErrorKind::unsafe,
      fmt::format("{} is restored already, from {} by the restore of {}; {}", draft.goal.identifier,
                  done.origin, format_time(*core::operation_began(done.operation)),
                  replaced != nullptr ? "the instance before is kept as " + replaced->id
                                      : "no instance gave way to it"),
      replaced != nullptr
          ? fmt::format("content with it: `tidemark restore retire {}`; not content: `tidemark "
                        "restore rollback {}`; to restore it once more add --again",
                        name, name)
          : "to restore it once more add --again"};
}

Status begin_or_resume(RestoreDraft& draft) {
  draft.open = open_restore(draft.world, draft.goal.identifier);
  draft.plan.resumed = draft.open.has_value();
  draft.goal.operation = draft.open ? draft.open->operation : new_operation(draft.world, draft.now);
  if (!draft.open) return refuse_second_restore(draft);
  if (draft.open->phase == core::RestorePhase::rolling_back)
    return Error{
        ErrorKind::conflict,
        fmt::format("the restore of {} is being rolled back", draft.goal.identifier),
        fmt::format("finish that first: `tidemark restore rollback {}`", draft.source.name)};
  if (const SeenInstance* replaced = draft.world.replaced_by(draft.goal.operation))
    draft.facts.replaced = *replaced;
  return Done{};
}

Result<InstanceSettings> point_settings(const RestoreDraft& draft) {
  if (const aws::rds::Snapshot* snapshot = draft.origin_snapshot())
    return aws::rds::decode_settings(snapshot->tags);
  // To a time: the newest point that carries settings is the nearest there is.
  for (const core::RecoveryPoint& point : points_of(draft.surveyed, draft.options)) {
    auto settings = aws::rds::decode_settings(draft.surveyed.snapshots.at(point.id).tags);
    if (settings) return settings;
  }
  return Error{ErrorKind::not_found, "no point carries instance settings"};
}

// Groups belong to a major version.
void adjust_groups(RestoreDraft& draft) {
  const aws::rds::Snapshot* snapshot = draft.origin_snapshot();
  if (!draft.request.upgrade_to || snapshot == nullptr) return;
  draft.goal.upgrade_to = *draft.request.upgrade_to;
  if (core::major_of(draft.goal.upgrade_to) == core::major_of(snapshot->engine_version)) return;
  draft.goal.wanted.option_groups.clear();
  if (draft.request.parameter_group) return;
  draft.goal.wanted.parameter_groups.clear();
  draft.problem(
      Severity::warning,
      "parameter groups belong to a major version: the restored instance gets the default "
      "one",
      "name one with --parameter-group");
}

// To insist on the zone of before could keep the database down where that zone has no capacity.
void adjust_zone(RestoreDraft& draft) {
  InstanceSettings& wanted = draft.goal.wanted;
  const std::string before =
      std::exchange(wanted.availability_zone, draft.request.zone.value_or(""));
  if (wanted.multi_az && draft.request.zone)
    draft.obstacle(ErrorKind::invalid_input,
                   "the instance is Multi-AZ, and RDS chooses the zones of those",
                   "leave --zone out");
  else if (!wanted.multi_az && !draft.request.zone && !before.empty())
    draft.problem(
        Severity::note, fmt::format("RDS chooses the availability zone; before it was {}", before),
        fmt::format("--zone {} insists on it, and fails where it has no capacity", before));
}

// Both bear the marks: the instance that gives way, with all that it bears by now, and the new one.
void judge_tags(RestoreDraft& draft) {
  const SeenInstance* current = draft.goal.in_place ? draft.current_instance() : nullptr;
  std::vector<const core::Tags*> bearers = {&draft.goal.wanted.tags};
  if (current != nullptr) bearers.push_back(&current->settings.tags);
  for (const core::Tags* tags : bearers) {
    if (core::tags_with_mark(*tags) <= kTagsMax) continue;
    draft.obstacle(
        ErrorKind::conflict,
        fmt::format("the instance has {} tags, and with those of a restore it would have "
                    "{}, more than the {} that RDS allows",
                    tags->size(), core::tags_with_mark(*tags), kTagsMax),
        "remove some tags from it");
    return;
  }
}

void adjust_settings(RestoreDraft& draft) {
  InstanceSettings& wanted = draft.goal.wanted;
  adjust_zone(draft);
  if (wanted.publicly_accessible)
    draft.problem(Severity::warning,
                  "the instance was publicly accessible; the restored one will be private",
                  "if that has to be: `aws rds modify-db-instance --publicly-accessible`");
  wanted.publicly_accessible = false;
  // RDS takes one or the other.
  if (draft.request.set_password && std::exchange(wanted.managed_password, false))
    draft.problem(
        Severity::warning,
        "RDS kept the master password in Secrets Manager; it will be the one that is given",
        "leave --master-password-file out, and RDS makes a new secret");
  std::erase_if(wanted.tags, [](const auto& tag) { return !core::is_users_tag(tag.first); });
  if (draft.request.instance_class) wanted.instance_class = *draft.request.instance_class;
  if (draft.request.parameter_group) wanted.parameter_groups = {*draft.request.parameter_group};
  judge_tags(draft);
  adjust_groups(draft);
}

// The name that an earlier run of this restore gave to a snapshot that did not fail, or a free one:
// another point of the same minute does not hold what gives way now.
std::string safety_name(const RestoreDraft& draft) {
  const std::string ours = safety_hold(draft.goal.operation);
  for (const auto& [id, snapshot] : draft.surveyed.snapshots) {
    const auto hold = snapshot.tags.find(std::string(kHoldTag));
    const bool is_ours = hold != snapshot.tags.end() && hold->second == ours;
    if (is_ours && snapshot.status != "failed") return id;
  }
  return core::free_snapshot_name(
      draft.source.name, *core::operation_began(draft.goal.operation),
      [&draft](const std::string& name) { return draft.surveyed.snapshots.contains(name); });
}

void describe(RestoreDraft& draft) {
  core::RestorePlan& plan = draft.plan;
  plan.standing = core::standing_text(draft.goal, draft.facts);
  if (draft.facts.target) plan.address_before = draft.facts.target->address;
  for (const std::optional<SeenInstance>& one : {draft.facts.target, draft.facts.replaced})
    if (one && !plan.last_took) plan.last_took = core::read_took(one->settings.tags);
  plan.steps = core::planned_steps(draft.goal, draft.facts);
}

}  // namespace

const SeenInstance* RestoreDraft::current_instance() const {
  if (goal.in_place && facts.replaced) return &*facts.replaced;
  const SeenInstance* named = world.by_id(source.instance);
  return named != nullptr && !core::is_restored(*named, goal.operation) ? named : nullptr;
}

const aws::rds::Snapshot* RestoreDraft::origin_snapshot() const {
  const auto found = surveyed.snapshots.find(goal.origin);
  return found == surveyed.snapshots.end() ? nullptr : &found->second;
}

void find_who_gives_way(RestoreDraft& draft, bool safety_snapshot) {
  core::RestoreGoal& goal = draft.goal;
  core::RestoreFacts& facts = draft.facts;
  if (!goal.in_place) return;
  const aws::rds::Snapshot* snapshot = draft.origin_snapshot();
  if (draft.open) {
    goal.aside = draft.open->aside;
  } else if (facts.target) {
    facts.replaced = facts.target;
    std::set<std::string> taken;
    for (const SeenInstance& one : draft.world.instances) taken.insert(one.id);
    goal.aside = core::aside_name(goal.identifier, "replaced", draft.now, taken);
  } else if (snapshot != nullptr) {
    // Renamed by hand: it steps aside no further, and a rollback gives it its name back.
    if (const SeenInstance* renamed = draft.world.by_resource(snapshot->resource_id)) {
      facts.replaced = *renamed;
      goal.aside = renamed->id;
    }
  }
  if (facts.replaced) goal.gives_way = facts.replaced->resource_id;
  const SeenInstance* holder = draft.world.by_id(goal.aside);
  if (holder != nullptr && holder->resource_id != goal.gives_way)
    facts.aside_holder = holder->resource_id;
  const bool occupied = facts.replaced && facts.replaced->id == goal.identifier;
  if (!safety_snapshot || !occupied) return;
  goal.safety = safety_name(draft);
  const auto known = draft.surveyed.snapshots.find(goal.safety);
  if (known != draft.surveyed.snapshots.end()) facts.safety_status = known->second.status;
}

Status choose_settings(RestoreDraft& draft) {
  const SeenInstance* current = draft.current_instance();
  const auto saved = point_settings(draft);
  if (saved && current != nullptr)
    draft.plan.drift = core::settings_drift(*saved, current->own_settings());
  const SettingsChoice usual = current != nullptr ? SettingsChoice::current : SettingsChoice::point;
  core::RestoreGoal& goal = draft.goal;
  goal.choice = draft.open ? draft.open->settings : draft.request.settings.value_or(usual);
  if (goal.choice == SettingsChoice::current && current == nullptr)
    return Error{
        ErrorKind::not_found,
        fmt::format("there is no instance {} whose settings could be taken", draft.source.instance),
        "choose --settings point"};
  if (goal.choice == SettingsChoice::point && !saved) {
    Error error = saved.error();
    error.hint = current != nullptr
                     ? "choose --settings current"
                     : "choose --settings defaults: RDS's own; --instance-class and "
                       "--parameter-group can be given, the rest is set by hand afterwards";
    return error;
  }
  goal.wanted.blank = goal.choice == SettingsChoice::defaults;
  if (goal.choice == SettingsChoice::current) goal.wanted = current->own_settings();
  if (goal.choice == SettingsChoice::point) goal.wanted = *saved;
  adjust_settings(draft);
  return Done{};
}

namespace {

bool is_same_origin(const core::RestoreMark& mark, const RestoreRequest& request) {
  if (request.point) return *request.point == mark.origin;
  if (request.to_time) return core::origin_of_time(*request.to_time) == mark.origin;
  if (request.at) return false;  // which point that means may have changed since
  return mark.options.newest && core::is_time_origin(mark.origin) == request.to_latest;
}

}  // namespace

Result<std::optional<SeenInstance>> finished_beside(const Source& source,
                                                    const RestoreRequest& request) {
  if (!request.as) return std::optional<SeenInstance>();
  const RestoreWorld world = TRY(see_world(*source.service));
  const SeenInstance* made = world.by_id(*request.as);
  const auto mark = made == nullptr ? std::nullopt : made->mark();
  const bool finished = mark && mark->role == core::RestoreRole::restored &&
                        mark->phase == core::RestorePhase::done && mark->source == source.name &&
                        is_same_origin(*mark, request) &&
                        (!request.warm_up || mark->progress.contains("warm-up"));
  return finished ? std::optional(*made) : std::nullopt;
}

Result<PreparedRestore> prepare_restore(const Source& source, const RestoreRequest& request,
                                        const SurveyOptions& options, const Clock& clock) {
  RestoreDraft draft{.source = source, .request = request, .options = options};
  draft.plan.source = source.name;
  draft.goal.identifier = request.as.value_or(source.instance);
  draft.goal.source = source.name;
  draft.goal.in_place = !request.as;
  TRY(check_identifier(draft.goal.identifier));
  TRY(look(draft));
  draft.now = decision_time(draft.surveyed, clock);
  TRY(begin_or_resume(draft));
  TRY(choose_origin(draft));
  TRY(remember_options(draft));
  find_who_gives_way(draft, draft.request.safety_snapshot);
  TRY(choose_settings(draft));
  describe(draft);
  TRY(judge_restore(draft));
  draft.plan.goal = draft.goal;
  std::stable_sort(draft.plan.problems.begin(), draft.plan.problems.end(),
                   [](const auto& a, const auto& b) { return a.severity > b.severity; });
  return PreparedRestore{std::move(draft.plan), std::move(draft.surveyed)};
}

}  // namespace tidemark::ops
