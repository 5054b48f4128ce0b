// The same as JSON documents. docs/manual/json.md describes them; fields are only ever added, or
// kSchemaVersion rises.
#pragma once

#include <span>

#include <nlohmann/json_fwd.hpp>

#include "core/run_report.h"

namespace tidemark::report {

inline constexpr int kSchemaVersion = 1;

// {"schema_version": 1, "kind": kind}
nlohmann::json document(std::string_view kind);

nlohmann::json json_time(const std::optional<TimePoint>& time);  // RFC 3339 in UTC, or null
nlohmann::json plan_json(const core::SourcePlan& plan);
nlohmann::json point_json(const core::RecoveryPoint& point);
nlohmann::json error_json(const Error& error);

nlohmann::json status_document(std::span<const core::SourcePlan> plans, TimePoint now);
nlohmann::json run_document(const core::RunReport& report);

// One line, invalid UTF-8 replaced, a line end after it.
std::string json_line(const nlohmann::json& json);

}  // namespace tidemark::report
