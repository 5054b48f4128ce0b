#include "cli/points_view.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "base/edit_distance.h"
#include "base/log.h"
#include "report/json.h"

namespace tidemark::cli {

Result<PointViews> PointViews::read(Session& session, const Context& context,
                                    const std::optional<std::string>& source) {
  const auto options = session.survey_options();
  PointViews views;
  const auto sources = TRY(session.sources(source));
  for (const ops::SurveyedSource& one : TRY(ops::survey(sources, options))) {
    if (!one.snapshots_known) return *one.error;
    if (one.error) log::warning(fmt::format("source {}: {}", one.source.name, one.error->message));
    const core::SourcePlan plan = ops::plan_for(one, options, context.clock);
    for (const core::RecoveryPoint& point : ops::points_of(one, options)) {
      PointView view{.point = point, .verdict = {}, .snapshot = one.snapshots.at(point.id)};
      for (const core::Verdict& verdict : plan.verdicts)
        if (verdict.id == point.id) view.verdict = verdict;
      views.views_.push_back(std::move(view));
    }
  }
  return views;
}

Result<PointView> PointViews::find(const std::string& id) const {
  std::vector<std::string> known;
  for (const PointView& view : views_) {
    if (view.point.id == id) return view;
    known.push_back(view.point.id);
  }
  const auto meant = nearest_word(id, known);
  return Error{ErrorKind::not_found, fmt::format("there is no point {}", id),
               meant ? fmt::format("did you mean {}?", *meant) : "`tidemark list` shows them all"};
}

nlohmann::json view_json(const PointView& view) {
  nlohmann::json json = report::point_json(view.point);
  json["outcome"] = core::outcome_name(view.verdict.outcome);
  json["reasons"] = view.verdict.reasons;
  json["removable_from"] = report::json_time(view.verdict.removable_from);
  json["arn"] = view.snapshot.arn;
  json["instance"] = view.snapshot.instance_id;
  json["resource"] = view.snapshot.resource_id;
  json["engine_version"] = view.snapshot.engine_version;
  json["encrypted"] = view.snapshot.encrypted;
  return json;
}

std::string reasons_text(const core::Verdict& verdict) {
  std::string text = fmt::format("{}", fmt::join(verdict.reasons, "; "));
  if (verdict.outcome == core::Outcome::condemn) return text + "; the next pass condemns it";
  if (verdict.removable_from)
    text += fmt::format("; deletable from {}", format_time(*verdict.removable_from));
  return text;
}

}  // namespace tidemark::cli
