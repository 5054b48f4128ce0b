// `tidemark prune`: condemn, reprieve and delete what the policy says; a dry run unless --yes.
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/session.h"
#include "report/json.h"
#include "report/text.h"

namespace tidemark::cli {
namespace {

Result<ExitCode> show_plan(Session& session, const Context& context,
                           const std::vector<ops::Source>& sources) {
  const auto options = session.survey_options();
  std::vector<core::SourcePlan> plans;
  core::RunReport report;  // only to weigh the errors
  for (const ops::SurveyedSource& one : TRY(ops::survey(sources, options))) {
    plans.push_back(ops::plan_for(one, options, context.clock));
    plans.back().create.reset();  // pruning takes nothing
    report.sources.push_back({.plan = {}, .error = one.error});
  }
  const TimePoint now = context.clock.now();
  auto document = report::status_document(plans, now);
  document["kind"] = "plan";
  TRY(context.print(context.global.json ? report::json_line(document)
                                        : report::plan_text(plans, now, context.output_style()) +
                                              "nothing was changed; add --yes to do it\n"));
  return exit_code_of(report);
}

Result<ExitCode> run_prune(Args& args, Context& context) {
  std::optional<std::string> name;
  bool yes = false;
  bool dry_run = false;
  args.positional("SOURCE", name, "only this source");
  args.flag("--yes", yes, "do it");
  args.flag("--dry-run", dry_run, "only show it, even with --yes");
  TRY(args.parse());

  const auto session = TRY(Session::open(context));
  const auto sources = TRY(session->sources(name));
  if (!yes || dry_run) return show_plan(*session, context, sources);
  TRY(require_writable(context, "prune"));
  const ops::PassOptions options{.survey = session->survey_options(), .create = false};
  const core::RunReport report = TRY(ops::run_pass(sources, options, context.clock));
  TRY(context.print(context.global.json ? report::json_line(report::run_document(report))
                                        : report::run_text(report, context.output_style())));
  return exit_code_of(report);
}

}  // namespace

const Command kPruneCommand{
    "prune", "condemn and delete what the policy no longer keeps",
    "Shows which points the policy no longer keeps; with --yes it condemns those, and deletes what "
    "was condemned long enough ago and is still unwanted. The daemon does the same in each "
    "pass.\n\n"
    "The newest good point, held points and the newest few are never touched. While a source has "
    "no "
    "point for its latest slot, nothing of it is condemned or deleted. Archives go by `tidemark "
    "archives prune`.",
    "tidemark prune --yes", run_prune};

}  // namespace tidemark::cli
