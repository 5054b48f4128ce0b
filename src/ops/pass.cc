#include "ops/pass.h"

#include <map>

#include "core/snapshot_name.h"
#include "ops/thin.h"

namespace tidemark::ops {
namespace {

using core::Act;
using core::Event;
using core::SourcePlan;
using core::SourceReport;

using Events = std::vector<Event>;

using Wanted = std::optional<std::string>;  // a snapshot to wait for

Result<Wanted> create(SurveyedSource& surveyed, const core::NewPoint& point,
                      const SurveyOptions& options, const Clock& clock, Events& events) {
  Status created = create_point(surveyed, point, options, clock);
  if (!created && created.error().kind == ErrorKind::cancelled) return std::move(created).error();
  Event event{.act = Act::create, .snapshot = point.id};
  if (!created) event.error = std::move(created).error();
  const bool asked = !event.error;
  events.push_back(std::move(event));
  return asked ? Wanted(point.id) : Wanted();
}

Result<Wanted> create_if_due(SurveyedSource& surveyed, const PassOptions& options,
                             const Clock& clock, Events& events) {
  const SourcePlan plan = plan_for(surveyed, options.survey, clock);
  if (plan.awaited) return plan.awaited;
  if (!plan.create || !options.create) return Wanted();
  return create(surveyed, *plan.create, options.survey, clock, events);
}

// The point of this minute. A snapshot that bears its name already is the answer.
Result<Wanted> create_now(SurveyedSource& surveyed, const PassOptions& options, const Clock& clock,
                          Events& events) {
  if (!surveyed.instance) return Wanted();  // its error says why
  const core::SnapshotName name{
      .source = surveyed.source.name,
      .slot = std::chrono::floor<std::chrono::minutes>(decision_time(surveyed, clock))};
  return create(surveyed, {.id = name.text(), .slot = name.slot}, options.survey, clock, events);
}

using Create = decltype(&create_if_due);

Status wait_for_all(std::vector<Awaited>& awaited, const Wait& wait, Clock& clock,
                    std::map<SurveyedSource*, Events>& events) {
  TRY(wait_for_points(awaited, wait, clock));
  for (Awaited& one : awaited)
    events[one.surveyed].push_back(
        {.act = Act::complete, .snapshot = one.snapshot, .error = std::move(one.error)});
  return Done{};
}

Result<core::RunReport> run(const std::vector<Source>& sources, const PassOptions& options,
                            Clock& clock, Create create_point_of) {
  core::RunReport report;
  report.started = clock.now();
  std::vector<SurveyedSource> all = TRY(survey(sources, options.survey));

  std::map<SurveyedSource*, Events> events;
  std::vector<Awaited> awaited;
  for (SurveyedSource& one : all) {
    auto snapshot = TRY(create_point_of(one, options, clock, events[&one]));
    if (snapshot) awaited.push_back({.surveyed = &one, .snapshot = *std::move(snapshot)});
  }
  if (options.wait) TRY(wait_for_all(awaited, *options.wait, clock, events));

  for (SurveyedSource& one : all) {
    SourceReport source;
    source.events = std::move(events[&one]);
    if (options.thin) {
      const SourcePlan plan = plan_for(one, options.survey, clock);
      for (Event& event : TRY(apply_verdicts(one, plan, options.survey, clock)))
        source.events.push_back(std::move(event));
    }
    source.plan = plan_for(one, options.survey, clock);
    source.error = one.error;
    report.sources.push_back(std::move(source));
  }
  report.finished = clock.now();
  return report;
}

}  // namespace

Result<core::RunReport> run_pass(const std::vector<Source>& sources, const PassOptions& options,
                                 Clock& clock) {
  return run(sources, options, clock, create_if_due);
}

Result<core::RunReport> back_up_now(const std::vector<Source>& sources, const PassOptions& options,
                                    Clock& clock) {
  PassOptions without_thinning = options;
  without_thinning.thin = false;
  return run(sources, without_thinning, clock, create_now);
}

}  // namespace tidemark::ops
