#include "core/rollback_steps.h"

#include <fmt/format.h>

#include "core/instance_status.h"

namespace tidemark::core {

NextStep next_rollback_step(const RollbackFacts& facts) {
  const SeenInstance& replaced = facts.replaced;
  const auto borne = replaced.mark();
  if (!borne || borne->role != RestoreRole::replaced) return act(RestoreAct::finished);
  const RestoreMark& mark = *borne;
  const bool is_back = replaced.id == mark.identifier;
  const bool renaming = replaced.status == "renaming" || replaced.pending.contains("identifier");
  if (renaming) return wait_for(fmt::format("{} to be renamed ({})", replaced.id, replaced.status));
  if (is_back) return act(RestoreAct::unmark, replaced.id);
  const auto its_mark = facts.target ? facts.target->mark() : std::nullopt;
  const bool ours =
      its_mark && its_mark->operation == mark.operation && its_mark->role != RestoreRole::replaced;
  if (facts.target && !ours)
    return stop(ErrorKind::conflict,
                fmt::format("the identifier {} belongs to another instance ({}), which this "
                            "restore did not make",
                            facts.target->id, facts.target->resource_id),
                fmt::format("rename that one, then run the same command again; the replaced "
                            "instance is safe as {}",
                            replaced.id));
  // Nothing steps aside before it is sure that the other one can come back.
  const InstancePhase phase = phase_of_instance(replaced.status);
  if (phase == InstancePhase::moving) return wait_for_status(replaced);
  if (phase != InstancePhase::ready)
    return stop(ErrorKind::conflict,
                fmt::format("instance {} is '{}', so it cannot be renamed back", replaced.id,
                            replaced.status),
                fmt::format("make it available (if it is stopped: `aws rds start-db-instance "
                            "--db-instance-identifier {}`), then run the same command again",
                            replaced.id));
  if (mark.phase != RestorePhase::rolling_back) return act(RestoreAct::claim, replaced.id);
  if (!facts.target) return act(RestoreAct::rename, mark.identifier);
  const SeenInstance& target = *facts.target;
  // What never had an endpoint holds nothing that the point does not.
  const bool unborn = target.address.empty();
  switch (phase_of_instance(target.status)) {
    case InstancePhase::leaving: return wait_for_status(target);
    case InstancePhase::broken:
      if (unborn) return act(RestoreAct::destroy, target.id);
      break;
    case InstancePhase::moving:
      if (target.status == "creating") return act(RestoreAct::destroy, target.id);
      return wait_for_status(target);
    case InstancePhase::ready:
    case InstancePhase::full:
      if (target.pending.contains("identifier")) return wait_for_status(target);
      return act(RestoreAct::discard, target.id);
    case InstancePhase::stopped: break;
  }
  return stop(ErrorKind::conflict,
              fmt::format("the restored instance {} is '{}', so it cannot step aside", target.id,
                          target.status),
              "bring it to 'available' (a stopped one is started; see its events in RDS), then run "
              "the same command again; it may hold rows of its own, so it is not deleted");
}

}  // namespace tidemark::core
