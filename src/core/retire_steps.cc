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

std::string why_needed(const SeenInstance& victim, const std::optional<SeenInstance>& survivor) {
  const auto mark = victim.mark();
  if (!mark) return "it bears no mark of a restore";
  if (!survivor) return fmt::format("no instance is called {} now", mark->identifier);
  const auto theirs = survivor->mark();
  const bool is_done =
      theirs && theirs->role == RestoreRole::restored &&
      (theirs->phase == RestorePhase::done || theirs->phase == RestorePhase::retired);
  // A rollback takes the marks off what is back, and leaves what it put aside as discarded.
  const bool is_back = !theirs && mark->role == RestoreRole::discarded;
  if (!is_done && !is_back)
    return fmt::format("{} ({}) is not known as a restore that is done", survivor->id,
                       survivor->resource_id);
  const InstancePhase phase = phase_of_instance(survivor->status);
  if (phase == InstancePhase::ready || phase == InstancePhase::moving) return "";
  return fmt::format("{} is '{}'", survivor->id, survivor->status);
}

std::string final_snapshot_name(const SeenInstance& victim, bool wanted, const std::string& fresh) {
  const auto mark = victim.mark();
  const auto tag = victim.settings.tags.find(std::string(kFinalTag));
  const bool begun = mark && mark->phase == RestorePhase::retiring;
  const std::string given = begun && tag != victim.settings.tags.end() ? tag->second : "";
  if (victim.status == "deleting" && !given.empty()) return given == "-" ? "" : given;
  if (!wanted) return "";
  return given.empty() || given == "-" ? fresh : given;
}

namespace {

// Nothing is deleted, nor prepared for it, unless another instance serves in its place and the
// final snapshot can be taken.
std::optional<NextStep> obstacle_step(const RetireFacts& facts) {
  const SeenInstance& victim = *facts.victim;
  if (const std::string why = why_needed(victim, facts.survivor); !why.empty())
    return stop(ErrorKind::unsafe,
                fmt::format("{} may hold the only rows that are left: {}", victim.id, why),
                "`tidemark restore rollback` puts a replaced instance back, `tidemark restore` "
                "makes another; see `tidemark restore status`");
  for (const SeenInstance* one : {&victim, &*facts.survivor})
    if (phase_of_instance(one->status) == InstancePhase::moving) return wait_for_status(*one);
  if (!facts.final_snapshot.empty() && phase_of_instance(victim.status) != InstancePhase::ready)
    return stop(ErrorKind::conflict,
                fmt::format("instance {} is '{}', so its final snapshot cannot be taken", victim.id,
                            victim.status),
                "mend it, or add --no-final-snapshot: then its rows are only in older points");
  return std::nullopt;
}

}  // namespace

NextStep next_retire_step(const RetireFacts& facts) {
  if (facts.victim) {
    const SeenInstance& victim = *facts.victim;
    if (phase_of_instance(victim.status) == InstancePhase::leaving) return wait_for_status(victim);
    if (const auto step = obstacle_step(facts)) return *step;
    if (victim.mark()->phase != RestorePhase::retiring || !facts.announced)
      return act(RestoreAct::claim, victim.id);
    if (victim.settings.deletion_protection) return act(RestoreAct::unprotect, victim.id);
    return act(RestoreAct::destroy, victim.id);
  }
  if (facts.final_snapshot.empty()) return act(RestoreAct::finished);
  if (facts.final_status.empty())
    return stop(ErrorKind::not_found,
                fmt::format("the final snapshot {} is not there", facts.final_snapshot),
                "look for it in the RDS console: the instance is gone");
  if (!facts.final_tagged) return act(RestoreAct::keep_final, facts.final_snapshot);
  if (facts.final_status == "failed" || facts.final_status.starts_with("incompatible-"))
    return stop(ErrorKind::rejected,
                fmt::format("the instance is gone, and its final snapshot {} ended as '{}'",
                            facts.final_snapshot, facts.final_status),
                "its automated backups are retained: `tidemark restore` with --to-time latest and "
                "--as restores from them; see its events in RDS");
  if (facts.final_status != "available")
    return wait_for(
        fmt::format("final snapshot {} ({})", facts.final_snapshot, facts.final_status));
  return act(RestoreAct::finished);
}

}  // namespace tidemark::core
