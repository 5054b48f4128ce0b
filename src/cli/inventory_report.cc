#include "cli/inventory_report.h"

#include <cstdlib>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/archive_policies.h"
#include "cli/size_text.h"

namespace tidemark::cli {

nlohmann::json inventory_json(const ops::InventoryOutcome& outcome) {
  nlohmann::json json = {{"archive", outcome.name.hex()},
                         {"moment", format_time(outcome.moment)},
                         {"files", outcome.files},
                         {"bytes", outcome.bytes},
                         {"stored_bytes", outcome.tally.stored_bytes}};
  json["skew_seconds"] = outcome.skew ? nlohmann::json(outcome.skew->count()) : nullptr;
  json["report"] = outcome.report.empty() ? nlohmann::json() : nlohmann::json(outcome.report);
  if (outcome.references)
    json["references"] = {{"missing", outcome.references->missing},
                          {"orphaned", outcome.references->orphaned}};
  return json;
}

std::string inventory_text(const std::string& source, const ops::InventoryOutcome& outcome) {
  std::string text = fmt::format(
      "took an inventory of the files of {} as of {}\n  archive   {}\n  files     {}, {}\n"
      "  added     {}\n",
      source, format_time(outcome.moment), short_archive(outcome.name.hex()), outcome.files,
      size_text(outcome.bytes), size_text(outcome.tally.stored_bytes));
  if (outcome.skew)
    text += fmt::format("  skew      {} s {} the rows\n", std::abs(outcome.skew->count()),
                        outcome.skew->count() < 0 ? "before" : "after");
  if (!outcome.report.empty()) text += fmt::format("  by        {}\n", outcome.report);
  if (outcome.references)
    text += fmt::format(
        "  rows      name {} files that are not there; {} files are named by none\n"
        "            `tidemark files check {}` lists them\n",
        outcome.references->missing, outcome.references->orphaned, source);
  return text;
}

}  // namespace tidemark::cli
