#include "ops/retire.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/snapshot_name.h"

namespace tidemark::ops {
namespace {

using core::NextStep;
using core::RestoreAct;
using core::RestoreMark;
using core::RestorePhase;
using core::RestoreRole;
using core::SeenInstance;

// The final snapshot's name has to be known again when the instance, and its tags with it, are
// gone; so it stands in a tag of the instance that lives on, too.
std::string free_name(const SurveyedSource& surveyed, const std::string& source, TimePoint now) {
  return core::free_snapshot_name(
      source, now, [&](const std::string& name) { return surveyed.snapshots.contains(name); });
}

std::string tag_of(const SeenInstance& instance, std::string_view key) {
  const auto found = instance.settings.tags.find(std::string(key));
  return found == instance.settings.tags.end() ? "" : found->second;
}

// Put aside by a restore that is over: done, or rolled back.
bool may_retire(const SeenInstance& instance, const std::string& identifier) {
  const auto mark = instance.mark();
  if (!mark || mark->identifier != identifier || instance.id == identifier) return false;
  if (mark->role == RestoreRole::discarded || mark->phase == RestorePhase::retiring) return true;
  return mark->role == RestoreRole::replaced && mark->phase == RestorePhase::done;
}

// Whoever is connected to it still works with its rows. What cannot be asked is told.
void judge_clients(const SeenInstance& victim, const RetireRequest& request,
                   std::vector<core::Problem>& problems) {
  if (!request.count_clients || victim.address.empty() || victim.status != "available") return;
  const auto clients = request.count_clients(victim);
  if (!clients)
    problems.push_back({core::Severity::note,
                        fmt::format("whether anybody is connected to {} could not be asked: {}",
                                    victim.id, clients.error().message),
                        ""});
  else if (*clients > 0)
    problems.push_back(
        {request.despite_clients ? core::Severity::warning : core::Severity::critical,
         fmt::format("{} client(s) are connected to {}: somebody works with it", *clients,
                     victim.id),
         "see pg_stat_activity there; --despite-clients deletes it all the same"});
}

class RetireRun {
 public:
  RetireRun(PreparedRestore& prepared, const RetireRequest& request, const StepOptions& options,
            Clock& clock)
      : goal_(prepared.plan.goal),
        request_(request),
        surveyed_(prepared.surveyed),
        service_(*prepared.surveyed.source.service),
        options_(options),
        clock_(clock) {
    facts_.final_snapshot = goal_.safety;
  }

  Status run(std::vector<TakenStep>& taken) {
    const StepLoop loop{.look = [this] { return look(); },
                        .take = [this](const NextStep& step) { return take(step); },
                        .on_step = options_.on_step};
    TRY(run_steps(loop, options_.limits, clock_, taken));
    return forget_final_name();
  }

 private:
  TimePoint now() const { return decision_time(surveyed_, clock_); }

  Status see() {
    const RestoreWorld world = TRY(see_world(service_));
    facts_.victim.reset();
    facts_.survivor.reset();
    if (const SeenInstance* victim = world.by_resource(goal_.gives_way)) facts_.victim = *victim;
    if (const SeenInstance* survivor = world.by_id(goal_.identifier)) facts_.survivor = *survivor;
    facts_.announced = is_announced();
    const auto mark = facts_.survivor ? facts_.survivor->mark() : std::nullopt;
    all_retired_ = mark && mark->role == RestoreRole::restored &&
                   mark->phase == RestorePhase::done && !world.replaced_by(mark->operation);
    return still_retirable(world);
  }

  // Without a victim only the final snapshot is left to be tagged.
  bool is_announced() const {
    const std::string wanted = goal_.safety.empty() ? "-" : goal_.safety;
    if (facts_.victim && tag_of(*facts_.victim, core::kFinalTag) != wanted) return false;
    return !facts_.survivor || goal_.safety.empty() ||
           tag_of(*facts_.survivor, core::kFinalTag) == wanted;
  }

  Result<NextStep> look() {
    TRY(see());
    if (facts_.victim) {
      last_seen_ = facts_.victim;
      if (facts_.victim->status != "deleting")
        TRY(hold_lease(service_, *facts_.victim, options_.self, now()));
    }
    TRY(look_at_final());
    // Tagged while the instance still shows its settings: that may be long before it is complete.
    if (facts_.victim && facts_.victim->status == "deleting" && !facts_.final_status.empty() &&
        !facts_.final_tagged)
      return NextStep{RestoreAct::keep_final, goal_.safety};
    return core::next_retire_step(facts_);
  }

  // Between the plan and each act somebody may have rolled the restore back: what is in use again,
  // and above all what has the source's identifier, is never deleted.
  Status still_retirable(const RestoreWorld& world) const {
    if (!facts_.victim || facts_.victim->status == "deleting") return Done{};
    const SeenInstance& victim = *facts_.victim;
    const auto mark = victim.mark();
    const bool same = mark && mark->operation == goal_.operation && victim.id == goal_.aside &&
                      victim.id != goal_.identifier && may_retire(victim, goal_.identifier) &&
                      core::why_kept(victim).empty() && !open_restore(world, goal_.identifier);
    if (same) return Done{};
    return Error{ErrorKind::unsafe,
                 fmt::format("{} is no longer what was to be retired: it is called {} now",
                             goal_.aside, victim.id),
                 "see `tidemark restore status`; nothing more is done to it"};
  }

