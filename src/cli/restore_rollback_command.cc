// `tidemark restore rollback`: the instance before gets its name back.
#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/restore_report.h"
#include "ops/rollback.h"

namespace tidemark::cli {
namespace {

Result<ExitCode> run_rollback(Args& args, Context& context) {
  std::string name;
  RunChoices choices;
  args.positional("SOURCE", name, "which source of the configuration");
  declare_run(args, choices);
  TRY(args.parse());
  if (!choices.dry_run) TRY(require_writable(context, "roll a restore back"));

  const auto session = TRY(Session::open(context));
  const ops::Source source = TRY(session->sources(name)).front();
  ops::PreparedRestore prepared =
      TRY(ops::prepare_rollback(source, session->survey_options(), context.clock));
  const std::string identifier = prepared.plan.goal.identifier;
  return carry_out(
      context, *session, choices, std::move(prepared),
      {fmt::format("the rollback of {}", identifier), identifier},
      [&](ops::PreparedRestore plan, const ops::StepOptions& options, StepProgress&) {
        return ops::run_rollback(std::move(plan), options, context.clock);
      },
      [&](const ops::RestoreOutcome& outcome, Millis) {
        const std::string back =
            fmt::format("{} is back as it was before the restore\n", identifier);
        if (outcome.discarded.empty()) return back;
        return back + fmt::format(
                          "  what was restored is kept as {}, with the rows written since\n"
                          "    -> tidemark restore retire {} deletes it, with a final snapshot\n",
                          outcome.discarded, source.name);
      });
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
