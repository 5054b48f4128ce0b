// `tidemark show`: everything about one point, with the instance settings that it carries.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "aws/rds/settings_tags.h"
#include "cli/commands.h"
#include "cli/points_view.h"
#include "report/json.h"
#include "report/text.h"

namespace tidemark::cli {
namespace {

std::string row(std::string_view name, std::string_view value) {
  return value.empty() ? "" : fmt::format("  {:<14} {}\n", name, value);
}

std::string point_text(const PointView& view, TimePoint now) {
  const core::RecoveryPoint& point = view.point;
  std::string text = point.id + "\n";
  text += row("source", point.source);
  text += row("state", fmt::format("{} ({})", core::state_name(point.state), point.service_status));
  text += row("slot", format_time(point.slot));
  text += row("taken", point.created ? report::when_text(*point.created, now) : "not yet");
  text +=
      row("instance", fmt::format("{} ({})", view.snapshot.instance_id, view.snapshot.resource_id));
  text += row("engine", view.snapshot.engine + " " + view.snapshot.engine_version);
  text += row("encrypted", view.snapshot.encrypted ? "yes, by " + view.snapshot.kms_key : "no");
  text += row("held", point.hold.value_or(""));
  text += row("condemned", point.condemned_at ? format_time(*point.condemned_at) : "");
  text += row("verdict", fmt::format("{}: {}", core::outcome_name(view.verdict.outcome),
                                     reasons_text(view.verdict)));
  return text + row("arn", view.snapshot.arn);
}

std::string settings_text(const nlohmann::json& settings) {
  std::string text = "\n  instance settings saved with it\n";
  for (const auto& [name, value] : settings.items())
    text += fmt::format("    {:<20} {}\n", name,
                        value.is_string() ? value.get<std::string>() : value.dump());
  return text;
}

Result<ExitCode> run_show(Args& args, Context& context) {
  std::string id;
  args.positional("POINT", id, "the point's id, as `tidemark list` shows it");
  TRY(args.parse());

  const auto session = TRY(Session::open(context));
  const PointViews views = TRY(PointViews::read(*session, context, std::nullopt));
  const PointView view = TRY(views.find(id));
  const auto settings = aws::rds::decode_settings(view.snapshot.tags);
  const auto as_json =
      settings ? nlohmann::json::parse(aws::rds::settings_to_json(*settings)) : nlohmann::json();
  if (context.global.json) {
    auto document = report::document("point");
    document["point"] = view_json(view);
    document["settings"] = as_json;
    document["settings_error"] = settings ? nlohmann::json() : report::error_json(settings.error());
    document["tags"] = view.snapshot.tags;
    TRY(context.print(report::json_line(document)));
    return ExitCode::ok;
  }
  TRY(context.print(
      point_text(view, context.clock.now()) +
      (settings ? settings_text(as_json) : fmt::format("\n  {}\n", settings.error().message))));
  return ExitCode::ok;
}

}  // namespace

const Command kShowCommand{
    "show", "show everything about one point",
    "Shows a point: its state, what the policy says of it and why, and the instance settings that "
    "its tags carry, from which a restore rebuilds the instance as it was.",
    "tidemark show tidemark-202611-orders-20261122t0230z", run_show};

}  // namespace tidemark::cli
