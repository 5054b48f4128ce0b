#include "ops/rollback.h"

#include <fmt/format.h>

namespace tidemark::ops {
namespace {

using core::NextStep;
using core::RestoreAct;
using core::RestoreMark;
using core::RestorePhase;
using core::RestoreRole;
using core::SeenInstance;

std::string discarded_name(const RestoreWorld& world, const std::string& identifier,
                           TimePoint now) {
  std::set<std::string> taken;
  for (const SeenInstance& one : world.instances) taken.insert(one.id);
  return core::aside_name(identifier, "discarded", now, taken);
}

class RollbackRun {
 public:
  RollbackRun(const PreparedRestore& prepared, const StepOptions& options, Clock& clock)
      : standing_(prepared.plan.standing),
        identifier_(prepared.plan.goal.identifier),
        operation_(prepared.plan.goal.operation),
        replaced_(prepared.plan.goal.gives_way),
        surveyed_(prepared.surveyed),
        service_(*prepared.surveyed.source.service),
        options_(options),
        clock_(clock) {}

  Status run(std::vector<TakenStep>& taken) {
    const StepLoop loop{.look = [this] { return look(); },
                        .take = [this](const NextStep& step) { return take(step); },
                        .on_step = options_.on_step};
    Status status = run_steps(loop, options_.limits, clock_, taken);
    const bool taken_over = !status && status.error().kind == ErrorKind::locked;
    if (leased_ && !taken_over && facts_.replaced.mark()) give_up_lease(service_, facts_.replaced);
    return status;
  }

  // As of the last look, or of the plan.
  const std::string& standing() const { return standing_; }

  // Whether the same command finds it again: by the mark of the replaced instance.
  bool is_open() const {
    const auto mark = facts_.replaced.mark();
    return mark && mark->role == RestoreRole::replaced;
  }

  // What this restore made and is put aside now, or empty.
  std::string discarded() const {
    for (const SeenInstance& one : world_.instances) {
      const auto mark = one.mark();
      const bool ours = mark && mark->operation == operation_;
      if (ours && mark->role == RestoreRole::discarded) return one.id;
    }
    return "";
  }

  const std::vector<core::Problem>& problems() const { return problems_; }
  const std::optional<SeenInstance>& target() const { return facts_.target; }

 private:
  TimePoint now() const { return decision_time(surveyed_, clock_); }

  Status see() {
    world_ = TRY(see_world(service_));
    const SeenInstance* replaced = world_.by_resource(replaced_);
    if (replaced == nullptr)
      return Error{ErrorKind::not_found,
                   fmt::format("the replaced instance ({}) is gone", replaced_),
                   "restore its final snapshot or its last point instead: `tidemark list`"};
    facts_.identifier = identifier_;
    facts_.replaced = *replaced;
    facts_.target.reset();
    if (const SeenInstance* target = world_.by_id(identifier_)) facts_.target = *target;
    standing_ = core::standing_text(
        identifier_, {.target = facts_.target, .replaced = facts_.replaced}, operation_);
    // Somebody else may have rolled it back and restored it again while this one was asked for.
    const auto mark = facts_.replaced.mark();
    if (!mark || mark->role != RestoreRole::replaced || mark->operation == operation_)
      return Done{};
    return Error{
        ErrorKind::locked,
        fmt::format("{} gives way to another restore by now, that of {}", facts_.replaced.id,
                    format_time(*core::operation_began(mark->operation))),
        "look first: `tidemark restore status`"};
  }

  Result<NextStep> look() {
    TRY(see());
    if (facts_.replaced.mark()) {
      TRY(hold_lease(service_, facts_.replaced, options_.self, now()));
      leased_ = true;
    }
    return core::next_rollback_step(facts_);
  }

