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

namespace tidemark::aws::rds {

// Borrows the query client. Not thread-safe.
class RdsClient {
 public:
  explicit RdsClient(QueryClient& query) : query_(query) {}

  // Fails with not_found when there is none of that name.
  Result<Instance> instance(const std::string& id);

  // The instance that has this DbiResourceId whatever it is called now; nullopt when it is gone.
  Result<std::optional<Instance>> instance_by_resource(const std::string& resource_id);

  // Every manual snapshot of the account in this region, page by page. Snapshots of another engine
  // or owner are the caller's to skip.
  Status each_manual_snapshot(const std::function<Status(Snapshot)>& visit);

  // Fails with not_found.
  Result<Snapshot> snapshot(const std::string& id);

  // Asks for a snapshot. Fails with already_exists when the name is taken, which after a lost reply
  // may be by this very call: the caller looks.
  Result<Snapshot> create_snapshot(const std::string& id, const std::string& instance_id,
                                   const core::Tags& tags);

  Status delete_snapshot(const std::string& id);
  Status add_tags(const std::string& arn, const core::Tags& tags);
  Status remove_tags(const std::string& arn, const std::vector<std::string>& keys);

  // The service's clock minus ours, by its last answer; nullopt before the first.
  std::optional<Millis> clock_skew() const { return query_.clock_skew(); }
  std::uint64_t call_count() const { return query_.call_count(); }

 private:
  QueryClient& query_;
};

}  // namespace tidemark::aws::rds
