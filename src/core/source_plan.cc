#include "core/source_plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/snapshot_name.h"

namespace tidemark::core {
namespace {

bool covers(const RecoveryPoint& point, TimePoint slot) {
  return point.slot >= slot || (point.created && *point.created >= slot);
}

const RecoveryPoint* newest_good(const std::vector<RecoveryPoint>& points, TimePoint now) {
  const RecoveryPoint* newest = nullptr;
  for (const RecoveryPoint& point : points) {
    const bool counts = point.good() && !point.legacy && point.moment() <= now + kClockSkewMax;
    if (counts && (newest == nullptr || point.moment() > newest->moment())) newest = &point;
  }
  return newest;
}

int attempts_for(const std::vector<RecoveryPoint>& points, TimePoint slot) {
  int attempts = 0;
  for (const RecoveryPoint& point : points) {
    const auto name = parse_snapshot_name(point.id);
    const bool spent = point.state == PointState::failed || point.state == PointState::deleting;
    if (spent && name && name->slot == slot) attempts = std::max(attempts, name->attempt);
  }
  return attempts;
}

std::string age_text(TimePoint now, TimePoint then) {
  return format_duration(std::chrono::floor<Seconds>(now - then));
}

void add(SourcePlan& plan, Severity severity, std::string message, std::string hint = {}) {
  plan.problems.push_back({severity, std::move(message), std::move(hint)});
}

// Decides what covers, or will cover, the latest slot.
void plan_creation(const SourceFacts& facts, SourcePlan& plan) {
  if (!facts.latest_slot) return;
  const TimePoint slot = *facts.latest_slot;
  const RecoveryPoint* good = newest_good(facts.points, facts.now);
  plan.covered = good != nullptr && covers(*good, slot);
  if (plan.covered) return;
  plan.overdue = facts.now > slot + facts.overdue_after;

  for (const RecoveryPoint& point : facts.points)
    if (point.state == PointState::in_progress && !point.legacy && covers(point, slot))
      plan.awaited = point.id;
  if (plan.awaited) {
    if (plan.overdue)
      add(plan, Severity::critical,
          fmt::format("snapshot {} is still in progress {} after its slot", *plan.awaited,
                      age_text(facts.now, slot)),
          "look at it in the RDS console; it counts only once it is available");
    return;
  }
  const int attempts = attempts_for(facts.points, slot);
  if (attempts >= kAttemptsPerSlot) {
    add(plan, Severity::critical,
        fmt::format("{} snapshots for the slot {} have failed", attempts, format_time(slot)),
        fmt::format("see the instance's events in RDS, then run `tidemark backup {}`",
                    facts.source));
    return;
  }
  if (attempts > 0)
    add(plan, Severity::warning,
        fmt::format("attempt {} for the slot {} failed and is repeated", attempts,
                    format_time(slot)));
  if (facts.instance_status.empty()) return;  // a problem already says why
  if (!can_be_snapshotted(facts.instance_status)) {
    add(plan, plan.overdue ? Severity::critical : Severity::note,
        fmt::format("instance {} is '{}', so no snapshot can be taken now", facts.instance,
                    facts.instance_status),
        "the next look tries again; if it stays so, see the instance in the RDS console");
    return;
  }
  const SnapshotName name{.source = facts.source, .slot = slot, .attempt = attempts + 1};
  plan.create = NewPoint{.id = name.text(), .slot = slot, .attempt = name.attempt};
}

void judge_protection(const SourceFacts& facts, SourcePlan& plan) {
  if (const RecoveryPoint* good = newest_good(facts.points, facts.now)) plan.last_good = *good;
  for (const RecoveryPoint& point : facts.points) plan.good_points += point.good() ? 1 : 0;
  if (!facts.latest_slot) return;
  if (plan.covered) {
    if (facts.next_slot) plan.good_until = *facts.next_slot + facts.overdue_after;
    return;
  }
  if (plan.last_good) plan.good_until = *facts.latest_slot + facts.overdue_after;
  const std::string next =
      plan.create || plan.awaited ? fmt::format("tidemark run --once")
                                  : fmt::format("tidemark plan {}", facts.source);
  if (!plan.last_good)
    add(plan, Severity::critical, "there is no good point yet: nothing could be restored",
        fmt::format("run `{}`", next));
  else if (plan.overdue)
    add(plan, Severity::critical,
        fmt::format("overdue: the slot {} has no good point; the newest good one is {} old",
                    format_time(*facts.latest_slot),
                    age_text(facts.now, plan.last_good->moment())),
        fmt::format("run `{}`; is the daemon running (`tidemark health`)?", next));
}

void judge_clock(const SourceFacts& facts, SourcePlan& plan) {
  const Millis skew = facts.clock_skew < Millis::zero() ? -facts.clock_skew : facts.clock_skew;
  if (skew <= kClockSkewMax) return;
  add(plan, Severity::warning,
      fmt::format("this machine's clock differs from the service's by {}; nothing is condemned or "
                  "deleted until it is right",
                  format_duration(std::chrono::floor<Seconds>(skew))),
      "set the clock, e.g. `timedatectl set-ntp true`");
}

}  // namespace

std::string_view severity_name(Severity severity) {
  switch (severity) {
    case Severity::note: return "note";
    case Severity::warning: return "warning";
    case Severity::critical: return "critical";
  }
  return "critical";
}

bool SourcePlan::healthy() const {
  return std::none_of(problems.begin(), problems.end(),
                      [](const Problem& p) { return p.severity == Severity::critical; });
}

bool can_be_snapshotted(std::string_view instance_status) {
  return instance_status == "available" || instance_status == "storage-optimization";
}

SourcePlan plan_source(const SourceFacts& facts, const LocalCalendar& calendar) {
  SourcePlan plan;
  plan.source = facts.source;
  plan.instance = facts.instance;
  plan.latest_slot = facts.latest_slot;
  plan.next_slot = facts.next_slot;
  plan.problems = facts.problems;
  plan_creation(facts, plan);
  judge_protection(facts, plan);
  judge_clock(facts, plan);
  // Until the latest slot is covered, and while the clocks disagree, history only grows.
  const bool skewed = facts.clock_skew > kClockSkewMax || facts.clock_skew < -kClockSkewMax;
  plan.verdicts = plan_retention(facts.points, facts.retention, facts.now, calendar,
                                 !plan.covered || skewed);
  std::stable_sort(plan.problems.begin(), plan.problems.end(),
                   [](const Problem& a, const Problem& b) { return a.severity > b.severity; });
  return plan;
}

}  // namespace tidemark::core
