// `tidemark restore retire`: delete what restores put aside, after a final snapshot.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/database_access.h"
#include "cli/restore_report.h"
#include "ops/retire.h"
#include "postgres/catalog/catalog.h"
#include "report/json.h"

namespace tidemark::cli {
namespace {

constexpr Millis kConnectDeadline{5'000};

struct Given {
  std::string source;
  bool no_final_snapshot = false;
  bool despite_clients = false;
  RunChoices run;
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

std::string done_text(const core::RestoreGoal& goal) {
  if (goal.safety.empty()) return fmt::format("{} is deleted\n", goal.aside);
  return fmt::format(
      "{0} is deleted; its final snapshot {1} is held: `tidemark release {1}` lets the policy "
      "judge "
      "it\n",
      goal.aside, goal.safety);
}

Result<ExitCode> retire_one(const Context& context, const Session& session, const Given& given,
                            const ops::RetireRequest& request, ops::PreparedRestore prepared,
                            nlohmann::json& documents) {
  const core::RestoreGoal goal = prepared.plan.goal;
  return carry_out(
      context, session, given.run, std::move(prepared),
      {fmt::format("the deletion of {}", goal.aside), goal.aside},
      [&](ops::PreparedRestore plan, const ops::StepOptions& options, StepProgress&) {
        return ops::run_retirement(std::move(plan), request, options, context.clock);
      },
      [&](const ops::RestoreOutcome&, Millis) { return done_text(goal); }, &documents);
}

Result<ExitCode> run_retire(Args& args, Context& context) {
  Given given;
  args.positional("SOURCE", given.source, "which source of the configuration");
  args.flag("--no-final-snapshot", given.no_final_snapshot,
            "delete without one; what was written after the last point is lost");
  args.flag("--despite-clients", given.despite_clients,
            "delete it although somebody is connected to it");
  declare_run(args, given.run);
  TRY(args.parse());
  if (!given.run.dry_run) TRY(require_writable(context, "delete an instance"));

  const auto session = TRY(Session::open(context));
  const ops::Source source = TRY(session->sources(given.source)).front();
  ExitCode worst = ExitCode::ok;
  const ops::RetireRequest request{
      .final_snapshot = !given.no_final_snapshot,
      .despite_clients = given.despite_clients,
      .count_clients = client_counter(context, session->source_config(source.name))};
  auto plans =
      TRY(ops::prepare_retirement(source, request, session->survey_options(), context.clock));
  // One document, whatever the number: with --json nothing else may be on standard output.
  nlohmann::json documents = nlohmann::json::array();
  std::optional<Error> failure;
  for (ops::PreparedRestore& one : plans) {
    const auto code = retire_one(context, *session, given, request, std::move(one), documents);
    if (!code) {
      failure = code.error();
      break;
    }
    if (*code != ExitCode::ok) worst = *code;
  }
  if (context.global.json) {
    auto document = report::document(given.run.dry_run ? "retire_plan" : "retire");
    document["instances"] = std::move(documents);
    TRY(context.print(report::json_line(document)));
  }
  if (failure) return *failure;
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
