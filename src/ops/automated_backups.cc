#include "ops/automated_backups.h"

#include <tuple>

namespace tidemark::ops {
namespace {

using aws::rds::AutomatedBackup;

// "arn:aws:rds:eu-west-1:111122223333:db:orders"
std::string_view region_of(const AutomatedBackup& backup) {
  std::string_view rest = backup.instance_arn;
  for (int part = 0; part < 3; ++part) {
    const auto colon = rest.find(':');
    if (colon == rest.npos) return {};
    rest.remove_prefix(colon + 1);
  }
  return rest.substr(0, rest.find(':'));
}

bool belongs(const AutomatedBackup& backup, const BackupOwner& owner) {
  if (region_of(backup) != owner.region) return false;
  return owner.resource_id.empty() ? backup.instance_id == owner.instance_id
                                   : backup.resource_id == owner.resource_id;
}

}  // namespace

std::optional<AutomatedBackup> backup_of(std::span<const AutomatedBackup> backups,
                                         const BackupOwner& owner) {
  std::optional<AutomatedBackup> best;
  const auto rank = [&](const AutomatedBackup& one) {
    return std::tuple(owner.ancestors.contains(one.resource_id), one.latest);
  };
  for (const AutomatedBackup& one : backups)
    if (belongs(one, owner) && (!best || rank(one) > rank(*best))) best = one;
  return best;
}

}  // namespace tidemark::ops
