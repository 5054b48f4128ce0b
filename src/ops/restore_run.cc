// Takes the steps of a restore.
#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "aws/rds/instance_calls.h"
#include "base/log.h"
#include "core/instance_status.h"
#include "core/snapshot_name.h"
#include "ops/create_point.h"
#include "ops/restore.h"
#include "ops/restore_password.h"

namespace tidemark::ops {
namespace {

using aws::rds::RdsClient;
using core::NextStep;
using core::RestoreAct;
using core::RestoreMark;
using core::RestorePhase;
using core::RestoreRole;
using core::SeenInstance;
using core::Severity;

class RestoreRun {
 public:
  RestoreRun(PreparedRestore& prepared, const RestoreWorkers& workers, const StepOptions& options,
             Clock& clock)
      : goal_(prepared.plan.goal),
        standing_(prepared.plan.standing),
        surveyed_(prepared.surveyed),
        service_(*prepared.surveyed.source.service),
        workers_(workers),
        options_(options),
        clock_(clock) {
    facts_.was_claimed = prepared.plan.resumed;
  }

  Status run(std::vector<TakenStep>& taken) {
    const StepLoop loop{.look = [this] { return look(); },
                        .take =
                            [this](const NextStep& step) {
                              act_ = step.act;
                              return take(step);
                            },
                        .on_step = options_.on_step};
    Status status = run_steps(loop, options_.limits, clock_, taken);
    const bool taken_over = !status && status.error().kind == ErrorKind::locked;
    if (const SeenInstance* carrier = lease_carrier(); carrier != nullptr && leased_ && !taken_over)
      give_up_lease(service_, *carrier);
    return status;
  }

  const core::RestoreFacts& facts() const { return facts_; }
  // As of the last look, or of the plan.
  const std::string& standing() const { return standing_; }
  RestoreAct last_act() const { return act_; }
  std::vector<core::Problem> problems() const { return problems_; }

 private:
  TimePoint now() const { return decision_time(surveyed_, clock_); }

  // -- looking ------------------------------------------------------------------------------------

  Result<NextStep> look() {
    const RestoreWorld world = TRY(see_world(service_));
    facts_.target.reset();
    facts_.replaced.reset();
    if (const SeenInstance* target = world.by_id(goal_.identifier)) facts_.target = *target;
    if (const SeenInstance* replaced = world.by_resource(goal_.gives_way))
      facts_.replaced = *replaced;
    const SeenInstance* holder = world.by_id(goal_.aside);
    const bool taken = holder != nullptr && holder->resource_id != goal_.gives_way;
    facts_.aside_holder = taken ? holder->resource_id : "";
    facts_.was_claimed |= core::gives_way_to(facts_.replaced, goal_.operation);
    standing_ = core::standing_text(goal_, facts_);
    if (!core::is_restored(facts_.target, goal_.operation)) TRY(look_at_snapshots());
    NextStep next = core::next_restore_step(goal_, facts_);
    if (next.act == RestoreAct::stop) {
      act_ = next.act;
      return next;
    }
    if (const SeenInstance* carrier = lease_carrier()) {
      if (next.act == RestoreAct::claim) {
        TRY(require_free_lease(*carrier, options_.self, now()));
      } else {
        TRY(hold_lease(service_, *carrier, options_.self, now()));
        leased_ = true;
        TRY(sign_mark());
      }
    }
    if (next.act != RestoreAct::wait) act_ = next.act;
    return next;
  }

  // The mark of what was made could not name its bearer before there was one; without it, every
  // copy of the tags would be believed.
  Status sign_mark() {
    if (!core::is_restored(facts_.target, goal_.operation)) return Done{};
    RestoreMark mark = *target().mark();
    if (!mark.bearer.empty() || target().resource_id.empty()) return Done{};
    mark.bearer = target().resource_id;
    return service_.add_tags(target().arn, core::mark_tags(mark));
  }

