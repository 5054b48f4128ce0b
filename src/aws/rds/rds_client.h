// The calls of the RDS API that Tidemark makes, each with what can come of it.
//
// Errors keep the service's code and message. Retries and paging happen below (aws/wire).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "aws/rds/model.h"
#include "aws/wire/query_client.h"
#include "core/account_quota.h"

namespace tidemark::aws::rds {

// Borrows the query client. Not thread-safe.
class RdsClient {
 public:
  explicit RdsClient(QueryClient& query) : query_(query) {}

  // Fails with not_found when there is none of that name.
  Result<Instance> instance(const std::string& id);

  // Every instance of the account in this region, page by page.
  Status each_instance(const std::function<Status(Instance)>& visit);

  // Every manual snapshot of the account in this region, page by page. Snapshots of another engine
  // or owner are the caller's to skip.
  Status each_manual_snapshot(const std::function<Status(Snapshot)>& visit);

  // Fails with not_found.
  Result<Snapshot> snapshot(const std::string& id);

  // Asks for a snapshot. Fails with already_exists when the name is taken, which after a lost reply
  // may be by this very call: the caller looks.
  Result<Snapshot> create_snapshot(const std::string& id, const std::string& instance_id,
                                   const core::Tags& tags);

  // Makes an instance of a snapshot, or of the automated backups of an instance as they were at a
  // moment, or at the latest when none is given; the parameters are those of instance_calls.h.
  // Fails with already_exists when the identifier is taken, which after a lost reply may be by this
  // very call: the caller looks.
  Result<Instance> restore_from_snapshot(const std::string& id, const std::string& snapshot,
                                         Params params);
  Result<Instance> restore_to_time(const std::string& id, const std::string& resource_id,
                                   std::optional<TimePoint> time, Params params);

  Status modify_instance(const std::string& id, Params params);
  Status rename_instance(const std::string& id, const std::string& new_id);
  // From deletion, at once.
  Status protect_instance(const std::string& id);
  Status unprotect_instance(const std::string& id);
  Status reboot_instance(const std::string& id);
  Status add_role(const std::string& id, const core::AssociatedRole& role);

  // Its automated backups are retained. final_snapshot: a name, or empty for none. The call is made
  // once, whatever comes of it: by the time of a repetition another instance may have the name.
  Status delete_instance(const std::string& id, const std::string& final_snapshot);
  // Of an instance that never came up: there is nothing to keep.
  Status delete_unborn_instance(const std::string& id);

  // Automated backups, of instances that exist and of those that are gone.
  Result<std::vector<AutomatedBackup>> automated_backups();

  // The PostgreSQL versions of which RDS makes instances now, such as "15.7".
  Result<std::vector<std::string>> engine_versions();

  // Names of the RDS proxies that lead to the instance.
  Result<std::vector<std::string>> proxies_of(const std::string& instance_id);

  // Names of the event subscriptions that name the instance among their sources.
  Result<std::vector<std::string>> event_subscriptions_of(const std::string& instance_id);

  // Names of the zero-ETL integrations that replicate from the instance.
  Result<std::vector<std::string>> integrations_of(const std::string& instance_arn);

  // What the account may have in this region, and has.
  Result<std::vector<core::AccountQuota>> account_quotas();

  // Done when there is a group of that name; fails with not_found. kind: "DBParameterGroup",
  // "DBSubnetGroup" or "OptionGroup".
  Status require_group(std::string_view kind, const std::string& name);

  // Upgrades the snapshot itself to another version of PostgreSQL; there is no way back.
  Status upgrade_snapshot(const std::string& id, const std::string& engine_version);

  Status delete_snapshot(const std::string& id);
  Status add_tags(const std::string& arn, const core::Tags& tags);
  Status remove_tags(const std::string& arn, const std::vector<std::string>& keys);

  // The service's clock minus ours, by its last answer; nullopt before the first.
  std::optional<Millis> clock_skew() const { return query_.clock_skew(); }
  std::uint64_t call_count() const { return query_.call_count(); }

 private:
  Result<Instance> made_instance(std::string_view action, const std::string& id,
                                 const Params& params);

  QueryClient& query_;
};

}  // namespace tidemark::aws::rds
