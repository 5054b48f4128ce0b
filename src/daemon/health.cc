#include "daemon/health.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "report/json.h"

namespace tidemark::daemon {
namespace {

using nlohmann::json;

constexpr std::size_t kFileBytesMax = 1 << 20;

Error not_a_health_file(const std::string& path) {
  return Error{ErrorKind::corrupt, fmt::format("{} is not a health file", path),
               "remove it; the daemon writes it anew"};
}

}  // namespace

std::string health_path(const std::string& state_dir) { return state_dir + "/health.json"; }

Health health_of(const core::RunReport& report, TimePoint next_by) {
  Health health{.written = report.finished, .next_by = next_by, .sources = {}};
  for (const core::SourceReport& source : report.sources) {
    SourceHealth one{.source = source.plan.source,
                     .healthy = source.plan.healthy(),
                     .catching_up = source.plan.catching_up(),
                     .problem = {},
                     .hint = {}};
    if (!one.healthy) {
      one.problem = source.plan.problems.front().message;
      one.hint = source.plan.problems.front().hint;
    }
    health.sources.push_back(std::move(one));
  }
  return health;
}

Status write_health(const std::string& path, const Health& health) {
  json document = report::document("health");
  document["written"] = format_time(health.written);
  document["next_by"] = format_time(health.next_by);
  document["sources"] = json::array();
  for (const SourceHealth& source : health.sources)
    document["sources"].push_back({{"source", source.source},
                                   {"healthy", source.healthy},
                                   {"catching_up", source.catching_up},
                                   {"problem", source.problem},
                                   {"hint", source.hint}});
  return replace_file(path, report::json_line(document), 0644);
}

Result<Health> read_health(const std::string& path) {
  const std::string text = TRY(read_file(path, kFileBytesMax));
  try {
    const json document = json::parse(text);
    const auto written = parse_time(document.at("written").get<std::string>());
    const auto next_by = parse_time(document.at("next_by").get<std::string>());
    if (!written || !next_by) return not_a_health_file(path);
    Health health{.written = *written, .next_by = *next_by, .sources = {}};
    for (const json& source : document.at("sources"))
      health.sources.push_back({.source = source.at("source").get<std::string>(),
                                .healthy = source.at("healthy").get<bool>(),
                                .catching_up = source.at("catching_up").get<bool>(),
                                .problem = source.at("problem").get<std::string>(),
                                .hint = source.at("hint").get<std::string>()});
    return health;
  } catch (const json::exception&) {
    return not_a_health_file(path);
  }
}

}  // namespace tidemark::daemon
