// What a policy will do, played forward from a day on which nothing exists.
//
// Answers before the first snapshot is taken: how many will there be, which will still be there in
// ten years, and when does the account's quota of snapshots stop us. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/calendar.h"
#include "core/policy.h"
#include "core/retention.h"
#include "core/slots.h"

namespace tidemark::core {

struct SimulationOptions {
  RetentionPolicy policy;
  TimePoint start;  // a slot exactly here is the first
  Seconds length{0};
  int quota = 100;  // manual snapshots that the account may have in the region
  int others = 0;   // of these, taken by what is not simulated
};

// What exists right after the snapshot of a slot, before anything is removed: the peak of that
// tick.
struct SimulationSample {
  TimePoint at;
  int existing = 0;   // snapshots, condemned ones included
  int condemned = 0;  // of these, waiting for their grace period to end
};

struct Survivor {
  RecoveryPoint point;
  Verdict verdict;
};

struct Simulation {
  std::vector<SimulationSample> samples;  // one a slot, oldest first
  int existing_max = 0;                   // the most that exist at once
  int kept_max = 0;                       // the most that the policy wants at once
  // From here on the count has stopped growing, as far as was simulated.
  std::optional<TimePoint> steady_from;
  std::optional<TimePoint> quota_met;  // the slot whose snapshot uses up the quota
  std::vector<Survivor> at_end;        // newest first, condemned ones in grace included
};

// A tick at every slot: every snapshot succeeds, then the verdicts of retention are applied, as the
// daemon does it. Fails with invalid_input when the length is not positive, and with exhausted when
// there are more than kSimulatedSlotsMax slots in it or the policy keeps more than
// kSimulatedKeptMax points at once.
inline constexpr int kSimulatedSlotsMax = 200'000;  // hourly for 22 years
inline constexpr int kSimulatedKeptMax = 1'000;     // ten times the usual quota

Result<Simulation> simulate(const SimulationOptions& options, const NextSlot& next_slot,
                            const LocalCalendar& calendar);

}  // namespace tidemark::core
