// What the commands of a restore have in common: options of the steps, and the report at the end.
#pragma once

#include "cli/session.h"
#include "cli/step_progress.h"
#include "ops/restore.h"

namespace tidemark::cli {

ops::StepOptions step_options(const Session& session, const config::Source& source,
                              std::optional<Seconds> deadline, StepProgress& progress);

// The plan as it is shown before the start; with --json as a document of its own for a dry run.
Status print_plan(const Context& context, const core::RestorePlan& plan);

// Fails with the plan's first critical problem, and its kind.
Status require_possible(const core::RestorePlan& plan);

struct FinishedRun {
  const core::RestorePlan& plan;
  const ops::RestoreOutcome& outcome;
  std::vector<core::Problem> problems;
  Millis took{0};
};

// Prints text for people, or the document; then gives the error that it ended with, or the exit
// code: partial when something could not be brought back.
Result<ExitCode> report_run(const Context& context, const Session& session, const FinishedRun& run,
                            const std::string& done_text);

}  // namespace tidemark::cli
