#include "cli/archive_policies.h"

namespace tidemark::cli {
namespace {

constexpr std::size_t kShownDigits = 12;

}  // namespace

ops::ArchivePolicies archive_policies(const config::Config& config) {
  ops::ArchivePolicies policies;
  const auto add = [&](const config::Source& source, const std::string& database,
                       const std::string& policy_name, int jobs) {
    const config::Policy& policy = config.policies.at(policy_name);
    policies.databases.push_back({.source = source.name,
                                  .database = database,
                                  .retention = policy.retention,
                                  .schedule = policy.schedule,
                                  .overdue_after = policy.overdue_after,
                                  .jobs = jobs});
  };
  for (const config::Source& source : config.sources) {
    if (source.archive)
      for (const std::string& database : source.archive->databases)
        add(source, database, source.archive->policy, source.archive->jobs);
    // After its databases, because it is of the moment of their archives.
    if (source.files && !source.files->policy.empty())
      add(source, std::string(ops::kFilesOfSource), source.files->policy, source.files->jobs);
    if (!config.takes_inventories(source)) continue;
    add(source, std::string(ops::kFilesOfPoints),
        source.files->policy.empty() ? source.policy : source.files->policy, source.files->jobs);
    policies.databases.back().of_points = true;
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
