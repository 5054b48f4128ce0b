// Which automated backups are a source's. Pure.
#pragma once

#include <optional>
#include <set>
#include <span>
#include <string>

#include "aws/rds/model.h"

namespace tidemark::ops {

struct BackupOwner {
  std::string resource_id;  // DbiResourceId of the instance there is; empty: it is gone
  std::string instance_id;
  std::string region;
  std::set<std::string> ancestors = {};  // DbiResourceIds that its points are of
};

// Those of the instance there is. Of one that is gone: the newest that an instance of its name in
// its region left, first of all one that its points are of. A region also lists backups that are
// replicated into it, of instances elsewhere that may have the same name: those are not meant.
std::optional<aws::rds::AutomatedBackup> backup_of(
    std::span<const aws::rds::AutomatedBackup> backups, const BackupOwner& owner);

}  // namespace tidemark::ops
