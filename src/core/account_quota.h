// What the account may have of the service, and whether a restore fits into it. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/problem.h"

namespace tidemark::core {

// API reference, AccountQuota: of the account in one region.
struct AccountQuota {
  std::string name;  // "DBInstances", "AllocatedStorage" (GiB), "ManualSnapshots", ...
  std::int64_t used = 0;
  std::int64_t max = 0;
};

std::optional<std::int64_t> quota_of(std::span<const AccountQuota> quotas, std::string_view name);

// What is missing for one more instance with that much storage: a restore in place needs it too,
// since the instance that gives way is kept. Each is critical, and exhausted.
std::vector<Problem> missing_room(std::span<const AccountQuota> quotas, int storage_gib,
                                  std::string_view region);

}  // namespace tidemark::core
