#include "core/archives_plan.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "core/source_plan.h"

namespace tidemark::core {
namespace {

// The moment up to which it counts as made: of an inventory from a report that is older, when it
// was taken.
TimePoint made_at(const RecoveryPoint& archive) { return std::max(archive.slot, archive.moment()); }

bool going(const RecoveryPoint& archive) { return archive.condemned_at && !archive.hold; }

std::vector<RecoveryPoint> staying(const ArchivesFacts& facts) {
  std::vector<RecoveryPoint> archives;
  for (RecoveryPoint archive : facts.archives) {
    if (going(archive)) continue;
    archive.condemned_at.reset();
    archives.push_back(std::move(archive));
  }
  return archives;
}

void find_newest(const ArchivesFacts& facts, const std::vector<RecoveryPoint>& archives,
                 ArchivesPlan& plan) {
  for (const RecoveryPoint& archive : archives) {
    if (!archive.good() || archive.moment() > facts.now + kClockSkewMax) continue;
    const bool newer =
        !plan.newest || made_at(archive) > made_at(*plan.newest) ||
        (made_at(archive) == made_at(*plan.newest) && is_newer(archive, *plan.newest));
    if (newer) plan.newest = archive;
  }
}

// What is begun at a slot shows a moment at or after it, by the server's clock, which may be a
// little behind ours.
void judge_slots(const ArchivesFacts& facts, ArchivesPlan& plan) {
  if (!facts.scheduled || !facts.latest_slot) return;
  plan.next_slot = facts.next_slot(facts.now);
  if (plan.newest)
    if (const auto first_missed = facts.next_slot(made_at(*plan.newest)))
      plan.good_until = *first_missed + facts.overdue_after;
  plan.covered = plan.newest && made_at(*plan.newest) + kClockSkewMax >= *facts.latest_slot;
  if (plan.covered) return;
  plan.overdue = !plan.good_until || facts.now > *plan.good_until;
  if (facts.running || facts.unreadable) return;
  plan.due =
      !facts.failed || facts.failed->last + pause_after_attempt(facts.failed->count) <= facts.now;
}

std::string next_try(const ArchivesFacts& facts, const ArchivesPlan& plan) {
  return plan.due
             ? "in the next pass"
             : "at " + format_time(facts.failed->last + pause_after_attempt(facts.failed->count));
}

void judge_attempts(const ArchivesFacts& facts, ArchivesPlan& plan) {
  if (!facts.failed || plan.covered || facts.running) return;
  plan.problems.push_back(
      {Severity::warning,
       fmt::format("archiving {} failed ({} in a row): {}; the next attempt follows {}", facts.name,
                   facts.failed->count, facts.failed->error.message, next_try(facts, plan)),
       facts.failed->error.hint});
}

void judge_protection(const ArchivesFacts& facts, ArchivesPlan& plan) {
  if (facts.unreadable) {
    // A snapshot is as good without an inventory, which only adds to it.
    plan.problems.push_back({facts.of_points ? Severity::warning : Severity::critical,
                             fmt::format("the archives of {} cannot be looked at: {}", facts.name,
                                         facts.unreadable->message),
                             facts.unreadable->hint});
    return;
  }
  if (plan.newest && plan.newest->missing_files > 0)
    plan.problems.push_back(
        {Severity::warning,
         fmt::format("{} files that rows name were not there at {}", plan.newest->missing_files,
                     format_time(plan.newest->moment())),
         fmt::format("`tidemark files check {}` names them",
                     facts.name.substr(0, facts.name.find('/')))});
  if (!plan.overdue) return;
  std::string hint = "run `tidemark run --once`; is the daemon running (`tidemark health`)?";
  if (facts.running) hint = "one is being made; look again later";
  plan.problems.push_back(
      {Severity::critical,
       plan.newest ? fmt::format("overdue: the newest archive of {} is {} old", facts.name,
                                 format_duration(std::chrono::floor<Seconds>(
                                     facts.now - plan.newest->moment())))
                   : fmt::format("there is no archive of {} yet", facts.name),
       hint});
}

void judge_retention(const ArchivesFacts& facts, const std::vector<RecoveryPoint>& archives,
                     const LocalCalendar& calendar, ArchivesPlan& plan) {
  plan.verdicts = plan_retention(archives, facts.retention, facts.now, calendar,
                                 facts.unreadable || (facts.scheduled && !plan.covered));
  for (const RecoveryPoint& archive : facts.archives)
    if (going(archive))
      plan.verdicts.push_back({archive.id,
                               Outcome::wait,
                               {"condemned " + format_time(*archive.condemned_at)},
                               *archive.condemned_at + facts.retention.grace});
  std::map<std::string, const RecoveryPoint*> by_id;
  for (const RecoveryPoint& archive : facts.archives) by_id[archive.id] = &archive;
  std::sort(plan.verdicts.begin(), plan.verdicts.end(), [&](const Verdict& a, const Verdict& b) {
    return is_newer(*by_id.at(a.id), *by_id.at(b.id));
  });
}

}  // namespace

std::vector<std::string> ArchivesPlan::condemned() const {
  std::vector<std::string> names;
  for (const Verdict& verdict : verdicts)
    if (verdict.outcome == Outcome::condemn) names.push_back(verdict.id);
  return names;
}

bool lacks_inventory(const ArchivesPlan& inventories, const RecoveryPoint& point) {
  // A moment that is still to come proves nothing, and an inventory of it would not count.
  if (point.moment() > inventories.now + kClockSkewMax) return false;
  const TimePoint moment = std::chrono::floor<Seconds>(point.moment());  // as archives have it
  return !inventories.newest || made_at(*inventories.newest) < moment;
}

ArchivesPlan plan_archives(const ArchivesFacts& facts, const LocalCalendar& calendar) {
  ArchivesPlan plan{.name = facts.name,
                    .scheduled = facts.scheduled,
                    .of_points = facts.of_points,
                    .running = facts.running,
                    .now = facts.now,
                    .known = !facts.unreadable};
  if (facts.failed) plan.next_try = facts.failed->last + pause_after_attempt(facts.failed->count);
  const std::vector<RecoveryPoint> archives = staying(facts);
  find_newest(facts, archives, plan);
  judge_slots(facts, plan);
  judge_protection(facts, plan);
  judge_attempts(facts, plan);
  judge_retention(facts, archives, calendar, plan);
  return plan;
}

}  // namespace tidemark::core
