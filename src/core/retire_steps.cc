#include "core/retire_steps.h"

#include <fmt/format.h>

#include "core/instance_status.h"

namespace tidemark::core {

std::string why_kept(const SeenInstance& instance) {
  const auto mark = instance.mark();
  if (!mark) return "no restore put it aside";
  if (mark->by_hand)
    return "somebody had renamed it by hand before the restore, and may use it under that name";
  if (instance.id != mark->aside)
    return fmt::format("somebody renamed it by hand: the restore put it aside as {}", mark->aside);
  return "";
}

NextStep next_retire_step(const RetireFacts& facts) {
  if (facts.victim) {
    const SeenInstance& victim = *facts.victim;
    const InstancePhase phase = phase_of_instance(victim.status);
    if (phase == InstancePhase::leaving) return wait_for_status(victim);
    if (victim.mark()->phase != RestorePhase::retiring || !facts.announced)
      return act(RestoreAct::claim, victim.id);
    if (phase == InstancePhase::moving) return wait_for_status(victim);
    if (victim.settings.deletion_protection) return act(RestoreAct::unprotect, victim.id);
    if (!facts.final_snapshot.empty() && phase != InstancePhase::ready)
      return stop(ErrorKind::conflict,
                  fmt::format("instance {} is '{}', so its final snapshot cannot be taken",
                              victim.id, victim.status),
                  "mend it, or add --no-final-snapshot: then its rows are only in older points");
    return act(RestoreAct::destroy, victim.id);
  }
  if (facts.final_snapshot.empty()) return act(RestoreAct::finished);
  if (facts.final_status.empty())
    return stop(ErrorKind::not_found,
                fmt::format("the final snapshot {} is not there", facts.final_snapshot),
                "look for it in the RDS console: the instance is gone");
  if (!facts.final_tagged) return act(RestoreAct::keep_final, facts.final_snapshot);
  if (facts.final_status != "available")
    return wait_for(
        fmt::format("final snapshot {} ({})", facts.final_snapshot, facts.final_status));
  return act(RestoreAct::finished);
}

}  // namespace tidemark::core
