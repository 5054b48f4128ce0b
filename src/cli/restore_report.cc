#include "cli/restore_report.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/confirm.h"
#include "cli/files_restore.h"
#include "report/json.h"
#include "report/restore_json.h"
#include "report/restore_text.h"

namespace tidemark::cli {
namespace {

struct FinishedRun {
  const core::RestorePlan& plan;
  const ops::RestoreOutcome& outcome;
  Millis took{0};
};

ops::StepOptions step_options(const Session& session, Seconds deadline,
                              const config::Source& source, StepProgress& progress) {
  return {.survey = session.survey_options(),
          .limits = {.deadline = deadline > Seconds(0) ? deadline : source.restore.deadline},
          .self = this_process(),
          .on_step = [&progress](const core::NextStep& step, Millis elapsed) {
            progress.show(step, elapsed);
          }};
}

Status publish(const Context& context, nlohmann::json document, nlohmann::json* documents) {
  if (documents == nullptr) return context.print(report::json_line(document));
  documents->push_back(std::move(document));
  return Done{};
}

Status print_plan(const Context& context, const core::RestorePlan& plan,
                  nlohmann::json* documents) {
  if (!context.global.json)
    return context.print(report::restore_plan_text(plan, context.output_style()));
  auto document = report::document("restore_plan");
  document.update(report::restore_plan_json(plan));
  return publish(context, std::move(document), documents);
}

Status require_possible(const core::RestorePlan& plan) {
  const core::Problem* const obstacle = plan.obstacle();
  if (obstacle == nullptr) return Done{};
  return Error{obstacle->kind, obstacle->message, obstacle->hint};
}

Result<ExitCode> report_run(const Context& context, const Session& session, const FinishedRun& run,
                            const std::string& done_text, nlohmann::json* documents) {
  const auto& error = run.outcome.error;
  if (context.global.json) {
    auto document = report::document("restore");
    document["plan"] = report::restore_plan_json(run.plan);
    document["took_seconds"] = std::chrono::duration<double>(run.took).count();
    document["instance"] = run.outcome.instance ? run.outcome.instance->id : "";
    document["endpoint"] = run.outcome.instance ? run.outcome.instance->address : "";
    document["problems"] = report::problems_json(run.outcome.problems);
    document["error"] = error ? report::error_json(*error) : nlohmann::json();
    document["calls"] = session.calls();
    const auto& files = run.outcome.files;
    document["files"] = files ? files_outcome_json(*files) : nlohmann::json();
    document["steps"] = nlohmann::json::array();
    for (const ops::TakenStep& step : run.outcome.steps)
      document["steps"].push_back({{"step", core::act_name(step.act)}, {"subject", step.subject}});
    TRY(publish(context, std::move(document), documents));
  } else if (!error) {
    std::string text = done_text;
    for (const core::Problem& problem : run.outcome.problems) {
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
      run.outcome.problems.begin(), run.outcome.problems.end(),
      [](const core::Problem& problem) { return problem.severity != core::Severity::note; });
  return lacking ? ExitCode::partial : ExitCode::ok;
}

}  // namespace

void declare_run(Args& args, RunChoices& choices) {
  args.option("--deadline", "LENGTH", choices.deadline, "of each wait, such as 12h");
  args.flag("--dry-run", choices.dry_run, "only show the plan");
  args.flag("--yes", choices.yes, "start without asking");
}

Result<ExitCode> carry_out(const Context& context, const Session& session,
                           const RunChoices& choices, ops::PreparedRestore prepared,
                           const Question& question, const Apply& apply, const DoneText& done,
                           nlohmann::json* documents) {
  const core::RestorePlan plan = prepared.plan;
  if (choices.dry_run || !context.global.json) TRY(print_plan(context, plan, documents));
  TRY(require_possible(plan));
  if (choices.dry_run) return ExitCode::ok;
  TRY(confirm(context, choices.yes, question.what, question.word));
  const Millis begin = context.clock.steady();
  StepProgress progress(context);
  const ops::RestoreOutcome outcome =
      apply(std::move(prepared),
            step_options(session, choices.deadline, session.source_config(plan.source), progress),
            progress);
  progress.finish();
  const FinishedRun run{plan, outcome, context.clock.steady() - begin};
  return report_run(context, session, run, outcome.error ? "" : done(outcome, run.took), documents);
}

}  // namespace tidemark::cli
