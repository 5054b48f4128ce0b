// What stands in the way of a restore, told before anything is touched, and what will not come
// back.
#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/account_quota.h"
#include "core/engine_life.h"
#include "ops/restore_draft.h"

namespace tidemark::ops {
namespace {

using core::SeenInstance;
using core::SettingsChoice;
using core::Severity;

// A question that may not be asked is told as a note, not taken for an answer.
template <class Value>
Result<std::optional<Value>> try_to_know(RestoreDraft& draft, Result<Value> answer,
                                         std::string_view what) {
  if (answer) return std::optional<Value>(*std::move(answer));
  if (answer.error().kind == ErrorKind::cancelled) return std::move(answer).error();
  draft.problem(Severity::note,
                fmt::format("{} could not be checked: {}", what, answer.error().message));
  return std::optional<Value>();
}

// A minor version that is no longer offered can often be restored still; a major one cannot.
Status judge_version(RestoreDraft& draft) {
  const aws::rds::Snapshot* snapshot = draft.origin_snapshot();
  if (snapshot == nullptr) return Done{};
  const std::string& version =
      draft.goal.upgrade_to.empty() ? snapshot->engine_version : draft.goal.upgrade_to;
  const auto offered = TRY(try_to_know(draft, draft.source.service->engine_versions(),
                                       fmt::format("whether RDS restores PostgreSQL {}", version)));
  const auto end = core::end_of_life(version);
  const bool ended = end && *end < format_time(draft.now).substr(0, 10);
  const std::string since =
      ended ? fmt::format(" (its community support ended on {})", *end) : std::string();
  const auto is_offered = [&](auto matches) {
    return std::any_of(offered->begin(), offered->end(), matches);
  };
  const std::string_view major = core::major_of(version);
  const std::string way_out = fmt::format(
      "--upgrade-snapshot VERSION upgrades the snapshot first; versions: `aws rds "
      "describe-db-engine-versions --engine postgres --region {}`",
      draft.source.region);
  if (offered && !is_offered([&](const auto& one) { return core::major_of(one) == major; }))
    draft.obstacle(ErrorKind::unsupported,
                   fmt::format("RDS no longer restores PostgreSQL {}{}", version, since), way_out);
  else if (offered && !is_offered([&](const auto& one) { return one == version; }))
    draft.problem(
        Severity::warning,
        fmt::format("RDS no longer offers PostgreSQL {}, and may refuse to restore it", version),
        fmt::format("try it beside first, with --as; {}", way_out));
  else if (ended)
    draft.problem(Severity::note,
                  fmt::format("PostgreSQL {} has had no community support since {}", major, *end));
  return Done{};
}

Status judge_group(RestoreDraft& draft, std::string_view kind, const std::string& name) {
  if (name.empty() || name.starts_with("default")) return Done{};
  const Status there = draft.source.service->require_group(kind, name);
  if (there) return there;
  if (there.error().kind == ErrorKind::not_found) {
    draft.obstacle(
        ErrorKind::not_found, fmt::format("the {} {} is gone", kind, name),
        kind == "DBParameterGroup"
            ? "make it again, or name another with --parameter-group"
            : "make it again under the same name, or choose other settings (--settings)");
    return Done{};
  }
  TRY(try_to_know(draft, Result<Done>(there.error()), fmt::format("the {} {}", kind, name)));
  return Done{};
}

Status judge_groups(RestoreDraft& draft) {
  const core::InstanceSettings& wanted = draft.goal.wanted;
  TRY(judge_group(draft, "DBSubnetGroup", wanted.subnet_group));
  if (!wanted.parameter_groups.empty())
    TRY(judge_group(draft, "DBParameterGroup", wanted.parameter_groups.front()));
  if (!wanted.option_groups.empty())
    TRY(judge_group(draft, "OptionGroup", wanted.option_groups.front()));
  return Done{};
}

void judge_room_for_safety(RestoreDraft& draft, std::int64_t quota) {
  if (draft.goal.safety.empty() || !draft.facts.safety_status.empty()) return;
  const int used = draft.surveyed.region_snapshots;
  if (used < quota) return;
  draft.obstacle(
      ErrorKind::exhausted,
      fmt::format("{} of {} manual snapshots of {} are used, so the safety snapshot would "
                  "be refused",
                  used, quota, draft.source.region),
      "delete one that nobody needs, or add --no-safety-snapshot: the instance that gives "
      "way is renamed and kept in any case");
}

Status judge_room(RestoreDraft& draft) {
  const auto quotas =
      TRY(try_to_know(draft, draft.source.service->account_quotas(), "the quotas of the account"));
  const auto snapshots = quotas ? core::quota_of(*quotas, "ManualSnapshots") : std::nullopt;
  judge_room_for_safety(draft, snapshots.value_or(draft.options.snapshot_quota));
  if (!quotas) return Done{};
  const int storage = std::max(draft.goal.origin_gib.value_or(0),
                               draft.goal.wanted.allocated_storage_gib.value_or(0));
  for (core::Problem& one : core::missing_room(*quotas, storage, draft.source.region))
    draft.plan.problems.push_back(std::move(one));
  return Done{};
}

// What leads to, or from, the instance by an agreement of its own, which a restored one has no part
// in until somebody makes it anew.
Status judge_connections(RestoreDraft& draft, const SeenInstance& current) {
  aws::rds::RdsClient& service = *draft.source.service;
  const auto warn = [&](const std::optional<std::vector<std::string>>& found, std::string_view what,
                        std::string hint) {
    if (found && !found->empty())
      draft.problem(Severity::warning, fmt::format("{}: {}", what, fmt::join(*found, ", ")),
                    std::move(hint));
  };
  warn(current.replicas, "read replicas stay with the instance that gives way",
       "make new ones of the restored instance afterwards");
  warn(current.backup_replicas,
       "the replication of automated backups to another region stays with the instance that gives "
       "way",
       "start it anew afterwards: `aws rds start-db-instance-automated-backups-replication`");
  warn(TRY(try_to_know(draft, service.proxies_of(current.id), "RDS proxies")),
       "these RDS proxies lead to the instance that gives way",
       "register the restored instance as their target afterwards");
  warn(TRY(try_to_know(draft, service.integrations_of(current.arn), "zero-ETL integrations")),
       "these zero-ETL integrations read from the instance that gives way",
       "make new ones of the restored instance afterwards");
  warn(TRY(try_to_know(draft, service.event_subscriptions_of(current.id),
                       "RDS event subscriptions")),
       "these RDS event subscriptions name the instance that gives way",
       "see afterwards that they name the restored one: `aws rds describe-event-subscriptions`");
  return Done{};
}

Status judge_what_stays_behind(RestoreDraft& draft, const SeenInstance& current) {
  TRY(judge_connections(draft, current));
  const aws::rds::Snapshot* snapshot = draft.origin_snapshot();
  if (snapshot != nullptr && snapshot->resource_id != current.resource_id && !draft.open)
    draft.problem(Severity::warning,
                  fmt::format("{} ({}) is not the instance that the point was taken of ({})",
                              current.id, current.resource_id, snapshot->resource_id),
                  "it is renamed and kept, not deleted");
  return Done{};
}

void judge_settings(RestoreDraft& draft) {
  const core::InstanceSettings& wanted = draft.goal.wanted;
  if (draft.goal.choice == SettingsChoice::defaults)
    draft.problem(Severity::warning,
                  "the instance gets RDS's default settings: the default security group (so nobody "
                  "may be able to connect), default parameters, one zone",
                  "set them afterwards with `aws rds modify-db-instance`");
  if (wanted.managed_password)
    draft.problem(Severity::note, "RDS makes a new secret for the master password",
                  "let applications read the new one: see the instance's MasterUserSecret");
  else if (!draft.goal.set_password)
    draft.problem(Severity::note, "the master password will be that of the moment restored",
                  "--master-password-file sets another");
}

}  // namespace

Status judge_restore(RestoreDraft& draft) {
  // What the first step would meet, told before it is tried.
  const core::NextStep first = core::next_restore_step(draft.goal, draft.facts);
  if (first.act == core::RestoreAct::stop)
    draft.obstacle(first.error->kind, first.error->message, first.error->hint);
  if (!core::is_restored(draft.facts.target, draft.goal.operation)) {
    TRY(judge_version(draft));
    TRY(judge_groups(draft));
    TRY(judge_room(draft));
  }
  const SeenInstance* current = draft.current_instance();
  if (current != nullptr && draft.goal.in_place) TRY(judge_what_stays_behind(draft, *current));
  judge_settings(draft);
  return Done{};
}

}  // namespace tidemark::ops
