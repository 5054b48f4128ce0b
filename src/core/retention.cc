#include "core/retention.h"

#include <algorithm>
#include <array>
#include <limits>

#include <fmt/format.h>

namespace tidemark::core {
namespace {

// A point on its way to a verdict.
struct Candidate {
  const RecoveryPoint* point;
  std::vector<std::string> wanted = {};  // why it stays; nothing wants it when empty
  LocalTime local = {};                  // of its moment; known of those that rules see
};

struct PeriodRule {
  std::string_view name;
  Period period;
  int count;
};

class Planner {
 public:
  Planner(const RetentionPolicy& policy, TimePoint now, const LocalCalendar& calendar, bool overdue)
      : policy_(policy), now_(now), calendar_(calendar), overdue_(overdue) {}

  std::vector<Verdict> plan(std::span<const RecoveryPoint> points) {
    sort_newest_first(points);
    want_untouchable();
    want_last();
    const std::array<PeriodRule, 5> rules = {{{"hourly", Period::hour, policy_.hourly},
                                              {"daily", Period::day, policy_.daily},
                                              {"weekly", Period::week, policy_.weekly},
                                              {"monthly", Period::month, policy_.monthly},
                                              {"yearly", Period::year, policy_.yearly}}};
    for (const PeriodRule& rule : rules) want_newest_of_each(rule);
    want_by_themselves();

    std::vector<Verdict> verdicts;
    verdicts.reserve(candidates_.size());
    for (Candidate& candidate : candidates_) verdicts.push_back(judge(candidate));
    return verdicts;
  }

 private:
  void sort_newest_first(std::span<const RecoveryPoint> points) {
    candidates_.reserve(points.size());
    for (const RecoveryPoint& point : points) {
      CHECK(point.source == points.front().source);
      candidates_.push_back({.point = &point});
    }
    std::sort(candidates_.begin(), candidates_.end(),
              [](const Candidate& a, const Candidate& b) { return is_newer(*a.point, *b.point); });
    for (Candidate& candidate : candidates_) {
      if (!counts(*candidate.point)) continue;
      candidate.local = to_local(calendar_, candidate.point->moment());
      counting_.push_back(&candidate);
    }
  }

  bool in_future(const RecoveryPoint& point) const { return point.moment() > now_ + kClockSkewMax; }
  bool unadopted(const RecoveryPoint& point) const { return point.legacy && !policy_.adopt_legacy; }
  // Whether rules see the point at all.
  bool counts(const RecoveryPoint& point) const {
    return point.good() && !in_future(point) && !unadopted(point) && !point.apart;
  }
  bool has_mark(const RecoveryPoint& point) const {
    return point.condemned_at && *point.condemned_at + kClockSkewMax >= point.moment();
  }

  void want_untouchable() {
    if (counting_.empty()) return;
    counting_[0]->wanted.push_back("newest good point");
    if (policy_.keep_min <= 1) return;
    for (std::size_t i = 0; i < counting_.size() && std::cmp_less(i, policy_.keep_min); ++i)
      counting_[i]->wanted.push_back(
          fmt::format("one of the newest {} good points", policy_.keep_min));
  }

  void want_last() {
    for (std::size_t i = 0; i < counting_.size() && std::cmp_less(i, policy_.last); ++i)
      counting_[i]->wanted.push_back(fmt::format("last {} of {}", i + 1, policy_.last));
  }

  // Walks back in time. Where clocks went back across midnight a period that was left comes up
  // again, so only a number below all seen before is a new period.
  void want_newest_of_each(const PeriodRule& rule) {
    std::int64_t oldest_seen = std::numeric_limits<std::int64_t>::max();
    int left = rule.count;
    for (Candidate* candidate : counting_) {
      if (left <= 0) return;
      const std::int64_t number = period_number(rule.period, candidate->local);
      if (number >= oldest_seen) continue;
      oldest_seen = number;
      --left;
      candidate->wanted.push_back(
          fmt::format("{} {}", rule.name, period_label(rule.period, candidate->local)));
    }
  }

