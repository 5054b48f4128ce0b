// `tidemark list`: every point of every source.
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/points_view.h"
#include "report/json.h"
#include "report/table.h"

namespace tidemark::cli {
namespace {

std::string state_cell(const PointView& view) {
  if (view.point.hold) return "held";
  if (view.point.condemned_at) return "condemned";
  return view.point.good() ? "good" : view.point.service_status;
}

Result<ExitCode> run_list(Args& args, Context& context) {
  std::optional<std::string> name;
  args.positional("SOURCE", name, "only this source");
  TRY(args.parse());

  const auto session = TRY(Session::open(context));
  const PointViews views = TRY(PointViews::read(*session, context, name));
  if (context.global.json) {
    auto document = report::document("list");
    document["points"] = nlohmann::json::array();
    for (const PointView& view : views.all()) document["points"].push_back(view_json(view));
    TRY(context.print(report::json_line(document)));
    return views.exit_code();
  }
  report::Table table({"POINT", "TAKEN", "STATE", "WHY"});
  for (const PointView& view : views.all())
    table.add({view.point.id, view.point.created ? format_time(*view.point.created) : "-",
               state_cell(view), reasons_text(view.verdict)});
  TRY(context.print(views.all().empty() ? "there are no points yet\n" : table.text()));
  return views.exit_code();
}

}  // namespace

const Command kListCommand{
    "list", "list the points of every source",
    "Lists every point, newest first, with its state and why the policy keeps it, or no longer "
    "does.\n\nSnapshots named WeeklyBackup-YYYY-MM-DD by the script that Tidemark replaces are "
    "shown too; they are judged only when the policy says adopt_legacy = true.",
    "tidemark list orders", run_list};

}  // namespace tidemark::cli
