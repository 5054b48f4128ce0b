#include "report/json.h"

#include <nlohmann/json.hpp>

namespace tidemark::report {

using nlohmann::json;

json document(std::string_view kind) {
  return {{"schema_version", kSchemaVersion}, {"kind", kind}};
}

json json_time(const std::optional<TimePoint>& time) {
  return time ? json(format_time(*time)) : json(nullptr);
}

json error_json(const Error& error) {
  return {{"kind", kind_name(error.kind)},
          {"message", error.message},
          {"hint", error.hint},
          {"code", error.code}};
}

json point_json(const core::RecoveryPoint& point) {
  return {{"id", point.id},
          {"source", point.source},
          {"slot", format_time(point.slot)},
          {"created", json_time(point.created)},
          {"state", core::state_name(point.state)},
          {"service_status", point.service_status},
          {"hold", point.hold ? json(*point.hold) : json(nullptr)},
          {"condemned_at", json_time(point.condemned_at)},
          {"legacy", point.legacy}};
}

json verdicts_json(const std::vector<core::Verdict>& verdicts) {
  json list = json::array();
  for (const core::Verdict& verdict : verdicts)
    list.push_back({{"id", verdict.id},
                    {"outcome", core::outcome_name(verdict.outcome)},
                    {"reasons", verdict.reasons},
                    {"removable_from", json_time(verdict.removable_from)}});
  return list;
}

json archives_json(const core::ArchivesPlan& plan) {
  return {{"name", plan.name},
          {"due", plan.due},
          {"running", plan.running},
          {"covered", plan.covered},
          {"overdue", plan.overdue},
          {"next_slot", json_time(plan.next_slot)},
          {"good_until", json_time(plan.good_until)},
          {"newest", plan.newest ? json(plan.newest->id) : json(nullptr)},
          {"newest_moment", plan.newest ? json(format_time(plan.newest->moment())) : json(nullptr)},
          {"verdicts", verdicts_json(plan.verdicts)}};
}

json plan_json(const core::SourcePlan& plan) {
  json result = {{"source", plan.source},
                 {"instance", plan.instance},
                 {"healthy", plan.healthy()},
                 {"covered", plan.covered},
                 {"overdue", plan.overdue},
                 {"latest_slot", json_time(plan.latest_slot)},
                 {"next_slot", json_time(plan.next_slot)},
                 {"good_until", json_time(plan.good_until)},
                 {"last_good", plan.last_good ? point_json(*plan.last_good) : json(nullptr)},
                 {"good_points", plan.good_points},
                 {"create", plan.create ? json(plan.create->id) : json(nullptr)},
                 {"awaited", plan.awaited ? json(*plan.awaited) : json(nullptr)},
                 {"verdicts", verdicts_json(plan.verdicts)},
                 {"archives", json::array()},
                 {"problems", json::array()}};
  for (const core::ArchivesPlan& archives : plan.archives)
    result["archives"].push_back(archives_json(archives));
  for (const core::Problem& problem : plan.problems)
    result["problems"].push_back({{"severity", core::severity_name(problem.severity)},
                                  {"message", problem.message},
                                  {"hint", problem.hint}});
  return result;
}

json status_document(std::span<const core::SourcePlan> plans, TimePoint now) {
  json result = document("status");
  result["time"] = format_time(now);
  result["healthy"] = true;
  result["sources"] = json::array();
  for (const core::SourcePlan& plan : plans) {
    if (!plan.healthy()) result["healthy"] = false;
    result["sources"].push_back(plan_json(plan));
  }
  return result;
}

json run_document(const core::RunReport& report) {
  json result = document("run");
  result["started"] = format_time(report.started);
  result["finished"] = format_time(report.finished);
  result["failed"] = report.failed();
  result["sources"] = json::array();
  for (const core::SourceReport& source : report.sources) {
    json one = plan_json(source.plan);
    one["error"] = source.error ? error_json(*source.error) : json(nullptr);
    one["events"] = json::array();
    for (const core::Event& event : source.events)
      one["events"].push_back({{"act", core::act_name(event.act)},
                               {"snapshot", event.snapshot},
                               {"error", event.error ? error_json(*event.error) : json(nullptr)}});
    result["sources"].push_back(std::move(one));
  }
  return result;
}

std::string json_line(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace tidemark::report
