// `tidemark restore retire`: delete what restores put aside, after a final snapshot.
#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/confirm.h"
#include "cli/database_access.h"
#include "cli/restore_report.h"
#include "ops/retire.h"
#include "postgres/catalog/catalog.h"

namespace tidemark::cli {
namespace {

constexpr Millis kConnectDeadline{5'000};

struct Given {
  std::string source;
  Seconds deadline{0};
  bool no_final_snapshot = false;
  bool despite_clients = false;
  bool yes = false;
  bool dry_run = false;
};

// nullptr when the configuration has no way to log in.
std::function<Result<int>(const core::SeenInstance&)> client_counter(const Context& context,
                                                                     const config::Source& source) {
  const config::Database database = source.database.value_or(config::Database{});
  if (database.password_file.empty() && database.password_command.empty()) return {};
  return [&context, &source](const core::SeenInstance& instance) -> Result<int> {
    auto options = TRY(database_options(context, source, instance.address, instance.settings));
    options.connect_deadline = kConnectDeadline;
    auto connection = TRY(postgres::Connection::open(options, context.clock, context.stop));
    return postgres::other_clients(connection);
  };
}

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
  args.flag("--despite-clients", given.despite_clients,
            "delete it although somebody is connected to it");
  args.option("--deadline", "LENGTH", given.deadline, "of each wait, such as 12h");
  args.flag("--dry-run", given.dry_run, "only show the plan");
  args.flag("--yes", given.yes, "start without asking");
  TRY(args.parse());
  if (!given.dry_run) TRY(require_writable(context, "delete an instance"));

  const auto session = TRY(Session::open(context));
  const ops::Source source = TRY(session->sources(given.source)).front();
  ExitCode worst = ExitCode::ok;
  const ops::RetireRequest request{
      .final_snapshot = !given.no_final_snapshot,
      .despite_clients = given.despite_clients,
      .count_clients = client_counter(context, session->source_config(source.name))};
  auto plans =
      TRY(ops::prepare_retirement(source, request, session->survey_options(), context.clock));
  for (ops::PreparedRestore& one : plans) {
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
