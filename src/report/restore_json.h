// Restores as JSON documents; docs/manual/json.md describes them.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "core/restore_plan.h"

namespace tidemark::report {

nlohmann::json restore_plan_json(const core::RestorePlan& plan);
nlohmann::json problems_json(const std::vector<core::Problem>& problems);

}  // namespace tidemark::report