  // The reasons that a point has whatever the others are, and a failed one's.
  void want_by_themselves() {
    const bool no_rules = policy_.points_max() <= 0;
    bool newer_good = false;
    for (Candidate& candidate : candidates_) {
      const RecoveryPoint& point = *candidate.point;
      newer_good = newer_good || counts(point);
      if (point.hold)
        candidate.wanted.push_back(point.hold->empty() ? "held" : "held: " + *point.hold);
      if (no_rules) candidate.wanted.push_back("no retention rules");
      if (in_future(point))
        candidate.wanted.push_back("dated in the future");
      else if (now_ - point.moment() < policy_.age_min && policy_.age_min > Seconds::zero())
        candidate.wanted.push_back("younger than " + format_duration(policy_.age_min));
      if (point.state == PointState::failed && !newer_good)
        candidate.wanted.push_back("failed, but no newer point is good");
    }
  }

  Verdict judge(Candidate& candidate) const {
    const RecoveryPoint& point = *candidate.point;
    if (point.state == PointState::in_progress)
      return {point.id, Outcome::ignore, {"in progress: " + point.service_status}};
    if (point.state == PointState::deleting) return {point.id, Outcome::ignore, {"being deleted"}};
    if (unadopted(point))
      return {point.id,
              Outcome::ignore,
              {"taken by the earlier script, and the policy does not adopt it"}};

    if (candidate.wanted.empty()) return judge_unwanted(point);
    // With a clock that is behind, every point is dated in the future. Nothing is done then, not
    // even an act that only keeps.
    const Outcome marked = in_future(point) ? Outcome::wait : Outcome::reprieve;
    const Outcome outcome = point.condemned_at ? marked : Outcome::keep;
    Verdict verdict{point.id, outcome, std::move(candidate.wanted)};
    if (outcome == Outcome::wait) verdict.removable_from = *point.condemned_at + policy_.grace;
    return verdict;
  }

  Verdict judge_unwanted(const RecoveryPoint& point) const {
    std::vector<std::string> reasons = {
        point.state == PointState::failed ? "failed: " + point.service_status : "no rule wants it"};
    if (!has_mark(point)) {
      if (!overdue_) return {point.id, Outcome::condemn, reasons, now_ + policy_.grace};
      reasons.push_back("nothing is condemned while the source is overdue");
      return {point.id, Outcome::keep, reasons};
    }
    const TimePoint removable_from = *point.condemned_at + policy_.grace;
    reasons.push_back("condemned " + format_time(*point.condemned_at));
    Outcome outcome = Outcome::wait;
    if (*point.condemned_at > now_)
      reasons.push_back("its mark is dated in the future");
    else if (overdue_)
      reasons.push_back("nothing is removed while the source is overdue");
    else if (removable_from <= now_)
      outcome = Outcome::remove;
    return {point.id, outcome, reasons, removable_from};
  }

  const RetentionPolicy& policy_;
  const TimePoint now_;
  const LocalCalendar& calendar_;
  const bool overdue_;
  std::vector<Candidate> candidates_;  // newest first
  std::vector<Candidate*> counting_;   // those that rules see; into candidates_
};

}  // namespace

std::string_view outcome_name(Outcome outcome) {
  switch (outcome) {
    case Outcome::keep: return "keep";
    case Outcome::condemn: return "condemn";
    case Outcome::wait: return "wait";
    case Outcome::remove: return "remove";
    case Outcome::reprieve: return "reprieve";
    case Outcome::ignore: break;
  }
  return "ignore";
}

std::vector<Verdict> plan_retention(std::span<const RecoveryPoint> points,
                                    const RetentionPolicy& policy, TimePoint now,
                                    const LocalCalendar& calendar, bool overdue) {
  return Planner(policy, now, calendar, overdue).plan(points);
}

}  // namespace tidemark::core
