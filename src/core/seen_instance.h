// An instance as a restore sees it, with the mark that it bears.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/time.h"
#include "core/instance_settings.h"
#include "core/restore_mark.h"

namespace tidemark::core {

// An instance as the service shows it.
struct SeenInstance {
  std::string id;
  std::string resource_id;
  std::string arn;
  std::string status;
  std::string address;  // of its endpoint; empty while it has none
  InstanceSettings settings;
  // Names of settings that are on their way, as in docs/snapshot-tags.md; also "identifier" and
  // "password".
  std::set<std::string> pending;
  bool reboot_pending = false;  // a parameter group waits for a restart
  std::optional<TimePoint> created;
  std::optional<TimePoint> latest_restorable;
  std::vector<std::string> replicas;
  std::vector<std::string> backup_replicas = {};  // ARNs of its automated backups elsewhere

  // As they are without the protection that a restore gave it.
  InstanceSettings own_settings() const {
    InstanceSettings own = settings;
    const auto borne = mark();
    if (borne && borne->role == RestoreRole::replaced && borne->was_protected)
      own.deletion_protection = *borne->was_protected;
    return own;
  }

  // RDS copies tags to snapshots and to what is restored from them: another's mark is none.
  std::optional<RestoreMark> mark() const {
    auto mark = read_mark(settings.tags);
    const bool is_copy = mark && !mark->bearer.empty() && mark->bearer != resource_id;
    return is_copy ? std::nullopt : mark;
  }
};

}  // namespace tidemark::core
