#include "cli/restore_report.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "report/json.h"
#include "report/restore_json.h"
#include "report/restore_text.h"

namespace tidemark::cli {

ops::StepOptions step_options(const Session& session, const config::Source& source,
                              std::optional<Seconds> deadline, StepProgress& progress) {
  return {.survey = session.survey_options(),
          .limits = {.deadline = deadline.value_or(source.restore.deadline)},
          .self = this_process(),
          .on_step = [&progress](const core::NextStep& step, Millis elapsed) {
            progress.show(step, elapsed);
          }};
}

Status print_plan(const Context& context, const core::RestorePlan& plan) {
  auto document = report::document("restore_plan");
  document.update(report::restore_plan_json(plan));
  return context.print(context.global.json
                           ? report::json_line(document)
                           : report::restore_plan_text(plan, context.output_style()));
}

Status require_possible(const core::RestorePlan& plan) {
  const core::Problem* const obstacle = plan.obstacle();
  if (obstacle == nullptr) return Done{};
  return Error{obstacle->kind, obstacle->message, obstacle->hint};
}

Result<ExitCode> report_run(const Context& context, const Session& session, const FinishedRun& run,
                            const std::string& done_text) {
  const auto& error = run.outcome.error;
  if (context.global.json) {
    auto document = report::document("restore");
    document["plan"] = report::restore_plan_json(run.plan);
    document["took_seconds"] = std::chrono::duration<double>(run.took).count();
    document["instance"] = run.outcome.instance ? run.outcome.instance->id : "";
    document["endpoint"] = run.outcome.instance ? run.outcome.instance->address : "";
    document["problems"] = report::problems_json(run.problems);
    document["error"] = error ? report::error_json(*error) : nlohmann::json();
    document["calls"] = session.calls();
    document["steps"] = nlohmann::json::array();
    for (const ops::TakenStep& step : run.outcome.steps)
      document["steps"].push_back({{"step", core::act_name(step.act)}, {"subject", step.subject}});
    TRY(context.print(report::json_line(document)));
  } else if (!error) {
    std::string text = done_text;
    for (const core::Problem& problem : run.problems) {
      text += fmt::format(
          "  {} {}\n",
          context.output_style().of(problem.severity, core::severity_name(problem.severity)),
          problem.message);
      if (!problem.hint.empty()) text += fmt::format("    -> {}\n", problem.hint);
    }
    TRY(context.print(text));
  }
  if (error) return *error;
  const bool lacking = std::any_of(
      run.problems.begin(), run.problems.end(),
      [](const core::Problem& problem) { return problem.severity != core::Severity::note; });
  return lacking ? ExitCode::partial : ExitCode::ok;
}

}  // namespace tidemark::cli
