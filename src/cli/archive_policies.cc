#include "cli/archive_policies.h"

namespace tidemark::cli {
namespace {

constexpr std::size_t kShownDigits = 12;

}  // namespace

ops::ArchivePolicies archive_policies(const config::Config& config) {
  ops::ArchivePolicies policies;
  for (const config::Source& source : config.sources) {
    if (!source.archive) continue;
    const config::Policy& policy = config.policies.at(source.archive->policy);
    for (const std::string& database : source.archive->databases)
      policies.databases.push_back({.source = source.name,
                                    .database = database,
                                    .retention = policy.retention,
                                    .schedule = policy.schedule,
                                    .overdue_after = policy.overdue_after,
                                    .jobs = source.archive->jobs});
  }
  if (!config.repository) return policies;
  policies.grace = config.repository->grace;
  if (config.repository->policy.empty()) return policies;
  const config::Policy& others = config.policies.at(config.repository->policy);
  policies.others =
      ops::OtherArchives{.retention = others.retention, .zone = others.schedule.zone()};
  return policies;
}

std::string short_archive(const std::string& name) { return name.substr(0, kShownDigits); }

}  // namespace tidemark::cli