  Status look_at_snapshots() {
    if (!core::is_time_origin(goal_.origin)) {
      const auto origin = service_.snapshot(goal_.origin);
      if (!origin && origin.error().kind != ErrorKind::not_found) return origin.error();
      facts_.origin_status = origin ? origin->status : "gone";
      if (origin) facts_.origin_version = origin->engine_version;
    }
    if (goal_.safety.empty() || !facts_.target || facts_.target->resource_id != goal_.gives_way)
      return Done{};
    const auto safety = service_.snapshot(goal_.safety);
    if (!safety && safety.error().kind != ErrorKind::not_found) return safety.error();
    if (safety && !is_safety_of(*safety, goal_.operation))
      return Error{
          ErrorKind::unsafe,
          fmt::format("the snapshot {} is not the safety snapshot of this restore", goal_.safety),
          "run the same command again: it chooses another name"};
    facts_.safety_status = safety ? safety->status : "";
    return Done{};
  }

  // The lease rides on what gives way, or else on what was restored. Before a restore that replaces
  // nothing, the call that makes the instance decides who is first.
  const SeenInstance* lease_carrier() const {
    if (goal_.in_place && facts_.replaced) return &*facts_.replaced;
    return core::is_restored(facts_.target, goal_.operation) ? &*facts_.target : nullptr;
  }

  // -- acting -------------------------------------------------------------------------------------

  Status take(const NextStep& step) {
    switch (step.act) {
      case RestoreAct::upgrade: return service_.upgrade_snapshot(goal_.origin, goal_.upgrade_to);
      case RestoreAct::claim: return claim();
      case RestoreAct::protect: return service_.protect_instance(target().id);
      case RestoreAct::safeguard: return safeguard();
      case RestoreAct::rename:
        return unless_gone(service_.rename_instance(goal_.identifier, goal_.aside));
      case RestoreAct::create: return create();
      case RestoreAct::modify: return modify();
      case RestoreAct::add_roles: return add_roles();
      case RestoreAct::add_tags:
        return service_.add_tags(target().arn, core::missing_tags(goal_.wanted, target().settings));
      case RestoreAct::reboot: return service_.reboot_instance(goal_.identifier);
      case RestoreAct::password: return set_password();
      case RestoreAct::check:
        return work("checks", [this] { return workers_.check(target(), replaced_aside()); });
      case RestoreAct::files: return work("files", workers_.files);
      case RestoreAct::hook: return work("hook", [this] { return workers_.hook(target()); });
      case RestoreAct::warm_up:
        return work("warm-up", [this] { return workers_.warm_up(target()); });
      case RestoreAct::finish: return finish();
      default: break;
    }
    CHECK(!"a step of another procedure");
    return Done{};
  }

  const SeenInstance& target() const { return *facts_.target; }

  const SeenInstance* replaced_aside() const {
    const bool aside = facts_.replaced && facts_.replaced->id != goal_.identifier;
    return aside ? &*facts_.replaced : nullptr;
  }

  // Of what is being made, the bearer is not known yet.
  RestoreMark mark_of(RestoreRole role) const {
    RestoreMark mark{
        .operation = goal_.operation,
        .role = role,
        .phase = RestorePhase::open,
        .identifier = goal_.identifier,
        .origin = goal_.origin,
        .aside = goal_.aside,
        .settings = goal_.choice,
        .options = goal_.options,
        .source = goal_.source,
    };
    if (role != RestoreRole::replaced) return mark;
    mark.bearer = facts_.replaced->resource_id;
    mark.was_protected = facts_.replaced->settings.deletion_protection;
    return core::claiming_mark(std::move(mark), facts_.replaced->mark(), facts_.replaced->id);
  }

  // With the lease in the same call, so that neither is ever there alone.
  Status claim() {
    core::Tags tags = core::mark_tags(mark_of(RestoreRole::replaced));
    tags[std::string(kRunnerTag)] = lease_value(options_.self, now());
    return service_.add_tags(facts_.replaced->arn, tags);
  }

