#include "cli/findings_file.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "report/json.h"

namespace tidemark::cli {
namespace {

using nlohmann::json;

constexpr std::size_t kFileBytesMax = 1 << 20;
constexpr unsigned kPrivateFile = 0600;  // it names what is weak

constexpr doctor::Severity kSeverities[] = {doctor::Severity::critical, doctor::Severity::warning,
                                            doctor::Severity::unknown, doctor::Severity::note};

std::optional<doctor::Severity> severity_of(const std::string& name) {
  for (const doctor::Severity severity : kSeverities)
    if (doctor::severity_name(severity) == name) return severity;
  return std::nullopt;
}

Error not_findings(const std::string& path) {
  return Error{ErrorKind::corrupt, fmt::format("{} has no findings of doctor in it", path),
               "remove it; the daemon writes it anew"};
}

}  // namespace

json findings_json(const doctor::Findings& findings) {
  json all = json::array();
  for (const doctor::Finding& finding : findings)
    all.push_back({{"severity", doctor::severity_name(finding.severity)},
                   {"check", finding.check},
                   {"object", finding.object},
                   {"what", finding.what},
                   {"means", finding.means},
                   {"fix", finding.fix}});
  return all;
}

std::string findings_path(const std::string& state_dir) {
  return state_dir + "/doctor-findings.json";
}

Status write_findings(const std::string& path, const doctor::Findings& findings) {
  json document = report::document("doctor_findings");
  document["findings"] = findings_json(findings);
  return replace_file(path, report::json_line(document), kPrivateFile);
}

Result<doctor::Findings> read_findings(const std::string& path) {
  const std::string text = TRY(read_file(path, kFileBytesMax));
  try {
    doctor::Findings findings;
    const json document = json::parse(text);
    for (const json& one : document.at("findings")) {
      const auto severity = severity_of(one.at("severity").get<std::string>());
      if (!severity) return not_findings(path);
      findings.push_back({.severity = *severity,
                          .check = one.at("check").get<std::string>(),
                          .object = one.at("object").get<std::string>(),
                          .what = one.at("what").get<std::string>(),
                          .means = one.at("means").get<std::string>(),
                          .fix = one.at("fix").get<std::string>()});
    }
    return findings;
  } catch (const json::exception&) {
    return not_findings(path);
  }
}

}  // namespace tidemark::cli
