// What `doctor` asks of RDS.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "aws/rds/audit_calls.h"
#include "cli/doctor_facts.h"
#include "core/simulate.h"
#include "core/snapshot_name.h"

namespace tidemark::cli {
namespace {

// A call each: beyond that the finding says how many were left out.
constexpr std::size_t kSharingAskedMax = 300;
constexpr Seconds kForecast = std::chrono::hours(24 * 365 * 5);
constexpr std::string_view kForceSsl = "rds.force_ssl";

Result<std::string> force_ssl(Session& session, const std::string& region,
                              const core::InstanceSettings& settings) {
  if (settings.parameter_groups.empty())
    return Error{ErrorKind::not_found, "the instance names no parameter group"};
  auto value = aws::rds::parameter_of(*TRY(session.query_for(region)),
                                      settings.parameter_groups.front(), std::string(kForceSsl));
  // Old engines have no such parameter, and take both.
  if (!value && value.error().kind == ErrorKind::not_found) return std::string();
  return value;
}

Result<doctor::Instance> look_at(Session& session, const ops::Source& source) {
  const aws::rds::Instance instance = TRY(source.service->instance(source.instance));
  const core::InstanceSettings& settings = instance.settings;
  return doctor::Instance{.id = source.instance,
                          .region = source.region,
                          .backup_days = settings.backup_retention_days,
                          .deletion_protection = settings.deletion_protection,
                          .publicly_accessible = settings.publicly_accessible,
                          .encrypted = instance.encrypted,
                          .engine_version = settings.engine_version,
                          .certificate = settings.ca_certificate,
                          .certificate_until = instance.certificate_until,
                          .force_ssl = force_ssl(session, source.region, settings)};
}

core::NextSlot slots_of(const ops::Source& source) {
  return [&source](TimePoint after) { return source.schedule.next_slot(after); };
}

bool is_of(const aws::rds::Snapshot& snapshot, const std::string& source,
           const std::string& owner) {
  const auto name = core::parse_snapshot_name(snapshot.id);
  const auto tag = snapshot.tags.find("tidemark:owner");
  return name && name->source == source && (tag == snapshot.tags.end() || tag->second == owner);
}

// The policies of one region, each played forward from its oldest point on; what the others hold
// at most counts as used.
Status forecast(const std::vector<ops::Source>& sources,
                const std::vector<aws::rds::Snapshot>& present, const std::string& owner,
                TimePoint now, doctor::Snapshots& snapshots) {
  struct Played {
    int own = 0;
    int most = 0;
    TimePoint start;
  };
  std::vector<Played> played;
  int foreign = static_cast<int>(present.size());
  for (const ops::Source& source : sources) {
    Played one{.start = now};
    for (const aws::rds::Snapshot& snapshot : present)
      if (is_of(snapshot, source.name, owner)) {
        ++one.own;
        one.start = std::min(one.start, snapshot.created.value_or(now));
      }
    foreign -= one.own;
    const auto alone = TRY(core::simulate({.policy = source.retention,
                                           .start = one.start,
                                           .length = kForecast,
                                           .quota = snapshots.quota},
                                          slots_of(source), source.schedule.zone()));
    one.most = alone.existing_max;
    played.push_back(one);
    snapshots.most_wanted += one.most;
  }
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const int others = foreign + snapshots.most_wanted - played[i].most;
    const auto with = TRY(core::simulate({.policy = sources[i].retention,
                                          .start = played[i].start,
                                          .length = kForecast,
                                          .quota = snapshots.quota,
                                          .others = std::max(others, 0)},
                                         slots_of(sources[i]), sources[i].schedule.zone()));
    if (with.quota_met && (!snapshots.full_on || *with.quota_met < *snapshots.full_on))
      snapshots.full_on = std::max(*with.quota_met, now);
  }
  snapshots.most_wanted += foreign;
  return Done{};
}

Result<doctor::Snapshots> look_at_region(const Context& context, Session& session,
                                         const std::string& region,
                                         const std::vector<ops::Source>& sources) {
  const std::string& owner = session.config().owner;
  std::vector<aws::rds::Snapshot> present;
  TRY(sources.front().service->each_manual_snapshot([&](aws::rds::Snapshot snapshot) -> Status {
    present.push_back(std::move(snapshot));
    return Done{};
  }));
  doctor::Snapshots snapshots{.region = region, .quota = session.config().aws.snapshot_quota};
  aws::QueryClient& query = *TRY(session.query_for(region));
  std::optional<Error> refused;  // the same would be refused for the next one
  for (const aws::rds::Snapshot& one : present) {
    const auto tag = one.tags.find("tidemark:owner");
    const bool ours =
        core::parse_snapshot_name(one.id) && tag != one.tags.end() && tag->second == owner;
    doctor::Snapshot snapshot{.id = one.id,
                              .ours = ours,
                              .encrypted = one.encrypted,
                              .shared_with = std::vector<std::string>()};
    if (refused) {
      snapshot.shared_with = *refused;
    } else if (snapshots.all.size() < kSharingAskedMax) {
      snapshot.shared_with = aws::rds::shared_with(query, one.id);
      if (!snapshot.shared_with && snapshot.shared_with.error().kind == ErrorKind::denied)
        refused = snapshot.shared_with.error();
      // It was deleted since it was listed.
      if (!snapshot.shared_with && snapshot.shared_with.error().kind == ErrorKind::not_found)
        continue;
    } else {
      ++snapshots.not_looked_at;
    }
    snapshots.all.push_back(std::move(snapshot));
  }
  TRY(forecast(sources, present, owner, context.clock.now(), snapshots));
  return snapshots;
}

}  // namespace

std::vector<Result<doctor::Instance>> look_at_instances(Session& session) {
  std::vector<Result<doctor::Instance>> all;
  if (session.config().sources.empty()) return all;
  const auto sources = session.sources(std::nullopt);
  if (!sources) return {sources.error()};
  for (const ops::Source& source : *sources) {
    auto instance = look_at(session, source);
    if (!instance) instance = in_context("source " + source.name, instance.error());
    all.push_back(std::move(instance));
  }
  return all;
}

std::vector<Result<doctor::Snapshots>> look_at_snapshots(const Context& context, Session& session) {
  std::vector<Result<doctor::Snapshots>> all;
  if (session.config().sources.empty()) return all;
  const auto sources = session.sources(std::nullopt);
  if (!sources) return {sources.error()};
  std::map<std::string, std::vector<ops::Source>> by_region;
  for (const ops::Source& source : *sources) by_region[source.region].push_back(source);
  for (const auto& [region, of_it] : by_region)
    all.push_back(look_at_region(context, session, region, of_it));
  return all;
}

}  // namespace tidemark::cli