  Status take(const NextStep& step) {
    switch (step.act) {
      case RestoreAct::claim: {
        RestoreMark mark = *facts_.replaced.mark();
        const bool was_retiring = mark.phase == RestorePhase::retiring;
        mark.phase = RestorePhase::rolling_back;
        core::Tags tags = core::mark_tags(mark);
        if (was_retiring) tags[std::string(core::kFinalTag)] = "-";  // none is to be taken any more
        return service_.add_tags(facts_.replaced.arn, tags);
      }
      case RestoreAct::discard: return discard_target();
      case RestoreAct::destroy: return destroy_target();
      case RestoreAct::rename:
        return unless_gone(service_.rename_instance(facts_.replaced.id, identifier_));
      case RestoreAct::protect: return service_.protect_instance(identifier_);
      case RestoreAct::unprotect: return service_.unprotect_instance(identifier_);
      case RestoreAct::unmark: return unmark();
      default: break;
    }
    CHECK(!"a step of another procedure");
    return Done{};
  }

  // It is deleted by its name, and this process may have stood still since it decided: meanwhile
  // the instance before may be back under it.
  Status destroy_target() {
    const std::string decided = facts_.target->resource_id;
    RestoreMark mark = *facts_.replaced.mark();
    if (mark.progress.insert(std::string(core::kDeletingWord)).second)
      TRY(service_.add_tags(facts_.replaced.arn, core::mark_tags(mark)));
    TRY(see());
    TRY(require_own_lease(facts_.replaced, options_.self, now()));
    const bool same = facts_.target && !decided.empty() && decided != replaced_ &&
                      facts_.target->resource_id == decided &&
                      core::next_rollback_step(facts_).act == RestoreAct::destroy;
    if (same) {
      Status deleted = unless_gone(service_.delete_unborn_instance(identifier_));
      if (deleted || !is_back()) return deleted;
      return Error{ErrorKind::locked, fmt::format("another run put {} back meanwhile", identifier_),
                   ""};
    }
    return Error{
        ErrorKind::conflict,
        fmt::format("{} ({}) is not what was to be deleted any more", identifier_, decided), ""};
  }

  // What could not be deleted may be protected because it is the one before.
  bool is_back() {
    const Status seen = see();
    return seen && facts_.target && facts_.target->resource_id == replaced_;
  }

  // Marked first: the mark goes with the instance, and the name does not tell whose it is. A name
  // that somebody else took meanwhile is given up.
  Status discard_target() {
    RestoreMark mark = *facts_.target->mark();
    const bool named = mark.role == RestoreRole::discarded && !mark.aside.empty();
    if (!named || world_.by_id(mark.aside) != nullptr) {
      mark.role = RestoreRole::discarded;
      mark.bearer = facts_.target->resource_id;
      mark.aside = discarded_name(world_, identifier_, now());
      TRY(service_.add_tags(facts_.target->arn, core::mark_tags(mark)));
    }
    return unless_gone(service_.rename_instance(identifier_, mark.aside));
  }

  // The instance that is back may be what an earlier restore made, whose rollback is still open.
  Status unmark() {
    if (core::keeps_protection(facts_.replaced))
      problems_.push_back(
          {core::Severity::warning,
           fmt::format("{} was not protected from deletion before, and is now: a deletion of what "
                       "never came up in its place may still be on its way",
                       identifier_),
           fmt::format("lift it later: `aws rds modify-db-instance --db-instance-identifier {} "
                       "--no-deletion-protection --apply-immediately`",
                       identifier_)});
    if (const auto mark = earlier_mark()) return service_.add_tags(facts_.replaced.arn, *mark);
    std::vector<std::string> keys = core::mark_keys();
    keys.emplace_back(kRunnerTag);
    return service_.remove_tags(facts_.replaced.arn, keys);
  }

  std::optional<core::Tags> earlier_mark() const {
    const std::vector<std::string> before = facts_.replaced.mark()->before;
    for (auto one = before.begin(); one != before.end(); ++one) {
      const SeenInstance* replaced = world_.replaced_by(*one);
      if (replaced == nullptr) continue;  // retired since
      RestoreMark mark = *replaced->mark();
      mark.role = RestoreRole::restored;
      mark.phase = RestorePhase::done;
      mark.progress.clear();
      mark.by_hand = false;
      mark.was_protected.reset();
      mark.before.assign(one + 1, before.end());
      mark.bearer = facts_.replaced.resource_id;
      core::Tags tags = core::mark_tags(mark);
      tags.emplace(kRunnerTag, "-");
      return tags;
    }
    return std::nullopt;
  }

