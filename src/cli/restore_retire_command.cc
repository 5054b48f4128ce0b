// `tidemark restore retire`: delete what restores put aside, after a final snapshot.
#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/confirm.h"
#include "cli/restore_report.h"
#include "ops/retire.h"

namespace tidemark::cli {
namespace {

struct Given {
  std::string source;
  Seconds deadline{0};
  bool no_final_snapshot = false;
  bool yes = false;
  bool dry_run = false;
};

Result<ExitCode> retire_one(const Context& context, const Session& session, const Given& given,
                            ops::PreparedRestore prepared) {
  const core::RestorePlan plan = prepared.plan;
  if (given.dry_run || !context.global.json) TRY(print_plan(context, plan));
  TRY(require_possible(plan));
  if (given.dry_run) return ExitCode::ok;
  TRY(confirm(context, given.yes, fmt::format("the deletion of {}", plan.goal.aside),
              plan.goal.aside));
  const Millis begin = context.clock.steady();
  StepProgress progress(context);
  const auto deadline = given.deadline > Seconds(0) ? std::optional(given.deadline) : std::nullopt;
  const ops::RestoreOutcome outcome = ops::run_retirement(
      std::move(prepared),
      step_options(session, session.source_config(given.source), deadline, progress),
      context.clock);
  progress.finish();
  const FinishedRun run{.plan = plan,
                        .outcome = outcome,
                        .problems = outcome.problems,
                        .took = context.clock.steady() - begin};
  return report_run(context, session, run,
                    plan.goal.safety.empty()
                        ? fmt::format("{} is deleted\n", plan.goal.aside)
                        : fmt::format("{} is deleted; its final snapshot {} is held: `tidemark "
                                      "release {}` lets the policy judge it\n",
                                      plan.goal.aside, plan.goal.safety, plan.goal.safety));
}

Result<ExitCode> run_retire(Args& args, Context& context) {
  Given given;
  args.positional("SOURCE", given.source, "which source of the configuration");
  args.flag("--no-final-snapshot", given.no_final_snapshot,
            "delete without one; what was written after the last point is lost");
  args.option("--deadline", "LENGTH", given.deadline, "of each wait, such as 12h");
  args.flag("--dry-run", given.dry_run, "only show the plan");
  args.flag("--yes", given.yes, "start without asking");
  TRY(args.parse());
  if (!given.dry_run) TRY(require_writable(context, "delete an instance"));

  const auto session = TRY(Session::open(context));
  const ops::Source source = TRY(session->sources(given.source)).front();
  ExitCode worst = ExitCode::ok;
  for (ops::PreparedRestore& one : TRY(ops::prepare_retirement(
           source, !given.no_final_snapshot, session->survey_options(), context.clock))) {
    const ExitCode code = TRY(retire_one(context, *session, given, std::move(one)));
    if (code != ExitCode::ok) worst = code;
  }
  return worst;
}

}  // namespace

const Command kRestoreRetireCommand{
    "restore retire", "delete the instances that restores put aside",
    "Deletes, with a final snapshot each and keeping its automated backups, the instances that "
    "finished restores of this source replaced, and those that rollbacks discarded. The final "
    "snapshot is held, and carries the instance settings like any point. This is the step that "
    "cannot be taken back, so it asks for the name of each.",
    "tidemark restore retire orders", run_retire};

}  // namespace tidemark::cli
