#include "core/simulate.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

namespace tidemark::core {
namespace {

// Applies what retention decides to the points, as the condemner and the pruner would.
void apply(std::vector<RecoveryPoint>& points, const std::vector<Verdict>& verdicts,
           TimePoint now) {
  std::map<std::string_view, Outcome> outcomes;
  for (const Verdict& verdict : verdicts) outcomes.emplace(verdict.id, verdict.outcome);
  std::erase_if(
      points, [&](const RecoveryPoint& point) { return outcomes.at(point.id) == Outcome::remove; });
  for (RecoveryPoint& point : points) {
    const Outcome outcome = outcomes.at(point.id);
    if (outcome == Outcome::condemn) point.condemned_at = now;
    if (outcome == Outcome::reprieve) point.condemned_at.reset();
  }
}

int count_condemned(const std::vector<RecoveryPoint>& points) {
  return static_cast<int>(
      std::count_if(points.begin(), points.end(),
                    [](const RecoveryPoint& point) { return point.condemned_at.has_value(); }));
}

void record(Simulation& simulation, const SimulationSample& now, const SimulationOptions& options) {
  simulation.samples.push_back(now);
  if (now.existing > simulation.existing_max) {
    simulation.existing_max = now.existing;
    simulation.steady_from = now.at;
  }
  if (!simulation.quota_met && now.existing + options.others >= options.quota)
    simulation.quota_met = now.at;
}

Result<std::vector<TimePoint>> slots_between(TimePoint start, TimePoint end,
                                             const NextSlot& next_slot) {
  std::vector<TimePoint> slots;
  for (auto slot = next_slot(start - Millis(1)); slot && *slot <= end; slot = next_slot(*slot)) {
    if (slots.size() == kSimulatedSlotsMax)
      return Error{ErrorKind::exhausted,
                   fmt::format("the schedule has more than {} slots in the simulated time",
                               kSimulatedSlotsMax),
                   "simulate a shorter time"};
    slots.push_back(*slot);
  }
  return slots;
}

}  // namespace

Result<Simulation> simulate(const SimulationOptions& options, const NextSlot& next_slot,
                            const LocalCalendar& calendar) {
  if (options.length <= Seconds::zero())
    return Error{ErrorKind::invalid_input, "the length of a simulation is not positive",
                 "give a length such as 10y"};
  const TimePoint end = options.start + options.length;
  const std::vector<TimePoint> slots = TRY(slots_between(options.start, end, next_slot));
  Simulation simulation;
  std::vector<RecoveryPoint> points;
  for (const TimePoint slot : slots) {
    points.push_back({.id = format_time(slot),
                      .slot = slot,
                      .created = slot,
                      .state = PointState::good,
                      .service_status = "available"});
    record(simulation, {slot, int(points.size()), count_condemned(points)}, options);
    apply(points, plan_retention(points, options.policy, slot, calendar, false), slot);
    simulation.kept_max =
        std::max(simulation.kept_max, int(points.size()) - count_condemned(points));
  }
  for (Verdict& verdict : plan_retention(points, options.policy, end, calendar, false)) {
    const auto point = std::find_if(points.begin(), points.end(),
                                    [&](const RecoveryPoint& p) { return p.id == verdict.id; });
    simulation.at_end.push_back({*point, std::move(verdict)});
  }
  return simulation;
}

}  // namespace tidemark::core
