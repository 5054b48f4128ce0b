#include "cli/check_report.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/remote_text.h"
#include "cli/archive_policies.h"
#include "cli/size_text.h"
#include "ops/archive_lists.h"
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

namespace {

// "rows public.orders" is "table public.orders" to people.
std::string stream_text(const std::string& stream) {
  constexpr std::string_view kRows = ops::kRowsPrefix;
  return clean_remote_text(stream.starts_with(kRows) ? "table " + stream.substr(kRows.size())
                                                     : stream);
}

}  // namespace

std::string hurt_text(const repo::HurtArchives& hurt, std::string_view verb,
                      std::string_view where) {
  std::string text;
  for (const auto& [name, streams] : hurt)
    for (const auto& [stream, chunks] : streams)
      text += fmt::format("  archive {}: {} {} {} chunks{}\n", short_archive(name.hex()),
                          stream_text(stream), verb, chunks, where);
  return text;
}

nlohmann::json hurt_json(const repo::HurtArchives& hurt) {
  auto list = nlohmann::json::array();
  for (const auto& [name, streams] : hurt)
    list.push_back({{"archive", name.hex()}, {"streams", streams}});
  return list;
}

std::string check_text(const repo::CheckReport& report, const report::Style& style) {
  std::string text =
      fmt::format("{} {} archives, {} chunks in {} packs of {}\n",
                  report.sound() ? style.good("sound:") : style.bad("DAMAGED:"), report.archives,
                  report.chunks, report.packs, size_text(report.pack_bytes));
  text += findings_text(report.findings, style);
  text += hurt_text(report.damaged, "lacks");
  if (!report.damaged.empty() && report.unindexed_packs > 0)
    text += fmt::format("  {} packs are in no index: `tidemark repair` puts them there\n",
                        report.unindexed_packs);
  text += hurt_text(report.doubtful, "has", " in damaged packs alone");
  if (!report.doubtful.empty())
    text +=
        "  `tidemark verify` says what of them can be read; the next archive stores again what "
        "its database still has\n";
  else if (report.distrusted_packs > 0)
    text +=
        fmt::format("  {} damaged packs hold nothing that an archive needs: a prune frees them\n",
                    report.distrusted_packs);
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
  document["damaged_archives"] = hurt_json(report.damaged);
  document["doubtful_archives"] = hurt_json(report.doubtful);
  document["damaged_packs"] = report.distrusted_packs;
  document["unindexed_packs"] = report.unindexed_packs;
  document["foreign"] = report.foreign;
}

}  // namespace tidemark::cli
