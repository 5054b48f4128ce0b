// What `check`, `verify` and `repair` print.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "repo/upkeep/check.h"
#include "report/style.h"

namespace tidemark::cli {

std::string findings_text(const std::vector<Error>& findings, const report::Style& style);
nlohmann::json findings_json(const std::vector<Error>& findings);

// A line for each table: "lacks 3 chunks".
std::string hurt_text(const repo::HurtArchives& hurt, std::string_view verb,
                      std::string_view where = "");
nlohmann::json hurt_json(const repo::HurtArchives& hurt);

std::string check_text(const repo::CheckReport& report, const report::Style& style);
void add_check_json(const repo::CheckReport& report, nlohmann::json& document);

}  // namespace tidemark::cli
