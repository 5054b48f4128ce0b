#include "ops/archive_rounds.h"

#include <algorithm>

#include "base/log.h"

namespace tidemark::ops {
namespace {

// How old what was seen of the repository may be: others may write there as well.
constexpr Seconds kLookAgain = std::chrono::hours(1);
constexpr Seconds kBetweenPruneAttempts = std::chrono::hours(24);

}  // namespace

Status ArchiveRounds::round() {
  TRY(look());
  TRY(make_due(Which::all));
  return prune_if_due();
}

Status ArchiveRounds::take_inventories() {
  TRY(look());
  {
    const std::lock_guard lock(mutex_);
    if (!*seen_)
      for (const ArchivedDatabase& database : parts_.policies.databases)
        if (database.of_points && newest_points_.contains(database.source))
          events_[database.source].push_back(
              {.act = core::Act::archive,
               .snapshot = database.name(),
               .error = in_context("cannot archive " + database.name(), seen_->error())});
  }
  return make_due(Which::of_points);
}

void ArchiveRounds::see(const core::RunReport& report) {
  const std::lock_guard lock(mutex_);
  for (const core::SourceReport& source : report.sources)
    if (source.plan.last_good) newest_points_[source.plan.source] = *source.plan.last_good;
}

Status ArchiveRounds::note(const Error& error) {
  if (error.kind == ErrorKind::cancelled) return error;
  open_anew_ = true;
  return Done{};
}

Result<repo::Repository*> ArchiveRounds::open() {
  auto opened = parts_.repository(open_anew_);
  open_anew_ = !opened;
  return opened;
}

Status ArchiveRounds::look() {
  const TimePoint now = clock_.now();
  {
    const std::lock_guard lock(mutex_);
    if (seen_ && *seen_ && due().empty() && now - seen_at_ < kLookAgain) return Done{};
  }
  const auto repository = open();
  Result<ArchivesByName> seen =
      repository ? read_archives(**repository) : Result<ArchivesByName>(repository.error());
  if (!seen) TRY(note(seen.error()));
  const std::lock_guard lock(mutex_);
  seen_ = std::move(seen);
  seen_at_ = now;
  return Done{};
}

// The caller has the mutex.
bool ArchiveRounds::is_due(const ArchivedDatabase& database, const core::ArchivesPlan& plan) const {
  if (!database.of_points) return plan.due;
  const auto point = newest_points_.find(database.source);
  if (point == newest_points_.end() || !plan.known || plan.running) return false;
  return core::lacks_inventory(plan, point->second) &&
         (!plan.next_try || *plan.next_try <= plan.now);
}

// The caller has the mutex. Plans of databases stand in their order.
std::vector<ArchivedDatabase> ArchiveRounds::due() const {
  std::vector<ArchivedDatabase> due;
  const auto made = plans();
  for (std::size_t i = 0; i < parts_.policies.databases.size(); ++i) {
    const ArchivedDatabase& database = parts_.policies.databases[i];
    if (!is_due(database, made[i])) continue;
    due.push_back(database);
    if (database.of_points) due.back().point = newest_points_.at(database.source);
  }
  return due;
}

Status ArchiveRounds::make_due(Which which) {
  std::vector<ArchivedDatabase> wanted;
  {
    const std::lock_guard lock(mutex_);
    wanted = due();
  }
  for (const ArchivedDatabase& database : wanted)
    if (which == Which::all || database.of_points) TRY(make(database));
  return Done{};
}

Status ArchiveRounds::make(const ArchivedDatabase& database) {
  const std::string name = database.name();
  const TimePoint begun = clock_.now();
  {
    const std::lock_guard lock(mutex_);
    work_.running = name;
  }
  log::info("archiving", {{"source", database.source}, {"database", database.database}});
  const auto repository = open();
  const Result<repo::ObjectName> made = repository ? parts_.archive(database, **repository)
                                                   : Result<repo::ObjectName>(repository.error());
  core::Event event{.act = core::Act::archive, .snapshot = name};
  if (!made) event.error = in_context("cannot archive " + name, made.error());
  {
    const std::lock_guard lock(mutex_);
    work_.running.reset();
    if (made) {
      work_.failed.erase(name);
      seen_at_ = {};  // what was seen is outdated
    } else if (made.error().kind != ErrorKind::cancelled) {
      core::FailedAttempts& failed = work_.failed[name];
      failed = {.count = failed.count + 1, .last = begun, .error = made.error()};
    }
    events_[database.source].push_back(std::move(event));
  }
  if (!made) return note(made.error());
  return look();
}

Status ArchiveRounds::prune_if_due() {
  const TimePoint now = clock_.now();
  if (!parts_.prune) return Done{};
  if (tried_to_prune_ && now - *tried_to_prune_ < kBetweenPruneAttempts) return Done{};
  std::vector<repo::ObjectName> condemned;
  {
    const std::lock_guard lock(mutex_);
    if (!seen_ || !*seen_ || (*seen_)->empty()) return Done{};
    condemned = condemned_of(plans());
  }
  const auto repository = open();
  if (!repository) return note(repository.error());
  const auto due = prune_is_due(**repository, now);
  if (!due) return note(due.error());
  if (!*due) return Done{};
  tried_to_prune_ = now;
  const Status pruned = parts_.prune(condemned, **repository);
  {
    const std::lock_guard lock(mutex_);
    prune_failed_ = pruned ? std::nullopt : std::optional(pruned.error());
    seen_at_ = {};
  }
  if (!pruned) return note(pruned.error());
  return look();
}

// The caller has the mutex.
std::vector<core::ArchivesPlan> ArchiveRounds::plans() const {
  auto made = plan_all_archives(*seen_, parts_.policies, work_, clock_.now());
  if (!prune_failed_) return made;
  for (core::ArchivesPlan& plan : made)
    if (plan.scheduled)
      plan.problems.push_back({core::Severity::warning,
                               "the repository could not be pruned: " + prune_failed_->message,
                               prune_failed_->hint});
  return made;
}

Seconds ArchiveRounds::pause(Seconds at_most) const {
  const std::lock_guard lock(mutex_);
  Seconds pause = at_most;
  if (!seen_) return pause;
  const TimePoint now = clock_.now();
  for (const core::ArchivesPlan& plan : plans())
    if (plan.next_slot) pause = std::min(pause, std::chrono::ceil<Seconds>(*plan.next_slot - now));
  return std::max(pause, Seconds(1));
}

void ArchiveRounds::add_to(core::RunReport& report) {
  const std::lock_guard lock(mutex_);
  if (!seen_) return;
  auto made = plans();
  for (core::SourceReport& source : report.sources) {
    for (std::size_t i = 0; i < parts_.policies.databases.size(); ++i)
      if (parts_.policies.databases[i].source == source.plan.source)
        core::add_archives(source.plan, std::move(made[i]));
    tell_events(source);
  }
}

void ArchiveRounds::add_events_to(core::RunReport& report) {
  const std::lock_guard lock(mutex_);
  for (core::SourceReport& source : report.sources) tell_events(source);
}

// The caller has the mutex.
void ArchiveRounds::tell_events(core::SourceReport& source) {
  auto told = events_.extract(source.plan.source);
  if (told.empty()) return;
  for (core::Event& event : told.mapped()) source.events.push_back(std::move(event));
}

}  // namespace tidemark::ops
