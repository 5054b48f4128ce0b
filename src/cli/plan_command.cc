// `tidemark plan`: what a pass would do now, changing nothing.
#include <algorithm>

#include <nlohmann/json.hpp>

#include "cli/archiver.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "report/json.h"
#include "report/text.h"

namespace tidemark::cli {
namespace {

bool has_changes(const core::SourcePlan& plan) {
  if (plan.create) return true;
  for (const core::ArchivesPlan& archives : plan.archives)
    if (archives.due || !archives.condemned().empty()) return true;
  for (const core::Verdict& verdict : plan.verdicts)
    if (verdict.outcome == core::Outcome::condemn || verdict.outcome == core::Outcome::remove ||
        verdict.outcome == core::Outcome::reprieve)
      return true;
  return false;
}

Result<ExitCode> run_plan(Args& args, Context& context) {
  std::optional<std::string> name;
  bool detailed = false;
  args.positional("SOURCE", name, "only this source");
  args.flag("--detailed-exitcode", detailed, "exit with 20 when a pass would change something");
  TRY(args.parse());

  const auto session = TRY(Session::open(context));
  const auto options = session->survey_options();
  std::vector<core::SourcePlan> plans;
  core::RunReport report;  // only to weigh the errors
  const auto sources = TRY(session->sources(name));
  for (const ops::SurveyedSource& one : TRY(ops::survey(sources, options))) {
    plans.push_back(ops::plan_for(one, options, context.clock));
    report.sources.push_back({.plan = {}, .error = one.error});
  }
  add_archive_plans(context, *session, plans);
  const bool changes = std::any_of(plans.begin(), plans.end(), has_changes);
  const TimePoint now = context.clock.now();
  auto document = report::status_document(plans, now);
  document["kind"] = "plan";
  TRY(context.print(context.global.json ? report::json_line(document)
                                        : report::plan_text(plans, now, context.output_style())));
  const ExitCode code = exit_code_of(report);
  return code == ExitCode::ok && detailed && changes ? ExitCode::plan_has_changes : code;
}

}  // namespace

const Command kPlanCommand{
    "plan", "show what a pass would do now",
    "Shows which points are due, which would be condemned, reprieved or deleted and why, and what "
    "stands in the way. Changes nothing. `tidemark run --once` then does it, after planning again.",
    "tidemark plan orders", run_plan};

}  // namespace tidemark::cli