  Status safeguard() {
    const auto name = core::parse_snapshot_name(goal_.safety);
    CHECK(name.has_value());
    surveyed_.instance = TRY(service_.instance(goal_.identifier));
    const core::NewPoint point{
        .id = goal_.safety,
        .slot = name->slot,
        .more_tags = {{std::string(kKindTag), std::string(kSafety)},
                      {std::string(kHoldTag), safety_hold(goal_.operation)}}};
    Status taken = create_point(surveyed_, point, options_.survey, clock_);
    if (!taken && taken.error().kind == ErrorKind::exhausted) {
      Error error = std::move(taken).error();
      error.hint += "; or add --no-safety-snapshot: the instance is renamed and kept in any case";
      return error;
    }
    return taken;
  }

  Status create() {
    core::Tags tags = core::mark_tags(mark_of(RestoreRole::restored));
    tags.insert(goal_.wanted.tags.begin(), goal_.wanted.tags.end());
    if (const std::string descent = descent_of(); !descent.empty())
      tags[std::string(core::kDescentTag)] = descent;
    if (lease_carrier() == nullptr)
      tags[std::string(kRunnerTag)] = lease_value(options_.self, now());
    const auto made = create(tags, aws::rds::Extent::whole);
    if (made) return Done{};
    Error error = made.error();
    // What the service refuses and can be set later must not keep a database down.
    if (error.kind == ErrorKind::invalid_input && create(tags, aws::rds::Extent::essentials))
      return Done{};
    if (error.kind == ErrorKind::exhausted && error.hint.empty())
      error.hint = goal_.wanted.availability_zone.empty()
                       ? "where RDS has no capacity left, another class may have: --instance-class "
                         "CLASS"
                       : "leave --zone out, so that RDS chooses one that has capacity; or another "
                         "class: --instance-class CLASS";
    return error;
  }

  Result<aws::rds::Instance> create(const core::Tags& tags, aws::rds::Extent extent) {
    const bool to_time = core::is_time_origin(goal_.origin);
    auto params = aws::rds::restore_parameters(
        goal_.wanted, tags, {.to_time = to_time, .allocated_storage_gib = goal_.origin_gib},
        extent);
    return to_time
               ? service_.restore_to_time(goal_.identifier, goal_.time_source,
                                          core::time_of_origin(goal_.origin), std::move(params))
               : service_.restore_from_snapshot(goal_.identifier, goal_.origin, std::move(params));
  }

  // Whose rows the new instance holds, so that their points stay part of the source's history. A
  // copy beside the source has none: it is no source.
  std::string descent_of() const {
    if (!goal_.in_place) return "";
    std::vector<std::string> ancestors;
    if (facts_.replaced) {
      ancestors.push_back(facts_.replaced->resource_id);
      for (std::string& one : core::read_descent(facts_.replaced->settings.tags))
        ancestors.push_back(std::move(one));
    }
    std::string parent = goal_.time_source;
    const auto snapshot = surveyed_.snapshots.find(goal_.origin);
    if (snapshot != surveyed_.snapshots.end()) parent = snapshot->second.resource_id;
    return core::descent_value(parent, ancestors);
  }

  // What the service refuses for good must not keep a database down: it is told, and left.
  static bool is_refusal(const Error& error) {
    return error.kind == ErrorKind::invalid_input || error.kind == ErrorKind::unsupported ||
           error.kind == ErrorKind::not_found || error.kind == ErrorKind::rejected;
  }

  void leave(const std::string& what, const Error& why) {
    problems_.push_back({Severity::warning,
                         fmt::format("{} could not be set: {}", what, why.message),
                         "set it by hand; `tidemark show` of the point has the values"});
    log::warning(problems_.back().message);
  }

  Status modify() {
    std::set<std::string> names = core::unmet_settings(goal_.wanted, target().settings);
    for (const std::string& name : target().pending) names.erase(name);
    for (const std::string& name : goal_.unattainable) names.erase(name);
    const std::string together = fmt::format("{}", fmt::join(names, ", "));
    if (++modifications_[together] > kModificationsMax) {
      leave(together, {ErrorKind::rejected, "the service took it and shows no change"});
      goal_.unattainable.insert(names.begin(), names.end());
      return Done{};
    }
    Status done = modify(names);
    if (done || !is_refusal(done.error())) return done;
    if (names.size() == 1) {
      leave(together, done.error());
      goal_.unattainable.insert(names.begin(), names.end());
      return Done{};
    }
    // One of them is refused, and all with it: find out which.
    for (const std::string& name : names) {
      Status one = modify({name});
      if (one) return Done{};  // it is busy now; the next look goes on with the rest
      if (!is_refusal(one.error())) return one;
      leave(name, one.error());
      goal_.unattainable.insert(name);
    }
    return Done{};
  }

