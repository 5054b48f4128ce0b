// ArchiveRounds: makes the archives that are due and prunes once a day, round after round.
//
// What it decides comes from the repository and the clock; it remembers only failed attempts and
// what it saw last, so that a restart loses nothing. Two of them on one repository may archive
// twice, which costs time and next to no space. Thread-safe: one thread makes rounds, others ask.
#pragma once

#include <functional>
#include <memory>
#include <mutex>

#include "base/clock.h"
#include "core/run_report.h"
#include "ops/archive_upkeep.h"

namespace tidemark::ops {

// What it needs of the world.
struct ArchiveParts {
  ArchivePolicies policies;
  // Opens the repository, or gives the one that is open; borrowed until the next call with
  // anew = true, which opens it again: after any failure, and so after a re-key.
  std::function<Result<repo::Repository*>(bool anew)> repository;
  // Makes one archive, however long it takes, and returns its name.
  std::function<Result<repo::ObjectName>(const ArchivedDatabase&, repo::Repository&)> archive;
  // Forgets these and frees what nothing needs; absent: nothing is pruned here.
  std::function<Status(const std::vector<repo::ObjectName>&, repo::Repository&)> prune = {};
};

class ArchiveRounds {
 public:
  ArchiveRounds(ArchiveParts parts, Clock& clock) : parts_(std::move(parts)), clock_(clock) {}

  // Fails only when it was asked to stop; everything else is in what add_to() tells.
  Status round();

  // Only the inventories of points that lack them, as far as a report was seen. Fails likewise.
  Status take_inventories();

  // Remembers the newest good point of each source, so that the next round sees to its inventory.
  void see(const core::RunReport& report);

  // How long until something can be due again, at most at_most.
  Seconds pause(Seconds at_most) const;

  // Puts plans and events into the report of their sources; an event is told once. Before the first
  // look into the repository has ended there is nothing to tell.
  void add_to(core::RunReport& report);
  // The events alone.
  void add_events_to(core::RunReport& report);

 private:
  Status look();
  enum class Which { all, of_points };
  Status make_due(Which which);
  Status make(const ArchivedDatabase& database);
  Status prune_if_due();
  Result<repo::Repository*> open();
  // Being asked to stop ends the round; after anything else the repository is opened anew.
  Status note(const Error& error);
  std::vector<core::ArchivesPlan> plans() const;
  std::vector<ArchivedDatabase> due() const;
  bool is_due(const ArchivedDatabase& database, const core::ArchivesPlan& plan) const;
  void tell_events(core::SourceReport& source);

  const ArchiveParts parts_;
  Clock& clock_;
  bool open_anew_ = true;  // only the rounds' thread uses these two
  std::optional<TimePoint> tried_to_prune_;
  mutable std::mutex mutex_;  // of what follows
  std::optional<Result<ArchivesByName>> seen_;
  TimePoint seen_at_;
  ArchiveWork work_;
  std::optional<Error> prune_failed_;
  std::map<std::string, std::vector<core::Event>> events_;    // by source
  std::map<std::string, core::RecoveryPoint> newest_points_;  // by source
};

}  // namespace tidemark::ops
