// Findings of `doctor` as JSON, and the file in which the daemon keeps those of its last look. It
// is a cache: losing it makes the next look tell all that it finds.
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "doctor/diagnose.h"

namespace tidemark::cli {

nlohmann::json findings_json(const doctor::Findings& findings);

std::string findings_path(const std::string& state_dir);

Status write_findings(const std::string& path, const doctor::Findings& findings);
// Fails with not_found when there was no look yet, and with corrupt when it is not such a file.
Result<doctor::Findings> read_findings(const std::string& path);

}  // namespace tidemark::cli
