#include "core/account_quota.h"

#include <fmt/format.h>

namespace tidemark::core {

std::optional<std::int64_t> quota_of(std::span<const AccountQuota> quotas, std::string_view name) {
  for (const AccountQuota& quota : quotas)
    if (quota.name == name) return quota.max;
  return std::nullopt;
}

std::vector<Problem> missing_room(std::span<const AccountQuota> quotas, int storage_gib,
                                  std::string_view region) {
  std::vector<Problem> problems;
  const auto add = [&](std::string message, std::string_view what) {
    problems.push_back({Severity::critical, std::move(message),
                        fmt::format("ask AWS to raise the quota of {} in {}, or delete what nobody "
                                    "needs: an instance that an earlier restore replaced goes with "
                                    "`tidemark restore retire`",
                                    what, region),
                        ErrorKind::exhausted});
  };
  for (const AccountQuota& quota : quotas) {
    if (quota.name == "DBInstances" && quota.used + 1 > quota.max)
      add(fmt::format("{} of {} DB instances of {} are used, and a restore needs one more: the one "
                      "that gives way is kept",
                      quota.used, quota.max, region),
          "DB instances");
    if (quota.name == "AllocatedStorage" && quota.used + storage_gib > quota.max)
      add(fmt::format("{} of {} GiB of storage of {} are used, and the restored instance needs {} "
                      "more",
                      quota.used, quota.max, region, storage_gib),
          "storage");
  }
  return problems;
}

}  // namespace tidemark::core
