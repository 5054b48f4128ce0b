// `tidemark restore rollback`: the instance before gets its name back.
#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/confirm.h"
#include "cli/restore_report.h"
#include "ops/rollback.h"

namespace tidemark::cli {
namespace {

Result<ExitCode> run_rollback(Args& args, Context& context) {
  std::string name;
  Seconds given_deadline{0};
  bool yes = false;
  bool dry_run = false;
  args.positional("SOURCE", name, "which source of the configuration");
  args.option("--deadline", "LENGTH", given_deadline, "of each wait, such as 12h");
  args.flag("--dry-run", dry_run, "only show the plan");
  args.flag("--yes", yes, "start without asking");
  TRY(args.parse());
  if (!dry_run) TRY(require_writable(context, "roll a restore back"));

  const auto session = TRY(Session::open(context));
  const ops::Source source = TRY(session->sources(name)).front();
  const Millis begin = context.clock.steady();
  ops::PreparedRestore prepared =
      TRY(ops::prepare_rollback(source, session->survey_options(), context.clock));
  const core::RestorePlan plan = prepared.plan;
  if (dry_run || !context.global.json) TRY(print_plan(context, plan));
  TRY(require_possible(plan));
  if (dry_run) return ExitCode::ok;
  TRY(confirm(context, yes, fmt::format("the rollback of {}", plan.goal.identifier),
              plan.goal.identifier));

  StepProgress progress(context);
  const auto deadline = given_deadline > Seconds(0) ? std::optional(given_deadline) : std::nullopt;
  const ops::RestoreOutcome outcome = ops::run_rollback(
      std::move(prepared), step_options(*session, session->source_config(name), deadline, progress),
      context.clock);
  progress.finish();
  const FinishedRun run{.plan = plan,
                        .outcome = outcome,
                        .problems = outcome.problems,
                        .took = context.clock.steady() - begin};
  return report_run(context, *session, run,
                    fmt::format("{} is back as it was before the restore\n", plan.goal.identifier));
}

}  // namespace

const Command kRestoreRollbackCommand{
    "restore rollback", "put the instance before a restore back",
    "Renames what was restored aside, keeping whatever was written to it, and gives the instance "
    "that was there before its identifier back. Works at any moment of a restore and after it, "
    "until `restore retire`. An instance that never came up is deleted: it holds nothing that its "
    "point does not.",
    "tidemark restore rollback orders", run_rollback};

}  // namespace tidemark::cli
