#include "core/restore_plan.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/instance_status.h"

namespace tidemark::core {
namespace {

std::string origin_words(const RestoreGoal& goal) {
  if (goal.origin == kLatestOrigin) return "the automated backups as of the latest moment";
  const auto time = time_of_origin(goal.origin);
  return time ? fmt::format("the automated backups as of {}", format_time(*time)) : goal.origin;
}

// What the settings after the restore bring back that the call cannot carry.
std::string later_settings(const RestoreGoal& goal) {
  const InstanceSettings& s = goal.wanted;
  std::vector<std::string> parts;
  const auto add = [&](bool there, std::string text) {
    if (there) parts.push_back(std::move(text));
  };
  add(!s.maintenance_window.empty(), "maintenance window " + s.maintenance_window);
  add(s.monitoring_interval_seconds.value_or(0) > 0, "enhanced monitoring");
  add(s.performance_insights, "Performance Insights");
  add(s.storage_autoscaling_max_gib && !is_time_origin(goal.origin), "storage autoscaling");
  add(s.deletion_protection, "deletion protection");
  add(s.managed_password, "master password in Secrets Manager");
  return parts.empty() ? "what differs" : fmt::format("{}", fmt::join(parts, ", "));
}

PlannedStep step(RestoreAct act, std::string text, std::string undo = {}) {
  return {act, std::move(text), std::move(undo)};
}

void plan_making_room(const RestoreGoal& goal, const RestoreFacts& facts,
                      std::vector<PlannedStep>& steps) {
  const std::string& there = facts.target ? facts.target->id : facts.replaced->id;
  const bool aside = facts.replaced && facts.replaced->id != goal.identifier;
  PlannedStep claim = step(
      RestoreAct::claim, fmt::format("mark {} as giving way, and protect it from deletion", there),
      "`tidemark restore rollback` takes both away");
  claim.done = facts.replaced && facts.replaced->mark() &&
               facts.replaced->mark()->operation == goal.operation;
  steps.push_back(std::move(claim));
  if (!goal.safety.empty()) {
    PlannedStep safety = step(RestoreAct::safeguard,
                              fmt::format("take the safety snapshot {} of {}", goal.safety, there),
                              "it stays, and is held");
    safety.done = facts.safety_status == "available" || aside;
    steps.push_back(std::move(safety));
  }
  PlannedStep rename = step(RestoreAct::rename,
                            fmt::format("rename {} to {}: from here on the database is down",
                                        goal.identifier, goal.aside),
                            "`tidemark restore rollback` renames it back");
  rename.done = aside;
  if (aside && facts.replaced->id != goal.aside)
    rename.text = fmt::format("{} was renamed to {} by hand", goal.identifier, facts.replaced->id);
  steps.push_back(std::move(rename));
}

}  // namespace

const Problem* RestorePlan::obstacle() const {
  const auto found = std::find_if(problems.begin(), problems.end(), [](const Problem& problem) {
    return problem.severity == Severity::critical;
  });
  return found == problems.end() ? nullptr : &*found;
}

std::vector<PlannedStep> planned_steps(const RestoreGoal& goal, const RestoreFacts& facts) {
  std::vector<PlannedStep> steps;
  const bool restored = is_restored(facts.target, goal.operation);
  const bool occupied = facts.target && !restored;
  if (!goal.upgrade_to.empty()) {
    steps.push_back(step(RestoreAct::upgrade,
                         fmt::format("upgrade the snapshot {} from PostgreSQL {} to {}",
                                     goal.origin, facts.origin_version, goal.upgrade_to),
                         "NOT reversible; RDS does not restore its present version any more"));
    steps.back().done = facts.origin_version == goal.upgrade_to;
  }
  if (goal.in_place && (occupied || facts.replaced)) plan_making_room(goal, facts, steps);

  const std::string undo =
      goal.in_place && (occupied || facts.replaced)
          ? "`tidemark restore rollback` puts it aside and the instance before back"
          : "delete the new instance";
  steps.push_back(
      step(RestoreAct::create,
           fmt::format("restore {} as {}, private", origin_words(goal), goal.identifier), undo));
  steps.back().done = restored;
  const bool settled = restored && unmet_settings(goal.wanted, facts.target->settings).empty() &&
                       facts.target->pending.empty();
  steps.push_back(step(RestoreAct::modify, "set " + later_settings(goal)));
  steps.back().done = settled;
  if (!goal.wanted.roles.empty()) {
    steps.push_back(
        step(RestoreAct::add_roles, fmt::format("attach {} role(s)", goal.wanted.roles.size())));
    steps.back().done = restored && missing_roles(goal.wanted, facts.target->settings).empty();
  }
  steps.push_back(step(RestoreAct::reboot, "reboot, if a parameter group waits for it"));
  steps.back().done = settled && !facts.target->reboot_pending;
  const std::optional<RestoreMark> mark = restored ? facts.target->mark() : std::nullopt;
  const auto progressed = [&](const char* word) { return mark && mark->progress.contains(word); };
  if (goal.set_password) {
    steps.push_back(step(RestoreAct::password, "set the master password"));
    steps.back().done = progressed("password");
  }
  if (goal.run_checks) {
    steps.push_back(step(RestoreAct::check, "connect with TLS and check the database"));
    steps.back().done = progressed("checks");
  }
  if (goal.bring_files) {
    const auto began = operation_began(goal.operation);
    steps.push_back(step(
        RestoreAct::files, "bring the files in the bucket back to that moment",
        began ? fmt::format("`tidemark files restore {} --at {}`", goal.source, format_time(*began))
              : ""));
    steps.back().done = progressed("files");
  }
  if (goal.run_hook) {
    steps.push_back(step(RestoreAct::hook, "run the hook", "only the hook knows how"));
    steps.back().done = progressed("hook");
  }
  steps.push_back(step(RestoreAct::finish, "mark the restore as done"));
  steps.back().done = mark && mark->phase != RestorePhase::open;
  if (goal.warm_up) {
    steps.push_back(
        step(RestoreAct::warm_up, "read every table once, so that its blocks are loaded"));
    steps.back().done = progressed("warm-up");
  }
  return steps;
}

std::vector<PlannedStep> planned_rollback(const RollbackFacts& facts,
                                          const std::string& discarded_name) {
  const RestoreMark mark = *facts.replaced.mark();
  std::vector<PlannedStep> steps;
  if (facts.replaced.id == mark.identifier) {
    steps.push_back(step(RestoreAct::unmark,
                         fmt::format("take the mark off {}; it was not renamed", mark.identifier)));
    return steps;
  }
  if (facts.target) {
    const bool broken = phase_of_instance(facts.target->status) == InstancePhase::broken;
    const bool unborn =
        facts.target->status == "creating" || (broken && facts.target->address.empty());
    if (unborn)
      steps.push_back(step(RestoreAct::destroy,
                           fmt::format("delete {}, which never came up and holds nothing that the "
                                       "point does not",
                                       mark.identifier),
                           "restore it again"));
    else
      steps.push_back(step(
          RestoreAct::discard,
          fmt::format("rename the restored {} to {}; rows written since the restore stay in it",
                      mark.identifier, discarded_name),
          "rename it back by hand"));
  }
  steps.push_back(step(RestoreAct::rename,
                       fmt::format("rename {} back to {}", facts.replaced.id, mark.identifier),
                       "restore again"));
  steps.push_back(step(RestoreAct::unmark, fmt::format("take the marks off {}", mark.identifier)));
  return steps;
}

std::vector<PlannedStep> planned_retirement(const RetireFacts& facts) {
  const std::string& id = facts.victim->id;
  std::vector<PlannedStep> steps;
  if (facts.victim->settings.deletion_protection)
    steps.push_back(step(RestoreAct::unprotect,
                         fmt::format("lift the deletion protection of {}", id), "set it again"));
  steps.push_back(step(
      RestoreAct::destroy,
      facts.final_snapshot.empty()
          ? fmt::format("delete {} WITHOUT a final snapshot; its automated backups are kept", id)
          : fmt::format("delete {} with the final snapshot {}; its automated backups are kept", id,
                        facts.final_snapshot),
      "NOT reversible; the final snapshot can be restored"));
  if (facts.final_snapshot.empty())
    steps.back().undo = "NOT reversible; what was written after its last point is lost";
  else
    steps.push_back(step(RestoreAct::keep_final, "write owner, settings and a hold into its tags"));
  return steps;
}

}  // namespace tidemark::core
