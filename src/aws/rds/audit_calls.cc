#include "aws/rds/audit_calls.h"

#include <fmt/format.h>

namespace tidemark::aws::rds {

Result<std::vector<std::string>> shared_with(QueryClient& query, const std::string& snapshot) {
  const auto answer =
      TRY(query.call("DescribeDBSnapshotAttributes", {{"DBSnapshotIdentifier", snapshot}}));
  const XmlNode list =
      result_of(answer).child("DBSnapshotAttributesResult").child("DBSnapshotAttributes");
  if (!list)
    return Error{ErrorKind::corrupt,
                 fmt::format("an answer about snapshot {} has no attributes in it", snapshot)};
  std::vector<std::string> accounts;
  for (const XmlNode& attribute : list.children("DBSnapshotAttribute"))
    if (attribute.text("AttributeName") == "restore")
      for (const XmlNode& value : attribute.child("AttributeValues").children("AttributeValue"))
        accounts.push_back(value.text());
  return accounts;
}

Result<std::string> parameter_of(QueryClient& query, const std::string& group,
                                 const std::string& parameter) {
  std::optional<std::string> found;
  TRY(query.for_each_page(
      "DescribeDBParameters", {{"DBParameterGroupName", group}, {"MaxRecords", "100"}},
      [&](const XmlNode& result) -> Status {
        for (const XmlNode& one : result.child("Parameters").children("Parameter"))
          if (one.text("ParameterName") == parameter) found = one.text("ParameterValue");
        return Done{};
      }));
  if (found) return *found;
  return Error{ErrorKind::not_found, fmt::format("parameter group {} has no {}", group, parameter)};
}

}  // namespace tidemark::aws::rds
