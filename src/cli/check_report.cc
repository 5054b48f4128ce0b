#include "cli/check_report.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/remote_text.h"
#include "cli/archive_policies.h"
#include "cli/size_text.h"
#include "report/json.h"
#include "report/text.h"

namespace tidemark::cli {

std::string findings_text(const std::vector<Error>& findings, const report::Style& style) {
  std::string text;
  for (Error finding : findings) {
    finding.message = clean_remote_text(finding.message);
    text += "  " + report::error_text(finding, style);
  }
  return text;
}

nlohmann::json findings_json(const std::vector<Error>& findings) {
  auto list = nlohmann::json::array();
  for (const Error& finding : findings) list.push_back(report::error_json(finding));
  return list;
}

std::string check_text(const repo::CheckReport& report, const report::Style& style) {
  std::string text =
      fmt::format("{} {} archives, {} chunks in {} packs of {}\n",
                  report.sound() ? style.good("sound:") : style.bad("DAMAGED:"), report.archives,
                  report.chunks, report.packs, size_text(report.pack_bytes));
  text += findings_text(report.findings, style);
  for (const auto& [name, streams] : report.damaged)
    for (const auto& [stream, chunks] : streams)
      text += fmt::format("  archive {}: {} lacks {} chunks\n", short_archive(name.hex()),
                          clean_remote_text(stream), chunks);
  for (const std::string& key : report.foreign)
    text += fmt::format("  not ours: {}\n", clean_remote_text(key));
  return text;
}

void add_check_json(const repo::CheckReport& report, nlohmann::json& document) {
  document["sound"] = report.sound();
  document["archives"] = report.archives;
  document["packs"] = report.packs;
  document["chunks"] = report.chunks;
  document["findings"] = findings_json(report.findings);
  document["damaged_archives"] = nlohmann::json::array();
  for (const auto& [name, streams] : report.damaged)
    document["damaged_archives"].push_back({{"archive", name.hex()}, {"streams", streams}});
  document["foreign"] = report.foreign;
}

}  // namespace tidemark::cli
