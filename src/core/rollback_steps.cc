#include "core/rollback_steps.h"

#include <set>

#include <fmt/format.h>

#include "core/instance_status.h"

namespace tidemark::core {
namespace {

bool is_renaming(const SeenInstance& instance) {
  return instance.status == "renaming" || instance.pending.contains("identifier");
}

NextStep wait_for_rename(const SeenInstance& instance) {
  return wait_for(fmt::format("{} to be renamed ({})", instance.id, instance.status));
}

std::string rename_hint(const std::string& id, const std::string& identifier, bool taken) {
  return fmt::format(
      "{}give it the name by hand: `aws rds modify-db-instance --db-instance-identifier {} "
      "--new-db-instance-identifier {} --apply-immediately`",
      taken ? fmt::format("find out what {} is now; to have the one before back, rename that away, "
                          "then ",
                          identifier)
            : "",
      id, identifier);
}

// Without the mark it is back for good, or somebody took its tags off before it was.
NextStep unmarked_step(const RollbackFacts& facts) {
  const SeenInstance& replaced = facts.replaced;
  if (is_renaming(replaced)) return wait_for_rename(replaced);
  if (replaced.id != facts.identifier)
    return stop(ErrorKind::conflict,
                fmt::format("the replaced instance ({}) is there as {}, but bears no mark of the "
                            "restore any more",
                            replaced.resource_id, replaced.id),
                rename_hint(replaced.id, facts.identifier, facts.target.has_value()));
  switch (phase_of_instance(replaced.status)) {
    case InstancePhase::ready: return act(RestoreAct::finished);
    case InstancePhase::moving: return wait_for_status(replaced);
    default: break;
  }
  return stop(ErrorKind::conflict,
              fmt::format("{} has its name and no marks any more, but is '{}'", replaced.id,
                          replaced.status),
              "see its events in RDS, and mend it there");
}

// Its protection from deletion becomes what it was before the claim. Whoever was about to delete
// what had its name may be late, and not know that it is back: then it stays protected.
NextStep back_step(const SeenInstance& replaced, const RestoreMark& mark) {
  const bool is = replaced.settings.deletion_protection;
  const bool was = mark.was_protected.value_or(is);
  if (is == was || keeps_protection(replaced)) return act(RestoreAct::unmark, replaced.id);
  switch (phase_of_instance(replaced.status)) {
    case InstancePhase::ready:
      return act(was ? RestoreAct::protect : RestoreAct::unprotect, replaced.id);
    case InstancePhase::moving: return wait_for_status(replaced);
    default: return act(RestoreAct::unmark, replaced.id);
  }
}

// What became of the restored instance decides how it makes room.
NextStep clearing_step(const SeenInstance& target) {
  // What never had an endpoint holds nothing that the point does not.
  const bool unborn = target.address.empty();
  std::string hint =
      "bring it to 'available' (a stopped one is started; see its events in RDS), then run "
      "the same command again; it may hold rows of its own, so it is not deleted";
  switch (phase_of_instance(target.status)) {
    case InstancePhase::leaving: return wait_for_status(target);
    case InstancePhase::broken:
      if (unborn) return act(RestoreAct::destroy, target.id);
      break;
    case InstancePhase::moving:
      if (target.status == "creating") return act(RestoreAct::destroy, target.id);
      return wait_for_status(target);
    case InstancePhase::ready:
      if (target.pending.contains("identifier")) return wait_for_status(target);
      return act(RestoreAct::discard, target.id);
    case InstancePhase::full:
      if (target.pending.contains("identifier")) return wait_for_status(target);
      hint = fmt::format(
          "RDS renames only what is available: give it more storage (`aws rds modify-db-instance "
          "--db-instance-identifier {} --allocated-storage GIB --apply-immediately`) and run the "
          "same command again",
          target.id);
      break;
    case InstancePhase::stopped: break;
  }
  return stop(ErrorKind::conflict,
              fmt::format("the restored instance {} is '{}', so it cannot step aside", target.id,
                          target.status),
              hint);
}

// The instance that a restore of the identifier put aside, by its name alone.
const SeenInstance* unmarked_aside(const std::vector<SeenInstance>& instances,
                                   const std::string& identifier) {
  std::set<std::string> names;
  for (const SeenInstance& one : instances) {
    const auto mark = one.mark();
    const bool tells =
        mark && mark->role == RestoreRole::restored && mark->identifier == identifier;
    if (tells) names.insert(mark->aside);
  }
  for (const SeenInstance& one : instances)
    if (!one.mark() && (names.contains(one.id) || one.id.starts_with(identifier + "-replaced-")))
      return &one;
  return nullptr;
}

}  // namespace

bool keeps_protection(const SeenInstance& replaced) {
  const auto mark = replaced.mark();
  return mark && mark->was_protected == false && replaced.settings.deletion_protection &&
         mark->progress.contains(std::string(kDeletingWord));
}

const SeenInstance* rollback_candidate(const std::vector<SeenInstance>& instances,
                                       const std::string& identifier) {
  const SeenInstance* newest = nullptr;
  for (const SeenInstance& one : instances) {
    const auto mark = one.mark();
    const bool candidate = mark && mark->role == RestoreRole::replaced &&
                           mark->identifier == identifier &&
                           phase_of_instance(one.status) != InstancePhase::leaving;
    if (candidate && (newest == nullptr || mark->operation > newest->mark()->operation))
      newest = &one;
  }
  return newest;
}

Error why_no_rollback(const std::vector<SeenInstance>& instances, const std::string& identifier) {
  for (const SeenInstance& one : instances) {
    const auto mark = one.mark();
    if (mark && mark->role == RestoreRole::replaced && mark->identifier == identifier)
      return {ErrorKind::conflict,
              fmt::format("the replaced instance {} is '{}', so it cannot come back", one.id,
                          one.status),
              "its final snapshot can be restored once it is complete: `tidemark list` shows it"};
  }
  if (const SeenInstance* aside = unmarked_aside(instances, identifier)) {
    bool taken = false;
    for (const SeenInstance& one : instances) taken = taken || one.id == identifier;
    return {ErrorKind::conflict,
            fmt::format("{} ({}) is there, and by its name a restore of {} put it aside, but it "
                        "bears no mark of one any more",
                        aside->id, aside->resource_id, identifier),
            rename_hint(aside->id, identifier, taken)};
  }
  return {ErrorKind::not_found,
          fmt::format("there is no restore of {} that could be rolled back", identifier),
          "a retired instance is gone: restore its final snapshot, which `tidemark list` shows"};
}

NextStep next_rollback_step(const RollbackFacts& facts) {
  const SeenInstance& replaced = facts.replaced;
  const auto borne = replaced.mark();
  if (!borne || borne->role != RestoreRole::replaced) return unmarked_step(facts);
  const RestoreMark& mark = *borne;
  const bool is_back = replaced.id == mark.identifier;
  if (is_renaming(replaced)) return wait_for_rename(replaced);
  if (is_back) return back_step(replaced, mark);
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
  // Nothing steps aside before it is sure that the other one can come back, and nothing is claimed
  // before the other can step aside.
  const InstancePhase phase = phase_of_instance(replaced.status);
  if (phase == InstancePhase::moving) return wait_for_status(replaced);
  if (phase != InstancePhase::ready)
    return stop(ErrorKind::conflict,
                fmt::format("instance {} is '{}', so it cannot be renamed back", replaced.id,
                            replaced.status),
                fmt::format("make it available (if it is stopped: `aws rds start-db-instance "
                            "--db-instance-identifier {}`), then run the same command again",
                            replaced.id));
  if (facts.target)
    if (const NextStep clearing = clearing_step(*facts.target); clearing.act == RestoreAct::stop)
      return clearing;
  if (mark.phase != RestorePhase::rolling_back) return act(RestoreAct::claim, replaced.id);
  return facts.target ? clearing_step(*facts.target) : act(RestoreAct::rename, mark.identifier);
}

}  // namespace tidemark::core