  Status modify(const std::set<std::string>& names) {
    return service_.modify_instance(
        goal_.identifier, aws::rds::modify_parameters(goal_.wanted, target().settings, names));
  }

  Status add_roles() {
    for (const core::AssociatedRole& role : core::missing_roles(goal_.wanted, target().settings)) {
      const Status added = service_.add_role(goal_.identifier, role);
      if (added || added.error().kind == ErrorKind::already_exists) continue;
      if (!is_refusal(added.error())) return added;
      leave("role " + role.arn, added.error());
      std::erase(goal_.wanted.roles, role);
    }
    return Done{};
  }

  Status renew() { return renew_lease(service_, lease_carrier()->id, options_.self, now()); }

  Status set_password() {
    TRY(apply_password(service_, goal_.identifier, *workers_.password, options_.limits, clock_,
                       [this] { return renew(); }));
    return progress("password");
  }

  // The word is written once the work succeeded: a later run need not do it again. The work speaks
  // to the database alone, so the service is free for the lease meanwhile.
  Status work(const std::string& word, const std::function<Status()>& what) {
    Status outcome = while_renewing([this] { return renew(); }, kLeaseRenewal, what);
    if (!outcome) {
      // Whatever was tried has had its own patience: it is not repeated in silence.
      Error error = std::move(outcome).error();
      if (error.kind != ErrorKind::cancelled) error.kind = ErrorKind::rejected;
      return in_context(word, std::move(error));
    }
    return progress(word);
  }

  Status progress(const std::string& word) {
    RestoreMark mark = *target().mark();
    mark.progress.insert(word);
    mark.bearer = target().resource_id;
    return service_.add_tags(target().arn, core::mark_tags(mark));
  }

  // The restored instance last: as long as its mark is open, the next run finds the restore again.
  Status finish() {
    if (goal_.in_place && facts_.replaced) {
      RestoreMark other = mark_of(RestoreRole::replaced);
      other.phase = RestorePhase::done;
      TRY(service_.add_tags(facts_.replaced->arn, core::mark_tags(other)));
    }
    RestoreMark mark = *target().mark();
    mark.phase = RestorePhase::done;
    mark.bearer = target().resource_id;
    core::Tags tags = core::mark_tags(mark);
    const auto took = std::chrono::floor<Seconds>(now() - *core::operation_began(mark.operation));
    tags[std::string(core::kTookTag)] = fmt::format("{}", std::max(took, Seconds(0)).count());
    return service_.add_tags(target().arn, tags);
  }

  static constexpr int kModificationsMax = 3;

  core::RestoreGoal goal_;
  std::string standing_;
  SurveyedSource& surveyed_;
  RdsClient& service_;
  const RestoreWorkers& workers_;
  const StepOptions& options_;
  Clock& clock_;
  core::RestoreFacts facts_;
  RestoreAct act_ = RestoreAct::claim;
  bool leased_ = false;
  std::map<std::string, int> modifications_;
  std::vector<core::Problem> problems_;
};

}  // namespace

RestoreOutcome run_restore(PreparedRestore prepared, const RestoreWorkers& workers,
                           const StepOptions& options, Clock& clock) {
  RestoreOutcome outcome;
  RestoreRun run(prepared, workers, options, clock);
  Status status = run.run(outcome.steps);
  outcome.problems = run.problems();
  outcome.instance = run.facts().target;
  if (!status)
    outcome.error = core::explained(std::move(status).error(), run.last_act(), prepared.plan.goal,
                                    run.facts(), run.standing());
  return outcome;
}

}  // namespace tidemark::ops
