#include "ops/archive_upkeep.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "ops/file_inventory.h"
#include "ops/file_references.h"
#include "repo/lock/lease.h"
#include "repo/upkeep/hold.h"
#include "repo/upkeep/mark.h"

namespace tidemark::ops {
namespace {

constexpr Seconds kBetweenPrunes = std::chrono::hours(24);

core::RecoveryPoint to_point(const repo::Archive& archive) {
  core::RecoveryPoint point{.id = archive.name.hex(), .source = archive.source};
  point.slot = archive.moment;
  point.created = archive.moment;
  point.state = core::PointState::good;  // it would not be there otherwise
  point.order = archive.sequence;        // two archives may be of the same second
  // Made of a report that is a day old, it is what there can be at the time.
  if (const auto taken = archive.facts.find(std::string(kTakenFact)); taken != archive.facts.end())
    if (const auto time = parse_time(taken->second)) point.slot = *time;
  if (const auto missing = archive.facts.find(std::string(kMissingFact));
      missing != archive.facts.end())
    std::from_chars(missing->second.data(), missing->second.data() + missing->second.size(),
                    point.missing_files);
  return point;
}

core::ArchivesPlan plan_one(core::ArchivesFacts facts, const ArchivePolicies& policies,
                            const ArchiveWork& work, const core::LocalCalendar& calendar) {
  facts.retention.grace = policies.grace;
  facts.running = work.running == facts.name;
  const auto failed = work.failed.find(facts.name);
  if (failed != work.failed.end()) facts.failed = failed->second;
  return core::plan_archives(facts, calendar);
}

// A policy without rules keeps everything.
core::RetentionPolicy keep_all() { return {}; }

}  // namespace

Result<ArchivesByName> read_archives(repo::Repository& repository) {
  const repo::Access& access = repository.access();
  const auto holds = TRY(repo::read_holds(access));
  const auto marks = TRY(repo::read_marks(access));
  const repo::History history = TRY(repository.history());
  std::map<repo::ObjectName, core::RecoveryPoint> points;
  for (const auto& [name, archive] : history.archives) points.emplace(name, to_point(archive));
  for (const repo::StoredHold& hold : holds)
    if (const auto held = points.find(hold.hold.archive); held != points.end())
      held->second.hold = hold.hold.reason;
  for (const repo::StoredMark& mark : marks)  // oldest first
    for (const repo::ObjectName& name : mark.mark.manifests)
      if (const auto marked = points.find(name);
          marked != points.end() && !marked->second.condemned_at)
        marked->second.condemned_at = mark.stored;
  ArchivesByName archives;
  for (auto& [name, point] : points) archives[point.source].push_back(std::move(point));
  return archives;
}

std::vector<core::ArchivesPlan> plan_all_archives(const Result<ArchivesByName>& archives,
                                                  const ArchivePolicies& policies,
                                                  const ArchiveWork& work, TimePoint now) {
  ArchivesByName left = archives ? *archives : ArchivesByName();
  std::vector<core::ArchivesPlan> plans;
  for (const ArchivedDatabase& database : policies.databases) {
    core::ArchivesFacts facts{.name = database.name(), .retention = database.retention};
    if (auto own = left.extract(facts.name)) facts.archives = std::move(own.mapped());
    if (!archives) facts.unreadable = archives.error();
    facts.scheduled = !database.of_points;
    facts.of_points = database.of_points;
    facts.latest_slot = database.schedule.latest_slot(now);
    facts.next_slot = [&](TimePoint after) { return database.schedule.next_slot(after); };
    facts.overdue_after = database.overdue_after;
    facts.now = now;
    plans.push_back(plan_one(std::move(facts), policies, work, database.schedule.zone()));
  }
  const core::UtcCalendar utc;
  for (auto& [name, points] : left) {
    core::ArchivesFacts facts{.name = name, .archives = std::move(points), .now = now};
    facts.retention = policies.others ? policies.others->retention : keep_all();
    const core::LocalCalendar& calendar =
        policies.others ? static_cast<const core::LocalCalendar&>(policies.others->zone) : utc;
    plans.push_back(plan_one(std::move(facts), policies, work, calendar));
  }
  return plans;
}

std::vector<repo::ObjectName> condemned_of(const std::vector<core::ArchivesPlan>& plans) {
  std::vector<repo::ObjectName> names;
  for (const core::ArchivesPlan& plan : plans)
    for (const std::string& name : plan.condemned())
      names.push_back(*repo::ObjectName::from_hex(name));
  return names;
}

Result<bool> prune_is_due(repo::Repository& repository, TimePoint now) {
  const auto leases = TRY(repo::read_leases(repository.access()));
  return std::none_of(leases.begin(), leases.end(), [&](const repo::LeaseFacts& lease) {
    return lease.kind == repo::LeaseKind::pruner && lease.begun + kBetweenPrunes > now;
  });
}

}  // namespace tidemark::ops
