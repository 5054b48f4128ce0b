#include "ops/pass.h"

#include <map>

#include "ops/thin.h"

namespace tidemark::ops {
namespace {

using core::Act;
using core::Event;
using core::SourcePlan;
using core::SourceReport;

using Events = std::vector<Event>;

// Takes the point that is due, if any; gives the snapshot to wait for.
Result<std::optional<std::string>> create_if_due(SurveyedSource& surveyed,
                                                 const PassOptions& options, const Clock& clock,
                                                 Events& events) {
  const SourcePlan plan = plan_for(surveyed, options.survey, clock);
  if (plan.awaited) return plan.awaited;
  if (!plan.create || !options.create) return std::optional<std::string>();
  Status created = create_point(surveyed, *plan.create, options.survey);
  if (!created && created.error().kind == ErrorKind::cancelled) return std::move(created).error();
  Event event{.act = Act::create, .snapshot = plan.create->id};
  if (!created) event.error = std::move(created).error();
  const bool asked = !event.error;
  events.push_back(std::move(event));
  return asked ? std::optional(plan.create->id) : std::nullopt;
}

Status wait_for_all(std::vector<Awaited>& awaited, const Wait& wait, Clock& clock,
                    std::map<SurveyedSource*, Events>& events) {
  TRY(wait_for_points(awaited, wait, clock));
  for (Awaited& one : awaited)
    events[one.surveyed].push_back(
        {.act = Act::complete, .snapshot = one.snapshot, .error = std::move(one.error)});
  return Done{};
}

}  // namespace

Result<core::RunReport> run_pass(const std::vector<Source>& sources, const PassOptions& options,
                                 Clock& clock) {
  core::RunReport report;
  report.started = clock.now();
  std::vector<SurveyedSource> all = TRY(survey(sources, options.survey));

  std::map<SurveyedSource*, Events> events;
  std::vector<Awaited> awaited;
  for (SurveyedSource& one : all) {
    auto snapshot = TRY(create_if_due(one, options, clock, events[&one]));
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

}  // namespace tidemark::ops