  std::string standing_;
  const std::string identifier_;
  const std::string operation_;
  const std::string replaced_;
  const SurveyedSource& surveyed_;
  aws::rds::RdsClient& service_;
  const StepOptions& options_;
  Clock& clock_;
  RestoreWorld world_;
  core::RollbackFacts facts_;
  std::vector<core::Problem> problems_;
  bool leased_ = false;
};

}  // namespace

Result<PreparedRestore> prepare_rollback(const Source& source, const SurveyOptions& options,
                                         const Clock& clock) {
  PreparedRestore prepared{.plan = {}, .surveyed = TRY(survey({source}, options)).front()};
  const RestoreWorld world = TRY(see_world(*source.service));
  const SeenInstance* replaced = core::rollback_candidate(world.instances, source.instance);
  if (replaced == nullptr) return core::why_no_rollback(world.instances, source.instance);
  core::RollbackFacts facts{.identifier = source.instance, .replaced = *replaced};
  if (const SeenInstance* target = world.by_id(source.instance)) facts.target = *target;
  const TimePoint now = decision_time(prepared.surveyed, clock);

  core::RestorePlan& plan = prepared.plan;
  plan.kind = "rollback";
  plan.source = source.name;
  plan.goal.identifier = source.instance;
  plan.goal.operation = replaced->mark()->operation;
  plan.goal.gives_way = replaced->resource_id;
  plan.resumed = replaced->mark()->phase == RestorePhase::rolling_back;
  plan.origin_text = fmt::format("{}, which the restore of {} replaced", replaced->id,
                                 format_time(*core::operation_began(plan.goal.operation)));
  plan.standing = core::standing_text(
      source.instance, {.target = facts.target, .replaced = facts.replaced}, plan.goal.operation);
  if (facts.target) plan.address_before = facts.target->address;
  plan.steps = core::planned_rollback(facts, discarded_name(world, source.instance, now));
  if (replaced->mark()->phase == RestorePhase::retiring && !replaced->mark()->was_protected &&
      !replaced->settings.deletion_protection)
    plan.problems.push_back(
        {core::Severity::warning,
         fmt::format("a retirement of {} had begun, which lifts the deletion protection",
                     replaced->id),
         "if it was protected before, set that again when it is back"});
  if (replaced->mark()->options.files)
    plan.problems.push_back(
        {core::Severity::note,
         "the restore was to bring the files in the bucket back too; a rollback leaves them as "
         "they "
         "are",
         fmt::format("`tidemark files restore {} --at {}` brings them to when it began",
                     source.name, format_time(*core::operation_began(plan.goal.operation)))});
  const NextStep first = core::next_rollback_step(facts);
  if (first.act == RestoreAct::stop)
    plan.problems.push_back(
        {core::Severity::critical, first.error->message, first.error->hint, first.error->kind});
  return prepared;
}

RestoreOutcome run_rollback(PreparedRestore prepared, const StepOptions& options, Clock& clock) {
  RestoreOutcome outcome;
  RollbackRun run(prepared, options, clock);
  Status status = run.run(outcome.steps);
  outcome.instance = run.target();
  outcome.problems = run.problems();
  outcome.discarded = run.discarded();
  if (status) return outcome;
  Error error = std::move(status).error();
  error.message = fmt::format("rollback of {}: {}. Now: {}", prepared.plan.goal.identifier,
                              error.message, run.standing());
  if (error.kind != ErrorKind::locked && run.is_open())
    error.hint += error.hint.empty() ? "the same command goes on from here"
                                     : "; the same command goes on from here";
  outcome.error = std::move(error);
  return outcome;
}

}  // namespace tidemark::ops
