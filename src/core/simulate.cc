#include "core/simulate.h"

#include <algorithm>
#include <deque>
#include <map>

#include <fmt/format.h>

namespace tidemark::core {
namespace {

// The points of a source that takes one at every slot, in order of time.
//
// A condemned point is set aside until its grace period ends: later points are all newer, so no
// rule wants it again, and it changes no other verdict. That keeps long simulations short.
class Points {
 public:
  void take(TimePoint slot) {
    kept_.push_back({.id = format_time(slot),
                     .slot = slot,
                     .created = slot,
                     .state = PointState::good,
                     .service_status = "available"});
  }

  // Applies what retention decides, as the condemner and the pruner would.
  void thin(const RetentionPolicy& policy, TimePoint now, const LocalCalendar& calendar) {
    while (!condemned_.empty() && *condemned_.front().condemned_at + policy.grace <= now)
      condemned_.pop_front();
    const std::vector<Verdict> verdicts = plan_retention(kept_, policy, now, calendar, false);
    std::vector<RecoveryPoint> left;
    left.reserve(kept_.size() + 1);
    for (std::size_t i = 0; i < kept_.size(); ++i) {
      const Verdict& verdict = verdicts[kept_.size() - 1 - i];  // newest first
      CHECK(kept_[i].id == verdict.id);
      if (verdict.outcome == Outcome::condemn) {
        condemned_.push_back(std::move(kept_[i]));
        condemned_.back().condemned_at = now;
      } else {
        left.push_back(std::move(kept_[i]));
      }
    }
    kept_ = std::move(left);
  }

  int kept() const { return static_cast<int>(kept_.size()); }
  int condemned() const { return static_cast<int>(condemned_.size()); }

  std::vector<Survivor> judged(const RetentionPolicy& policy, TimePoint now,
                               const LocalCalendar& calendar) const {
    std::map<std::string_view, const RecoveryPoint*> by_id;
    std::vector<RecoveryPoint> all(kept_);
    all.insert(all.end(), condemned_.begin(), condemned_.end());
    for (const RecoveryPoint& point : all) by_id.emplace(point.id, &point);
    std::vector<Survivor> survivors;
    for (Verdict& verdict : plan_retention(all, policy, now, calendar, false))
      survivors.push_back({*by_id.at(verdict.id), std::move(verdict)});
    return survivors;
  }

 private:
  std::vector<RecoveryPoint> kept_;
  std::deque<RecoveryPoint> condemned_;  // those condemned first stand first
};

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
  Points points;
  for (const TimePoint slot : slots) {
    points.take(slot);
    record(simulation, {slot, points.kept() + points.condemned(), points.condemned()}, options);
    points.thin(options.policy, slot, calendar);
    simulation.kept_max = std::max(simulation.kept_max, points.kept());
    if (points.kept() > kSimulatedKeptMax)
      return Error{
          ErrorKind::exhausted,
          fmt::format("the policy keeps more than {} snapshots at once", kSimulatedKeptMax),
          fmt::format("it does so on {}; give it fewer or simulate a shorter time",
                      format_time(slot))};
  }
  simulation.at_end = points.judged(options.policy, end, calendar);
  return simulation;
}

}  // namespace tidemark::core