  Status look_at_final() {
    if (goal_.safety.empty()) return Done{};
    const auto snapshot = service_.snapshot(goal_.safety);
    if (!snapshot && snapshot.error().kind != ErrorKind::not_found) return snapshot.error();
    facts_.final_status = snapshot ? snapshot->status : "";
    facts_.final_tagged = snapshot && is_tagged_final(*snapshot);
    if (snapshot) final_arn_ = snapshot->arn;
    return Done{};
  }

  Status take(const NextStep& step) {
    switch (step.act) {
      case RestoreAct::claim: return claim();
      case RestoreAct::unprotect: return service_.unprotect_instance(facts_.victim->id);
      case RestoreAct::destroy: return destroy();
      case RestoreAct::keep_final: return keep_final();
      default: break;
    }
    CHECK(!"a step of another procedure");
    return Done{};
  }

  // Since the look, other calls may have been tried for minutes: what it saw is asked for again.
  Status destroy() {
    std::vector<core::Problem> clients;
    if (facts_.victim) judge_clients(*facts_.victim, request_, clients);
    for (core::Problem& one : clients)
      if (one.severity == core::Severity::critical)
        return Error{ErrorKind::unsafe, std::move(one.message), std::move(one.hint)};
    TRY(see());
    if (!facts_.victim) return Done{};
    TRY(require_own_lease(*facts_.victim, options_.self, now()));
    const NextStep next = core::next_retire_step(facts_);
    if (next.act == RestoreAct::stop) return *next.error;
    if (next.act != RestoreAct::destroy)
      return Error{ErrorKind::conflict, fmt::format("{} changed meanwhile", facts_.victim->id), ""};
    return unless_gone(service_.delete_instance(facts_.victim->id, goal_.safety));
  }

  // The victim's first: a name that stands only on the one that lives on would have later runs look
  // for a snapshot that nobody asked for.
  Status claim() {
    RestoreMark mark = *facts_.victim->mark();
    mark.phase = RestorePhase::retiring;
    core::Tags tags = core::mark_tags(mark);
    tags[std::string(core::kFinalTag)] = goal_.safety.empty() ? "-" : goal_.safety;
    TRY(service_.add_tags(facts_.victim->arn, tags));
    if (!facts_.survivor || goal_.safety.empty()) return Done{};
    return service_.add_tags(facts_.survivor->arn, {{std::string(core::kFinalTag), goal_.safety}});
  }

  // A deletion takes no tags for its final snapshot, so they are written after it. When nobody saw
  // the instance's settings any more, those of the one that took its place are the nearest.
  Status keep_final() {
    aws::rds::Instance like;
    if (last_seen_)
      like.settings = last_seen_->own_settings();
    else if (facts_.survivor)
      like.settings = facts_.survivor->settings;
    like.settings.instance_id = goal_.identifier;
    std::erase_if(like.settings.tags,
                  [](const auto& tag) { return !core::is_users_tag(tag.first); });
    const auto name = core::parse_snapshot_name(goal_.safety);
    CHECK(name.has_value());
    core::Tags tags = TRY(tags_for_new_point(like, options_.survey.owner, surveyed_.source.name,
                                             surveyed_.source.policy, name->slot, now()));
    tags[std::string(kKindTag)] = kFinal;
    tags[std::string(kHoldTag)] = fmt::format("final snapshot of {}", goal_.aside);
    return service_.add_tags(final_arn_, tags);
  }

  Status forget_final_name() {
    if (!facts_.survivor) return Done{};
    core::Tags tags;
    const std::string named = tag_of(*facts_.survivor, core::kFinalTag);
    if (!named.empty() && named != "-") tags.emplace(core::kFinalTag, "-");
    if (all_retired_) {
      RestoreMark mark = *facts_.survivor->mark();
      mark.phase = RestorePhase::retired;
      tags.merge(core::mark_tags(mark));
    }
    return tags.empty() ? Status(Done{}) : service_.add_tags(facts_.survivor->arn, tags);
  }

