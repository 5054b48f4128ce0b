#include "aws/rds/rds_client.h"

#include <fmt/format.h>

#include "aws/rds/rds_xml.h"

namespace tidemark::aws::rds {
namespace {

constexpr std::string_view kPageRecords = "100";  // the most that the service gives at once

// Lists in requests are numbered, and named after their members.
void add_tags_to(Params& params, const core::Tags& tags) {
  int number = 0;
  for (const auto& [key, value] : tags) {
    ++number;
    params.emplace_back(fmt::format("Tags.Tag.{}.Key", number), key);
    params.emplace_back(fmt::format("Tags.Tag.{}.Value", number), value);
  }
}

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

Result<std::optional<Instance>> RdsClient::instance_by_resource(const std::string& resource_id) {
  const auto answer =
      TRY(query_.call("DescribeDBInstances", {{"Filters.Filter.1.Name", "dbi-resource-id"},
                                              {"Filters.Filter.1.Values.Value.1", resource_id}}));
  const XmlNode first = result_of(answer).child("DBInstances").child("DBInstance");
  if (!first) return std::optional<Instance>();
  return std::optional(TRY(read_instance(first)));
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
  add_tags_to(params, tags);
  const auto answer = TRY(query_.call("CreateDBSnapshot", params));
  const XmlNode node = result_of(answer).child("DBSnapshot");
  // An answer without the snapshot proves nothing: ask what there is.
  if (!node) return snapshot(id);
  return read_snapshot(node);
}

Status RdsClient::delete_snapshot(const std::string& id) {
  TRY(query_.call("DeleteDBSnapshot", {{"DBSnapshotIdentifier", id}}));
  return Done{};
}

Status RdsClient::add_tags(const std::string& arn, const core::Tags& tags) {
  Params params = {{"ResourceName", arn}};
  add_tags_to(params, tags);
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
