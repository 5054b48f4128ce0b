// What `check` and `repair` print.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "repo/upkeep/check.h"
#include "report/style.h"

namespace tidemark::cli {

std::string findings_text(const std::vector<Error>& findings, const report::Style& style);
nlohmann::json findings_json(const std::vector<Error>& findings);

std::string check_text(const repo::CheckReport& report, const report::Style& style);
void add_check_json(const repo::CheckReport& report, nlohmann::json& document);

}  // namespace tidemark::cli
