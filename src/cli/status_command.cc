// `tidemark status`: how well each source is protected, worst first.
#include <nlohmann/json.hpp>

#include "cli/archiver.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "report/json.h"
#include "report/text.h"

namespace tidemark::cli {
namespace {

Result<ExitCode> run_status(Args& args, Context& context) {
  std::optional<std::string> name;
  args.positional("SOURCE", name, "only this source");
  TRY(args.parse());

  const auto session = TRY(Session::open(context));
  const auto options = session->survey_options();
  const auto sources = TRY(session->sources(name));
  const auto surveyed = TRY(ops::survey(sources, options));
  std::vector<core::SourcePlan> plans;
  core::RunReport report;  // only to weigh the errors
  for (const ops::SurveyedSource& one : surveyed)
    plans.push_back(ops::plan_for(one, options, context.clock));
  add_archive_plans(context, *session, plans);
  for (std::size_t i = 0; i < plans.size(); ++i)
    report.sources.push_back({.plan = plans[i], .error = surveyed[i].error});
  const TimePoint now = context.clock.now();
  TRY(context.print(context.global.json ? report::json_line(report::status_document(plans, now))
                                        : report::status_text(plans, now, context.output_style())));
  return exit_code_of(report);
}

}  // namespace

const Command kStatusCommand{
    "status", "say how well each source is protected",
    "Says for each source until when it counts as protected, which point is the last good one, "
    "what "
    "is wrong and what to do about it. The worst comes first, and the first line is the "
    "verdict.\n\n"
    "The exit code is 0 when every source is protected as asked, and 14 when one is not.",
    "tidemark status", run_status};

}  // namespace tidemark::cli
