// What a pass would do for one source, and how well the source is protected: one pure function of
// what the service shows, so that `plan`, `status`, `run` and the tests all say the same.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/archives_plan.h"
#include "core/calendar.h"
#include "core/policy.h"
#include "core/problem.h"
#include "core/recovery_point.h"
#include "core/retention.h"
#include "core/slots.h"

namespace tidemark::core {

// All that is known of one source at one moment.
struct SourceFacts {
  std::string source;
  std::string instance;               // DB instance identifier
  std::string instance_status;        // the service's word; empty when it could not be read
  std::vector<Problem> problems;      // found while reading, e.g. "no such instance"
  std::vector<RecoveryPoint> points;  // in any order
  RetentionPolicy retention;
  std::optional<TimePoint> latest_slot;
  NextSlot next_slot;  // of the schedule
  Seconds overdue_after{0};
  TimePoint now;
  Millis clock_skew{0};     // service minus ours
  bool quota_full = false;  // the region can hold no further snapshot
};

struct NewPoint {
  std::string id;
  TimePoint slot;
  int attempt = 1;
  std::map<std::string, std::string> more_tags = {};  // written with it: a hold, say
};

struct SourcePlan {
  std::string source;
  std::string instance;
  std::optional<NewPoint> create;      // what to take now
  std::optional<std::string> awaited;  // the point in progress that will cover the slot
  bool stuck = false;                  // it has been in progress for longer than it may
  bool covered = false;                // a good point covers the latest slot
  bool overdue = false;                // the first slot without one is too long ago
  std::optional<TimePoint> latest_slot;
  std::optional<TimePoint> next_slot;
  std::optional<TimePoint> good_until;  // when the source becomes overdue if nothing more happens
  std::optional<RecoveryPoint> last_good;
  int good_points = 0;
  std::vector<Verdict> verdicts;       // newest first
  std::vector<Problem> problems;       // worst first, those of its archives too
  std::vector<ArchivesPlan> archives;  // of its databases that are archived by a schedule

  // Whether the source is protected as asked, as of this plan.
  bool healthy() const;
  // Not yet, but what is missing is being taken and not late.
  bool catching_up() const { return !covered && awaited && !stuck; }
};

// How long after a failed attempt for a slot the next one follows: at once after the first, then 15
// minutes, doubled each time. After kAttemptsMax the next slot is waited for.
Seconds pause_after_attempt(int attempt);

// Whether a snapshot can be taken of an instance in this status (API reference, CreateDBSnapshot).
bool can_be_snapshotted(std::string_view instance_status);

// Puts in what is known of the source's archives, problems included.
void add_archives(SourcePlan& plan, ArchivesPlan archives);

SourcePlan plan_source(const SourceFacts& facts, const LocalCalendar& calendar);

}  // namespace tidemark::core
