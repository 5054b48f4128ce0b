#include "report/restore_json.h"

#include <nlohmann/json.hpp>

#include "report/json.h"

namespace tidemark::report {

using nlohmann::json;

json problems_json(const std::vector<core::Problem>& problems) {
  json list = json::array();
  for (const core::Problem& problem : problems) {
    list.push_back({{"severity", core::severity_name(problem.severity)},
                    {"message", problem.message},
                    {"hint", problem.hint}});
    if (problem.severity == core::Severity::critical) list.back()["kind"] = kind_name(problem.kind);
  }
  return list;
}

namespace {

json files_json(const std::optional<core::PlannedFiles>& files) {
  if (!files) return nullptr;
  return {{"bucket", files->bucket},
          {"moment", format_time(files->moment)},
          {"inventory", files->inventory.empty() ? json() : json(files->inventory)},
          {"skew_seconds", files->skew ? json(files->skew->count()) : json()},
          {"copy", files->copies},
          {"copy_bytes", files->copied_bytes},
          {"remove", files->removed},
          {"unchanged", files->unchanged},
          {"lost", files->lost},
          {"cold", files->cold}};
}

}  // namespace

json restore_plan_json(const core::RestorePlan& plan) {
  json result = {{"operation", plan.kind},
                 {"source", plan.source},
                 {"identifier", plan.goal.identifier},
                 {"began", plan.goal.operation},
                 {"origin", plan.goal.origin},
                 {"aside", plan.goal.aside},
                 {"safety_snapshot", plan.goal.safety},
                 {"settings", core::choice_name(plan.goal.choice)},
                 {"resumed", plan.resumed},
                 {"possible", plan.possible()},
                 {"standing", plan.standing},
                 {"endpoint", plan.address_before},
                 {"last_took_seconds", plan.last_took ? json(plan.last_took->count()) : json()},
                 {"files", files_json(plan.files)},
                 {"steps", json::array()},
                 {"drift", json::array()},
                 {"problems", problems_json(plan.problems)}};
  for (const core::PlannedStep& step : plan.steps)
    result["steps"].push_back({{"step", core::act_name(step.act)},
                               {"text", step.text},
                               {"undo", step.undo},
                               {"done", step.done}});
  for (const core::SettingDifference& one : plan.drift)
    result["drift"].push_back(
        {{"setting", one.name}, {"point", one.wanted}, {"current", one.shown}});
  return result;
}

}  // namespace tidemark::report
