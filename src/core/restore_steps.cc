#include "core/restore_steps.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/instance_status.h"
#include "core/settings_drift.h"

namespace tidemark::core {
namespace {

bool is_claimed(const SeenInstance& instance, const RestoreGoal& goal) {
  const auto mark = instance.mark();
  return mark && mark->operation == goal.operation && mark->role == RestoreRole::replaced &&
         mark->origin == goal.origin && mark->settings == goal.choice &&
         mark->options == goal.options;
}

// -- what gives way -------------------------------------------------------------------------------

NextStep rename_step(const RestoreGoal& goal, const RestoreFacts& facts) {
  const SeenInstance& target = *facts.target;
  if (target.pending.contains("identifier") || target.status == "renaming")
    return wait_for(fmt::format("{} to be renamed ({})", target.id, target.status));
  if (!facts.aside_holder.empty())
    return stop(ErrorKind::conflict,
                fmt::format("the name {}, which {} is to step aside to, is taken by another "
                            "instance ({})",
                            goal.aside, target.id, facts.aside_holder),
                "give that one another name and run the same command again");
  switch (phase_of_instance(target.status)) {
    case InstancePhase::ready: return act(RestoreAct::rename, goal.aside);
    case InstancePhase::full:
      return stop(ErrorKind::conflict,
                  fmt::format("instance {} is '{}', and RDS renames only what is available",
                              target.id, target.status),
                  fmt::format("give it more storage (`aws rds modify-db-instance "
                              "--db-instance-identifier {} --allocated-storage GIB "
                              "--apply-immediately`) and run the same command again, or restore "
                              "beside it with --as NEW-ID",
                              target.id));
    case InstancePhase::moving:
    case InstancePhase::leaving: return wait_for_status(target);
    case InstancePhase::stopped:
      return stop(ErrorKind::conflict,
                  fmt::format("instance {} is '{}', and RDS renames only what runs", target.id,
                              target.status),
                  fmt::format("start it (`aws rds start-db-instance --db-instance-identifier {}`) "
                              "and run the same command again",
                              target.id));
    case InstancePhase::broken: break;
  }
  return stop(
      ErrorKind::conflict,
      fmt::format("instance {} is '{}', and RDS does not rename it so", target.id, target.status),
      "restore under another name (--as NEW-ID) and lead the application there; nothing "
      "needs to be deleted for that");
}

std::optional<NextStep> safety_step(const RestoreGoal& goal, const RestoreFacts& facts) {
  const SeenInstance& target = *facts.target;
  if (goal.safety.empty() || facts.safety_status == "available") return std::nullopt;
  const InstancePhase phase = phase_of_instance(target.status);
  if (facts.safety_status.empty()) {
    if (phase == InstancePhase::ready) return act(RestoreAct::safeguard, goal.safety);
    return wait_for_status(target);
  }
  if (facts.safety_status == "failed" || facts.safety_status.starts_with("incompatible-"))
    return stop(
        ErrorKind::rejected,
        fmt::format("the safety snapshot {} ended as '{}'", goal.safety, facts.safety_status),
        "see the instance's events in RDS; add --no-safety-snapshot to go on without: "
        "the instance is renamed and kept in any case");
  return wait_for(fmt::format("safety snapshot {} ({})", goal.safety, facts.safety_status));
}

// Whether another restore is making that instance.
bool is_being_made(const SeenInstance& target) {
  const auto mark = target.mark();
  return mark && mark->role == RestoreRole::restored && mark->phase == RestorePhase::open &&
         mark->identifier == target.id;
}

NextStep restored_meanwhile(const SeenInstance& target, const RestoreMark& mark) {
  return stop(ErrorKind::locked,
              fmt::format("{} was restored meanwhile, from {}, by the restore of {}", target.id,
                          mark.origin, format_time(*operation_began(mark.operation))),
              "look at it first: `tidemark restore status`");
}

// The identifier is taken, by what gives way or by somebody else's.
NextStep make_room(const RestoreGoal& goal, const RestoreFacts& facts) {
  const SeenInstance& target = *facts.target;
  if (target.resource_id != goal.gives_way && is_being_made(target))
    return stop(ErrorKind::locked,
                fmt::format("another restore is making {} since {}", target.id,
                            format_time(*operation_began(target.mark()->operation))),
                "leave it to that one; should it have died, the same command goes on with it");
  if (const auto mark = target.mark(); goal.in_place && target.resource_id != goal.gives_way &&
                                       mark && mark->role == RestoreRole::restored)
    return restored_meanwhile(target, *mark);
  if (!goal.in_place)
    return stop(ErrorKind::conflict, fmt::format("there is an instance {} already", target.id),
                "choose another name with --as");
  if (target.resource_id != goal.gives_way)
    return stop(
        ErrorKind::conflict,
        fmt::format("the identifier {} is taken by an instance ({}) that was not there when "
                    "this restore was planned",
                    target.id, target.resource_id),
        "find out who made it; then rename it, or restore under another name (--as)");
  // An instance that cannot be renamed is told before anything is changed.
  if (const NextStep last = rename_step(goal, facts); last.act == RestoreAct::stop) return last;
  if (!is_claimed(target, goal)) return act(RestoreAct::claim, target.id);
  // From here on until it is retired it may bear a name that somebody else decided to delete.
  const bool ready = phase_of_instance(target.status) == InstancePhase::ready;
  if (ready && !target.settings.deletion_protection) return act(RestoreAct::protect, target.id);
  if (const auto step = safety_step(goal, facts)) return *step;
  return rename_step(goal, facts);
}

// Before anything is taken away, and again before the restore itself.
std::optional<NextStep> origin_step(const RestoreGoal& goal, const RestoreFacts& facts) {
  if (is_time_origin(goal.origin) || facts.origin_status == "available") return std::nullopt;
  std::string hint =
      "choose another point (`tidemark list`) and run the restore again with --point";
  if (goal.in_place && gives_way_to(facts.replaced, goal.operation))
    hint += ", or " + take_back_text(goal);
  if (facts.origin_status == "gone")
    return stop(ErrorKind::not_found, fmt::format("the point {} is gone", goal.origin), hint);
  if (facts.origin_status == "creating" || facts.origin_status == "upgrading")
    return wait_for(fmt::format("point {} ({})", goal.origin, facts.origin_status));
  return stop(ErrorKind::conflict,
              fmt::format("the point {} is '{}'", goal.origin, facts.origin_status), hint);
}

// A restore that somebody takes back is not begun again behind his back, however long this run
// stood still.
std::optional<NextStep> taken_back_step(const RestoreGoal& goal, const RestoreFacts& facts) {
  if (!facts.replaced) return std::nullopt;
  const std::string began = format_time(*operation_began(goal.operation));
  const std::string hint = "look first: `tidemark restore status`";
  if (gives_way_to(facts.replaced, goal.operation)) {
    if (facts.replaced->mark()->phase != RestorePhase::rolling_back) return std::nullopt;
    return stop(ErrorKind::locked,
                fmt::format("the restore of {} is being rolled back by another run", began), hint);
  }
  if (!facts.was_claimed || is_restored(facts.target, goal.operation)) return std::nullopt;
  return stop(ErrorKind::locked,
              fmt::format("the restore of {} was taken back by another run", began), hint);
}

NextStep create_step(const RestoreGoal& goal, const RestoreFacts& facts) {
  if (goal.in_place && facts.replaced) {
    const SeenInstance& replaced = *facts.replaced;
    if (!is_claimed(replaced, goal)) return act(RestoreAct::claim, replaced.id);
    const bool renaming = replaced.status == "renaming" || replaced.pending.contains("identifier");
    if (renaming) return wait_for(fmt::format("{} to be renamed", replaced.id));
  }
  return act(RestoreAct::create, goal.origin);
}

// -- what was restored ----------------------------------------------------------------------------

std::optional<NextStep> settle_step(const RestoreGoal& goal, const SeenInstance& target) {
  switch (phase_of_instance(target.status)) {
    case InstancePhase::ready: return std::nullopt;
    case InstancePhase::moving: return wait_for_status(target);
    case InstancePhase::full:
    case InstancePhase::stopped:
    case InstancePhase::leaving:
    case InstancePhase::broken: break;
  }
  return stop(ErrorKind::rejected,
              fmt::format("the restored instance {} is '{}'", target.id, target.status),
              fmt::format("see its events in RDS, mend the cause, {}, and begin anew",
                          take_back_text(goal)));
}

std::optional<NextStep> settings_step(const RestoreGoal& goal, const SeenInstance& target) {
  std::set<std::string> unmet = unmet_settings(goal.wanted, target.settings);
  for (const std::string& name : target.pending) unmet.erase(name);
  for (const std::string& name : goal.unattainable) unmet.erase(name);
  if (!unmet.empty()) return act(RestoreAct::modify, fmt::format("{}", fmt::join(unmet, ", ")));
  if (!target.pending.empty())
    return wait_for(fmt::format("{} to apply {}", target.id, fmt::join(target.pending, ", ")));
  if (!missing_roles(goal.wanted, target.settings).empty()) return act(RestoreAct::add_roles);
  if (!missing_tags(goal.wanted, target.settings).empty()) return act(RestoreAct::add_tags);
  if (target.reboot_pending) return act(RestoreAct::reboot, target.id);
  return std::nullopt;
}

NextStep complete(const RestoreGoal& goal, const SeenInstance& target) {
  const RestoreMark mark = *target.mark();
  if (mark.phase != RestorePhase::open && mark.phase != RestorePhase::rolling_back) {
    if (goal.warm_up && !mark.progress.contains("warm-up")) return act(RestoreAct::warm_up);
    return act(RestoreAct::finished);
  }
  if (const auto step = settle_step(goal, target)) return *step;
  if (const auto step = settings_step(goal, target)) return *step;
  if (goal.set_password && !mark.progress.contains("password")) return act(RestoreAct::password);
  if (goal.run_checks && !mark.progress.contains("checks")) return act(RestoreAct::check);
  // The rows are proven by now, and the hook may let the application in.
  if (goal.bring_files && !mark.progress.contains("files")) return act(RestoreAct::files);
  if (goal.run_hook && !mark.progress.contains("hook")) return act(RestoreAct::hook);
  return act(RestoreAct::finish);
}

}  // namespace

bool is_restored(const std::optional<SeenInstance>& instance, const std::string& operation) {
  if (!instance) return false;
  const auto mark = instance->mark();
  return mark && mark->operation == operation && mark->role == RestoreRole::restored;
}

bool gives_way_to(const std::optional<SeenInstance>& instance, const std::string& operation) {
  if (!instance) return false;
  const auto mark = instance->mark();
  return mark && mark->operation == operation && mark->role == RestoreRole::replaced;
}

NextStep next_restore_step(const RestoreGoal& goal, const RestoreFacts& facts) {
  if (const auto step = taken_back_step(goal, facts)) return *step;
  if (is_restored(facts.target, goal.operation)) {
    // Of the same second, by somebody who chose another point.
    const RestoreMark mark = *facts.target->mark();
    if (mark.origin != goal.origin) return restored_meanwhile(*facts.target, mark);
    return complete(goal, *facts.target);
  }
  if (facts.target && phase_of_instance(facts.target->status) == InstancePhase::leaving)
    return wait_for_status(*facts.target);
  if (!goal.upgrade_to.empty() && facts.origin_version != goal.upgrade_to) {
    if (facts.origin_status == "available") return act(RestoreAct::upgrade, goal.upgrade_to);
    if (facts.origin_status == "upgrading")
      return wait_for(fmt::format("{} to be upgraded to {}", goal.origin, goal.upgrade_to));
  }
  if (const auto step = origin_step(goal, facts)) return *step;
  if (facts.target) return make_room(goal, facts);
  return create_step(goal, facts);
}

std::string standing_text(const RestoreGoal& goal, const RestoreFacts& facts) {
  if (goal.in_place) return standing_text(goal.identifier, facts, goal.operation);
  if (is_restored(facts.target, goal.operation))
    return fmt::format("{} is the restored instance, '{}'", goal.identifier, facts.target->status);
  if (facts.target)
    return fmt::format("{} is another instance, '{}', and is not touched", goal.identifier,
                       facts.target->status);
  return fmt::format("no instance is called {} yet, and no other one is touched", goal.identifier);
}

std::string take_back_text(const RestoreGoal& goal) {
  if (goal.in_place && !goal.gives_way.empty())
    return fmt::format("take it back with `tidemark restore rollback {}`", goal.source);
  return fmt::format(
      "delete it (`aws rds delete-db-instance --db-instance-identifier {} --skip-final-snapshot`)",
      goal.identifier);
}

std::string standing_text(const std::string& identifier, const RestoreFacts& facts,
                          const std::string& operation) {
  std::string text;
  if (is_restored(facts.target, operation))
    text = fmt::format("{} is the restored instance, '{}'", identifier, facts.target->status);
  else if (facts.target && facts.replaced &&
           facts.replaced->resource_id == facts.target->resource_id)
    text = fmt::format("{} is the instance that was there before, '{}'; nothing was taken away",
                       identifier, facts.target->status);
  else if (facts.target)
    text = fmt::format("{} is another instance ({}), '{}', which this restore did not make",
                       identifier, facts.target->resource_id, facts.target->status);
  else
    text = fmt::format("no instance is called {} now: the database is DOWN", identifier);
  if (facts.replaced && facts.replaced->id != identifier)
    text += fmt::format("; the one before is kept as {} ('{}')", facts.replaced->id,
                        facts.replaced->status);
  return text;
}

Error explained(Error error, RestoreAct failed, const RestoreGoal& goal, const RestoreFacts& facts,
                const std::string& standing) {
  const bool decided = failed == RestoreAct::stop;  // the message names the step itself
  error.message =
      fmt::format("{}: {}{}. Now: {}", goal.identifier,
                  decided ? "" : std::string(act_name(failed)) + ": ", error.message, standing);
  if (error.kind == ErrorKind::locked) return error;
  std::vector<std::string> next;
  if (!error.hint.empty()) next.push_back(std::move(error.hint));
  next.emplace_back("the same command goes on from here");
  if (goal.in_place && gives_way_to(facts.replaced, goal.operation))
    next.push_back(
        fmt::format("`tidemark restore rollback {}` puts the instance before back", goal.source));
  error.hint = fmt::format("{}", fmt::join(next, "; "));
  return error;
}

}  // namespace tidemark::core
