// What to do about the archives of one database, and how well they protect it: one pure function,
// so that the daemon, `status`, `archives prune` and the tests all say the same.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "core/calendar.h"
#include "core/policy.h"
#include "core/problem.h"
#include "core/recovery_point.h"
#include "core/retention.h"
#include "core/slots.h"

namespace tidemark::core {

// Attempts that failed since the last one that did not. Whoever makes archives remembers it; a
// fresh start forgets it and simply tries.
struct FailedAttempts {
  int count = 0;
  TimePoint last;  // when the last one began
  Error error;     // of the last one
};

// All that is known of the archives of one name at one moment.
struct ArchivesFacts {
  std::string name;                     // what they are of: "orders/shop"
  std::vector<RecoveryPoint> archives;  // id: the archive's name; condemned_at: marked by a prune
  std::optional<Error> unreadable;      // why the repository could not be looked at
  RetentionPolicy retention;            // its grace is the repository's
  bool scheduled = false;               // whether archives are made by a schedule at all
  bool of_points = false;  // inventories of files, one for each point of the source instead
  std::optional<TimePoint> latest_slot;
  NextSlot next_slot;
  Seconds overdue_after{0};
  TimePoint now;
  bool running = false;  // one is being made
  std::optional<FailedAttempts> failed;
};

struct ArchivesPlan {
  std::string name;
  bool scheduled = false;
  bool of_points = false;
  bool due = false;  // one is to be made now
  bool running = false;
  bool covered = false;  // one covers the latest slot
  bool overdue = false;
  std::optional<TimePoint> next_slot;
  std::optional<TimePoint> good_until;
  std::optional<RecoveryPoint> newest;  // that stays
  std::vector<Verdict> verdicts;        // newest first
  std::vector<Problem> problems;        // worst first
  TimePoint now = {};                   // when it was made
  bool known = true;                    // the repository could be looked at
  std::optional<TimePoint> next_try;    // after attempts that failed

  // The names of those to forget now.
  std::vector<std::string> condemned() const;
};

// An archive that was marked by a prune counts for no rule and covers nothing unless it is held; a
// hold is also the only thing that saves it. While archives are overdue, and when the repository
// could not be read, nothing is condemned.
ArchivesPlan plan_archives(const ArchivesFacts& facts, const LocalCalendar& calendar);

// Whether the inventory of the files as of that point is not among those of a plan that is of
// points. Also when nobody can know.
bool lacks_inventory(const ArchivesPlan& inventories, const RecoveryPoint& point);

}  // namespace tidemark::core
