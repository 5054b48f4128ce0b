#include "core/source_plan.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/snapshot_name.h"

namespace tidemark::core {
namespace {

// The moment up to which a point says that all is well: its slot, or when it was taken if that was
// later. A moment that is still to come proves nothing: a clock that was wrong gave it.
TimePoint covered_until(const RecoveryPoint& point, TimePoint now) {
  const auto believed = [&](TimePoint moment) {
    return moment <= now + kClockSkewMax ? moment : TimePoint{};
  };
  return std::max(believed(point.slot), believed(point.created.value_or(TimePoint{})));
}

bool covers(const RecoveryPoint& point, TimePoint slot, TimePoint now) {
  return !point.legacy && !point.other_instance && covered_until(point, now) >= slot;
}

const RecoveryPoint* newest_good(const std::vector<RecoveryPoint>& points, TimePoint now) {
  const RecoveryPoint* newest = nullptr;
  for (const RecoveryPoint& point : points) {
    const TimePoint until = covered_until(point, now);
    const bool counts = point.good() && covers(point, TimePoint{Millis(1)}, now);
    if (counts && (newest == nullptr || until > covered_until(*newest, now))) newest = &point;
  }
  return newest;
}

// Names for this slot that are used up: by attempts that failed, and by points of an instance that
// was there before.
struct Attempts {
  int failed = 0;
  int last_name = 0;
  TimePoint last_asked;
};

Attempts attempts_for(const std::vector<RecoveryPoint>& points, TimePoint slot) {
  Attempts attempts;
  for (const RecoveryPoint& point : points) {
    const auto name = parse_snapshot_name(point.id);
    if (!name || name->slot != slot) continue;
    attempts.last_name = std::max(attempts.last_name, name->attempt);
    const bool failed = point.state == PointState::failed || point.state == PointState::deleting;
    if (!failed || point.other_instance) continue;
    ++attempts.failed;
    attempts.last_asked = std::max(attempts.last_asked, point.asked.value_or(slot));
  }
  return attempts;
}

std::string age_text(TimePoint now, TimePoint then) {
  return format_duration(std::chrono::floor<Seconds>(now - then));
}

void add(SourcePlan& plan, Severity severity, std::string message, std::string hint = {}) {
  plan.problems.push_back({severity, std::move(message), std::move(hint)});
}

// A point is late when it takes longer than a point may be late, counted from when it was asked
// for: a slot made up for after days would otherwise be late at once.
void await(const RecoveryPoint& point, const SourceFacts& facts, SourcePlan& plan) {
  plan.awaited = point.id;
  const TimePoint since = std::max(point.slot, point.asked.value_or(point.slot));
  plan.stuck = facts.now > since + facts.overdue_after;
  if (plan.stuck)
    add(plan, Severity::critical,
        fmt::format("snapshot {} is still in progress after {}", point.id,
                    age_text(facts.now, since)),
        "look at it in the RDS console; it counts only once it is available");
}

// States that an instance does not leave by itself within minutes.
bool is_lasting(std::string_view status) {
  return status == "stopped" || status == "failed" || status == "storage-full" ||
         status.starts_with("incompatible-") || status.starts_with("inaccessible-") ||
         status.starts_with("insufficient-");
}

void judge_instance(const SourceFacts& facts, SourcePlan& plan) {
  if (!plan.covered || !is_lasting(facts.instance_status)) return;
  add(plan, Severity::warning,
      fmt::format("instance {} is '{}': while it is so, no further point can be taken",
                  facts.instance, facts.instance_status),
      "see the instance in the RDS console");
}

bool may_try(const Attempts& attempts, const SourceFacts& facts, SourcePlan& plan) {
  if (attempts.failed == 0) return true;
  const std::string slot = format_time(*facts.latest_slot);
  if (attempts.last_name >= kAttemptsMax) {
    add(plan, Severity::critical,
        fmt::format("{} snapshots for the slot {} have failed", attempts.failed, slot),
        fmt::format("see the instance's events in RDS, then run `tidemark backup {}`",
                    facts.source));
    return false;
  }
  const TimePoint again = attempts.last_asked + pause_after_attempt(attempts.failed);
  const bool now = again <= facts.now;
  add(plan, Severity::warning,
      fmt::format("attempt {} for the slot {} failed; the next one follows {}", attempts.failed,
                  slot, now ? "in the next pass" : "at " + format_time(again)),
      "see the instance's events in RDS");
  return now;
}

// Decides what covers, or will cover, the latest slot.
void plan_creation(const SourceFacts& facts, SourcePlan& plan) {
  if (!facts.latest_slot) return;
  const TimePoint slot = *facts.latest_slot;
  const RecoveryPoint* good = newest_good(facts.points, facts.now);
  plan.covered = good != nullptr && covers(*good, slot, facts.now);
  if (plan.covered) return;
  plan.overdue = !plan.good_until || facts.now > *plan.good_until;

  for (const RecoveryPoint& point : facts.points)
    if (point.state == PointState::in_progress && covers(point, slot, facts.now))
      await(point, facts, plan);
  if (plan.awaited) return;
  const Attempts attempts = attempts_for(facts.points, slot);
  if (!may_try(attempts, facts, plan)) return;
  if (facts.instance_status.empty()) return;  // a problem already says why
  if (!can_be_snapshotted(facts.instance_status)) {
    add(plan, plan.overdue ? Severity::critical : Severity::note,
        fmt::format("instance {} is '{}', so no snapshot can be taken now", facts.instance,
                    facts.instance_status),
        "the next look tries again; if it stays so, see the instance in the RDS console");
    return;
  }
  const SnapshotName name{.source = facts.source, .slot = slot, .attempt = attempts.last_name + 1};
  plan.create = NewPoint{.id = name.text(), .slot = slot, .attempt = name.attempt};
}

std::string nothing_yet(const SourceFacts& facts) {
  const auto count = [&](auto is) {
    return std::count_if(facts.points.begin(), facts.points.end(),
                         [&](const RecoveryPoint& point) { return point.good() && is(point); });
  };
  if (const auto others = count([](const RecoveryPoint& p) { return p.other_instance; }))
    return fmt::format(
        "there is no good point of this instance yet; {} of the one that was there "
        "before could be restored",
        others);
  if (const auto legacy = count([](const RecoveryPoint& p) { return p.legacy; }))
    return fmt::format(
        "there is no point of Tidemark's own yet; {} older WeeklyBackup snapshot(s) "
        "could be restored, without their settings",
        legacy);
  return "there is no good point yet: nothing could be restored";
}

// Finds the newest good point and until when it protects: the first slot after it may be late, not
// more. Counted from there, and not from the latest slot, or a source that has been dead for weeks
// would look well again after each slot.
void find_last_good(const SourceFacts& facts, SourcePlan& plan) {
  for (const RecoveryPoint& point : facts.points) plan.good_points += point.good() ? 1 : 0;
  const RecoveryPoint* good = newest_good(facts.points, facts.now);
  if (good == nullptr) return;
  plan.last_good = *good;
  if (const auto due = facts.next_slot(covered_until(*good, facts.now)))
    plan.good_until = *due + facts.overdue_after;
}

void judge_protection(const SourceFacts& facts, SourcePlan& plan) {
  if (!facts.latest_slot || plan.covered) return;
  std::string next;
  if (plan.create) next = "run `tidemark run --once`; is the daemon running (`tidemark health`)?";
  if (plan.awaited) next = fmt::format("{} is being taken; look again later", *plan.awaited);
  if (!plan.last_good)
    add(plan, Severity::critical, nothing_yet(facts), next);
  else if (plan.overdue)
    add(plan, Severity::critical,
        fmt::format("overdue: the newest good point is {} old",
                    age_text(facts.now, plan.last_good->moment())),
        next);
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

bool SourcePlan::healthy() const {
  return std::none_of(problems.begin(), problems.end(),
                      [](const Problem& p) { return p.severity == Severity::critical; });
}

bool can_be_snapshotted(std::string_view instance_status) {
  return instance_status == "available" || instance_status == "storage-optimization";
}

Seconds pause_after_attempt(int attempt) {
  if (attempt <= 1) return Seconds(0);
  return std::chrono::minutes(15) * (1 << std::min(attempt - 2, 6));
}

namespace {

// The daemon takes one as soon as it sees the point; nobody is to be troubled before that.
constexpr Seconds kInventoryPatience = std::chrono::hours(1);

void judge_inventory(SourcePlan& plan, const ArchivesPlan& inventories) {
  if (!inventories.of_points || !inventories.known || inventories.running || !plan.last_good)
    return;
  if (!lacks_inventory(inventories, *plan.last_good)) return;
  if (inventories.now < plan.last_good->moment() + kInventoryPatience) return;
  add(plan, Severity::warning,
      fmt::format("the newest good point, {}, has no inventory of the files", plan.last_good->id),
      fmt::format("`tidemark files inventory {} --point {}` takes it; the daemon does so by itself",
                  plan.source, plan.last_good->id));
}

}  // namespace

void add_archives(SourcePlan& plan, ArchivesPlan archives) {
  judge_inventory(plan, archives);
  plan.problems.insert(plan.problems.end(), archives.problems.begin(), archives.problems.end());
  std::stable_sort(plan.problems.begin(), plan.problems.end(),
                   [](const Problem& a, const Problem& b) { return a.severity > b.severity; });
  plan.archives.push_back(std::move(archives));
}

SourcePlan plan_source(const SourceFacts& facts, const LocalCalendar& calendar) {
  SourcePlan plan;
  plan.source = facts.source;
  plan.instance = facts.instance;
  plan.latest_slot = facts.latest_slot;
  plan.next_slot = facts.next_slot(facts.now);
  plan.problems = facts.problems;
  find_last_good(facts, plan);
  plan_creation(facts, plan);
  judge_protection(facts, plan);
  judge_instance(facts, plan);
  judge_clock(facts, plan);
  // Until the latest slot is covered, and while the clocks disagree, history only grows. Except
  // that a full quota would then never end: no room, no point, nothing condemned, no room.
  const bool skewed = facts.clock_skew > kClockSkewMax || facts.clock_skew < -kClockSkewMax;
  plan.verdicts = plan_retention(facts.points, facts.retention, facts.now, calendar,
                                 (!plan.covered && !facts.quota_full) || skewed);
  std::stable_sort(plan.problems.begin(), plan.problems.end(),
                   [](const Problem& a, const Problem& b) { return a.severity > b.severity; });
  return plan;
}

}  // namespace tidemark::core