  core::RestoreGoal& goal_;
  const RetireRequest& request_;
  SurveyedSource& surveyed_;
  aws::rds::RdsClient& service_;
  const StepOptions& options_;
  Clock& clock_;
  core::RetireFacts facts_;
  bool all_retired_ = false;               // nothing is left of what it replaced
  std::optional<SeenInstance> last_seen_;  // the instance, as long as it could be seen
  std::string final_arn_;
};

// The final snapshot that the instance which lives on names, or nothing.
std::string begun_on_survivor(const RestoreWorld& world, const Source& source) {
  const SeenInstance* survivor = world.by_id(source.instance);
  const std::string begun = survivor == nullptr ? "" : tag_of(*survivor, core::kFinalTag);
  return begun == "-" ? "" : begun;
}

PreparedRestore plan_one(const Source& source, const SurveyedSource& surveyed,
                         const core::RetireFacts& facts, const std::string& victim_id) {
  PreparedRestore prepared{.plan = {}, .surveyed = surveyed};
  core::RestorePlan& plan = prepared.plan;
  plan.kind = "retire";
  plan.source = source.name;
  plan.goal.identifier = source.instance;
  plan.goal.aside = victim_id;
  plan.goal.safety = facts.final_snapshot;
  plan.origin_text = victim_id;
  if (facts.victim) {
    plan.goal.gives_way = facts.victim->resource_id;
    plan.goal.operation = facts.victim->mark()->operation;
    plan.resumed = facts.victim->mark()->phase == RestorePhase::retiring;
    plan.standing = fmt::format("{} is '{}'", facts.victim->id, facts.victim->status);
    plan.steps = core::planned_retirement(facts);
    const NextStep first = core::next_retire_step(facts);
    if (first.act == RestoreAct::stop)
      plan.problems.push_back(
          {core::Severity::critical, first.error->message, first.error->hint, first.error->kind});
  } else {
    plan.resumed = true;
    plan.standing = "the instance is gone; its final snapshot is still to be tagged";
    plan.steps.push_back(
        {RestoreAct::keep_final,
         "write owner, settings and a hold into the tags of " + facts.final_snapshot});
  }
  return prepared;
}

}  // namespace

Result<std::vector<PreparedRestore>> prepare_retirement(const Source& source,
                                                        const RetireRequest& request,
                                                        const SurveyOptions& options,
                                                        const Clock& clock) {
  const SurveyedSource surveyed = TRY(survey({source}, options)).front();
  if (!surveyed.snapshots_known) return *surveyed.error;
  const RestoreWorld world = TRY(see_world(*source.service));
  if (open_restore(world, source.instance))
    return Error{
        ErrorKind::unsafe, fmt::format("a restore of {} is under way", source.instance),
        fmt::format("finish it (`tidemark restore {0}`) or take it back (`tidemark restore "
                    "rollback {0}`) first",
                    source.name)};
  const TimePoint now = decision_time(surveyed, clock);
  std::vector<PreparedRestore> plans;
  SurveyedSource names = surveyed;  // grows by the names that are given out
  std::set<std::string> pending_names;
  std::vector<std::string> kept;
  for (const SeenInstance& one : world.instances) {
    if (!may_retire(one, source.instance)) continue;
    if (const std::string why = core::why_kept(one); !why.empty()) {
      kept.push_back(fmt::format("{} is not retired: {}", one.id, why));
      continue;
    }
    core::RetireFacts facts{.victim = one};
    if (const SeenInstance* survivor = world.by_id(source.instance)) facts.survivor = *survivor;
    facts.final_snapshot =
        core::final_snapshot_name(one, request.final_snapshot, free_name(names, source.name, now));
    names.snapshots.emplace(facts.final_snapshot, aws::rds::Snapshot{});
    pending_names.insert(facts.final_snapshot);
    plans.push_back(plan_one(source, surveyed, facts, one.id));
    judge_clients(one, request, plans.back().plan.problems);
  }
  // A run that ended after the deletion and before the tags were written comes first: the next
  // claim writes another name over this one. A name without a snapshot is left of a run that ended
  // before the deletion, and means nothing.
  const std::string begun = begun_on_survivor(world, source);
  if (!begun.empty() && !pending_names.contains(begun)) {
    const auto snapshot = source.service->snapshot(begun);
    if (!snapshot && snapshot.error().kind != ErrorKind::not_found) return snapshot.error();
    const core::RetireFacts facts{.victim = {}, .final_snapshot = begun};
    if (snapshot)
      plans.insert(plans.begin(), plan_one(source, surveyed, facts, "the retired instance"));
  }
  for (const std::string& one : kept)
    if (!plans.empty()) plans.front().plan.problems.push_back({core::Severity::note, one, ""});
  if (plans.empty() && !kept.empty())
    return Error{
        ErrorKind::unsafe, fmt::format("{}", fmt::join(kept, "; ")),
        "nothing is deleted that may be in use: once you know that nobody needs it, delete "
        "it in RDS"};
  if (plans.empty())
    return Error{ErrorKind::not_found,
                 fmt::format("no restore put an instance of {} aside", source.instance),
                 fmt::format("`tidemark restore status {}` shows what there is", source.name)};
  return plans;
}

RestoreOutcome run_retirement(PreparedRestore prepared, const RetireRequest& request,
                              const StepOptions& options, Clock& clock) {
  RestoreOutcome outcome;
  RetireRun run(prepared, request, options, clock);
  Status status = run.run(outcome.steps);
  if (status) return outcome;
  Error error = std::move(status).error();
  error.message = fmt::format("retiring {}: {}", prepared.plan.goal.aside, error.message);
  if (error.kind != ErrorKind::locked)
    error.hint += error.hint.empty() ? "the same command goes on from here"
                                     : "; the same command goes on from here";
  outcome.error = std::move(error);
  return outcome;
}

}  // namespace tidemark::ops
