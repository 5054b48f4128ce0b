// The archives of a repository as the policies see them: which are due, which shall go.
//
// Which archive belongs to which policy is decided by its name alone. What no policy claims stays.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/archives_plan.h"
#include "repo/repository.h"
#include "schedule/schedule.h"

namespace tidemark::ops {

// What stands in the place of a database's name where the archives are inventories of the files.
inline constexpr std::string_view kFilesOfSource = "files";
// The same where each belongs to a snapshot of the source.
inline constexpr std::string_view kFilesOfPoints = "files/points";

// The archives of one database that a schedule makes and a policy keeps.
struct ArchivedDatabase {
  std::string source;    // of the configuration
  std::string database;  // its name on the server
  core::RetentionPolicy retention;
  schedule::Schedule schedule;
  Seconds overdue_after{0};
  int jobs = 2;
  // Not by the schedule: one follows each point of the source.
  bool of_points = false;
  std::optional<core::RecoveryPoint> point = {};  // of these, the one to take it of

  std::string name() const { return source + "/" + database; }
};

// What keeps archives that no schedule makes: those by hand.
struct OtherArchives {
  core::RetentionPolicy retention;
  schedule::TimeZone zone;
};

struct ArchivePolicies {
  std::vector<ArchivedDatabase> databases;
  std::optional<OtherArchives> others;  // absent: they stay
  Seconds grace = std::chrono::hours(7 * 24);
};

// What the repository shows, by the names of what the archives are of.
using ArchivesByName = std::map<std::string, std::vector<core::RecoveryPoint>>;

Result<ArchivesByName> read_archives(repo::Repository& repository);

// What whoever makes archives knows besides, by name.
struct ArchiveWork {
  std::optional<std::string> running;
  std::map<std::string, core::FailedAttempts> failed;
};

// One plan for each database of the policies, then one for each other name. Pure.
std::vector<core::ArchivesPlan> plan_all_archives(const Result<ArchivesByName>& archives,
                                                  const ArchivePolicies& policies,
                                                  const ArchiveWork& work, TimePoint now);

// The manifests that the plans condemn.
std::vector<repo::ObjectName> condemned_of(const std::vector<core::ArchivesPlan>& plans);

// Whether nobody pruned in the last day, as far as leases tell.
Result<bool> prune_is_due(repo::Repository& repository, TimePoint now);

}  // namespace tidemark::ops
