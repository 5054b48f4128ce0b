#include "aws/rds/rds_client.h"

#include <fmt/format.h>

#include "aws/rds/instance_calls.h"
#include "aws/rds/rds_xml.h"

namespace tidemark::aws::rds {
namespace {

constexpr std::string_view kPageRecords = "100";  // the most that the service gives at once

Error no_such(std::string_view what, const std::string& id) {
  return Error{ErrorKind::not_found, fmt::format("there is no {} {}", what, id)};
}

}  // namespace

Result<Instance> RdsClient::instance(const std::string& id) {
  const auto answer = TRY(query_.call("DescribeDBInstances", {{"DBInstanceIdentifier", id}}));
  const XmlNode first = result_of(answer).child("DBInstances").child("DBInstance");
  if (!first) return no_such("instance", id);
  return read_instance(first);
}

Status RdsClient::each_instance(const std::function<Status(Instance)>& visit) {
  return query_.for_each_page(
      "DescribeDBInstances", {{"MaxRecords", std::string(kPageRecords)}},
      [&](const XmlNode& result) -> Status {
        const XmlNode list = result.child("DBInstances");
        if (!list) return Error{ErrorKind::corrupt, "a page of instances has no list in it"};
        for (const XmlNode& node : list.children("DBInstance")) {
          Instance instance = TRY(read_instance(node));
          TRY(visit(std::move(instance)));
        }
        return Done{};
      });
}

Status RdsClient::each_manual_snapshot(const std::function<Status(Snapshot)>& visit) {
  return query_.for_each_page(
      "DescribeDBSnapshots",
      {{"SnapshotType", "manual"}, {"MaxRecords", std::string(kPageRecords)}},
      [&](const XmlNode& result) -> Status {
        const XmlNode list = result.child("DBSnapshots");
        // Without its list an answer says nothing; it does not say that there are none.
        if (!list) return Error{ErrorKind::corrupt, "a page of snapshots has no list in it"};
        for (const XmlNode& node : list.children("DBSnapshot")) {
          Snapshot snapshot = TRY(read_snapshot(node));
          TRY(visit(std::move(snapshot)));
        }
        return Done{};
      });
}

Result<Snapshot> RdsClient::snapshot(const std::string& id) {
  const auto answer = TRY(query_.call("DescribeDBSnapshots", {{"DBSnapshotIdentifier", id}}));
  const XmlNode first = result_of(answer).child("DBSnapshots").child("DBSnapshot");
  if (!first) return no_such("snapshot", id);
  return read_snapshot(first);
}

Result<Snapshot> RdsClient::create_snapshot(const std::string& id, const std::string& instance_id,
                                            const core::Tags& tags) {
  Params params = {{"DBSnapshotIdentifier", id}, {"DBInstanceIdentifier", instance_id}};
  add_tag_parameters(params, tags);
  const auto answer = TRY(query_.call("CreateDBSnapshot", params));
  const XmlNode node = result_of(answer).child("DBSnapshot");
  // An answer without the snapshot proves nothing: ask what there is.
  if (!node) return snapshot(id);
  return read_snapshot(node);
}

Result<Instance> RdsClient::restore_from_snapshot(const std::string& id,
                                                  const std::string& snapshot, Params params) {
  params.emplace_back("DBInstanceIdentifier", id);
  params.emplace_back("DBSnapshotIdentifier", snapshot);
  return made_instance("RestoreDBInstanceFromDBSnapshot", id, params);
}

Result<Instance> RdsClient::restore_to_time(const std::string& id, const std::string& resource_id,
                                            std::optional<TimePoint> time, Params params) {
  params.emplace_back("TargetDBInstanceIdentifier", id);
  params.emplace_back("SourceDbiResourceId", resource_id);
  // The latest restorable time itself is refused as a RestoreTime.
  if (time)
    params.emplace_back("RestoreTime", format_time(*time));
  else
    params.emplace_back("UseLatestRestorableTime", "true");
  return made_instance("RestoreDBInstanceToPointInTime", id, params);
}

Result<Instance> RdsClient::made_instance(std::string_view action, const std::string& id,
                                          const Params& params) {
  const auto answer = TRY(query_.call(action, params));
  const XmlNode node = result_of(answer).child("DBInstance");
  // An answer without the instance proves nothing: ask what there is.
  if (!node) return instance(id);
  return read_instance(node);
}

Status RdsClient::modify_instance(const std::string& id, Params params) {
  params.emplace_back("DBInstanceIdentifier", id);
  TRY(query_.call("ModifyDBInstance", params));
  return Done{};
}

Status RdsClient::rename_instance(const std::string& id, const std::string& new_id) {
  return modify_instance(id, {{"NewDBInstanceIdentifier", new_id}, {"ApplyImmediately", "true"}});
}

Status RdsClient::protect_instance(const std::string& id) {
  return modify_instance(id, {{"DeletionProtection", "true"}, {"ApplyImmediately", "true"}});
}

Status RdsClient::unprotect_instance(const std::string& id) {
  return modify_instance(id, {{"DeletionProtection", "false"}, {"ApplyImmediately", "true"}});
}

Status RdsClient::reboot_instance(const std::string& id) {
  TRY(query_.call("RebootDBInstance", {{"DBInstanceIdentifier", id}}));
  return Done{};
}

Status RdsClient::add_role(const std::string& id, const core::AssociatedRole& role) {
  TRY(query_.call(
      "AddRoleToDBInstance",
      {{"DBInstanceIdentifier", id}, {"RoleArn", role.arn}, {"FeatureName", role.feature}}));
  return Done{};
}

Status RdsClient::delete_instance(const std::string& id, const std::string& final_snapshot) {
  Params params = {{"DBInstanceIdentifier", id}, {"DeleteAutomatedBackups", "false"}};
  if (final_snapshot.empty())
    params.emplace_back("SkipFinalSnapshot", "true");
  else
    params.emplace_back("FinalDBSnapshotIdentifier", final_snapshot);
  TRY(query_.call("DeleteDBInstance", params, Attempts::one));
  return Done{};
}

Status RdsClient::delete_unborn_instance(const std::string& id) {
  // Should the name be another instance's by now, its automated backups are left all the same.
  return delete_instance(id, "");
}

Result<std::vector<AutomatedBackup>> RdsClient::automated_backups() {
  std::vector<AutomatedBackup> all;
  const auto read_page = [&](const XmlNode& result) -> Status {
    const XmlNode list = result.child("DBInstanceAutomatedBackups");
    if (!list) return Error{ErrorKind::corrupt, "a page of automated backups has no list in it"};
    for (const XmlNode& node : list.children("DBInstanceAutomatedBackup"))
      all.push_back(TRY(read_automated_backup(node)));
    return Done{};
  };
  TRY(query_.for_each_page("DescribeDBInstanceAutomatedBackups",
                           {{"MaxRecords", std::string(kPageRecords)}}, read_page));
  return all;
}

Result<std::vector<std::string>> RdsClient::engine_versions() {
  std::vector<std::string> versions;
  TRY(query_.for_each_page("DescribeDBEngineVersions",
                           {{"Engine", "postgres"}, {"MaxRecords", std::string(kPageRecords)}},
                           [&](const XmlNode& result) -> Status {
                             for (const XmlNode& one :
                                  result.child("DBEngineVersions").children("DBEngineVersion"))
                               versions.push_back(one.text("EngineVersion"));
                             return Done{};
                           }));
  return versions;
}

Result<std::vector<std::string>> RdsClient::proxies_of(const std::string& instance_id) {
  std::vector<std::string> names;
  TRY(query_.for_each_page("DescribeDBProxies", {}, [&](const XmlNode& result) -> Status {
    for (const XmlNode& proxy : result.child("DBProxies").children("member"))
      names.push_back(proxy.text("DBProxyName"));
    return Done{};
  }));
  std::vector<std::string> leading;
  for (const std::string& name : names)
    TRY(query_.for_each_page(
        "DescribeDBProxyTargets", {{"DBProxyName", name}}, [&](const XmlNode& result) -> Status {
          for (const XmlNode& target : result.child("Targets").children("member"))
            if (target.text("RdsResourceId") == instance_id &&
                (leading.empty() || leading.back() != name))
              leading.push_back(name);
          return Done{};
        }));
  return leading;
}

Result<std::vector<std::string>> RdsClient::event_subscriptions_of(const std::string& instance_id) {
  std::vector<std::string> names;
  TRY(query_.for_each_page(
      "DescribeEventSubscriptions", {{"MaxRecords", std::string(kPageRecords)}},
      [&](const XmlNode& result) -> Status {
        for (const XmlNode& one :
             result.child("EventSubscriptionsList").children("EventSubscription"))
          for (const XmlNode& source : one.child("SourceIdsList").children("SourceId"))
            if (one.text("SourceType") == "db-instance" && source.text() == instance_id)
              names.push_back(one.text("CustSubscriptionId"));
        return Done{};
      }));
  return names;
}

Result<std::vector<std::string>> RdsClient::integrations_of(const std::string& instance_arn) {
  std::vector<std::string> names;
  TRY(query_.for_each_page("DescribeIntegrations", {{"MaxRecords", std::string(kPageRecords)}},
                           [&](const XmlNode& result) -> Status {
                             for (const XmlNode& one :
                                  result.child("Integrations").children("Integration"))
                               if (one.text("SourceArn") == instance_arn)
                                 names.push_back(one.text("IntegrationName"));
                             return Done{};
                           }));
  return names;
}

Result<std::vector<core::AccountQuota>> RdsClient::account_quotas() {
  const auto answer = TRY(query_.call("DescribeAccountAttributes", {}));
  const XmlNode list = result_of(answer).child("AccountQuotas");
  if (!list) return Error{ErrorKind::corrupt, "an answer about the account has no quotas in it"};
  std::vector<core::AccountQuota> quotas;
  for (const XmlNode& node : list.children("AccountQuota")) {
    const auto used = TRY(node.integer("Used"));
    const auto max = TRY(node.integer("Max"));
    if (used && max) quotas.push_back({node.text("AccountQuotaName"), *used, *max});
  }
  return quotas;
}

Status RdsClient::require_group(std::string_view kind, const std::string& name) {
  const std::string action = fmt::format("Describe{}s", kind);
  TRY(query_.call(action, {{fmt::format("{}Name", kind), name}}));
  return Done{};
}

Status RdsClient::upgrade_snapshot(const std::string& id, const std::string& engine_version) {
  TRY(query_.call("ModifyDBSnapshot",
                  {{"DBSnapshotIdentifier", id}, {"EngineVersion", engine_version}}));
  return Done{};
}

Status RdsClient::delete_snapshot(const std::string& id) {
  TRY(query_.call("DeleteDBSnapshot", {{"DBSnapshotIdentifier", id}}));
  return Done{};
}

Status RdsClient::add_tags(const std::string& arn, const core::Tags& tags) {
  Params params = {{"ResourceName", arn}};
  add_tag_parameters(params, tags);
  TRY(query_.call("AddTagsToResource", params));
  return Done{};
}

Status RdsClient::remove_tags(const std::string& arn, const std::vector<std::string>& keys) {
  Params params = {{"ResourceName", arn}};
  for (std::size_t i = 0; i < keys.size(); ++i)
    params.emplace_back(fmt::format("TagKeys.member.{}", i + 1), keys[i]);
  TRY(query_.call("RemoveTagsFromResource", params));
  return Done{};
}

}  // namespace tidemark::aws::rds
