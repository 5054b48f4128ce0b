#include "ops/restore_world.h"

#include <algorithm>

namespace tidemark::ops {
namespace {

using core::RestoreMark;
using core::RestorePhase;
using core::RestoreRole;
using core::SeenInstance;

bool has_role(const SeenInstance& instance, const std::string& operation, RestoreRole role) {
  const auto mark = instance.mark();
  return mark && mark->operation == operation && mark->role == role;
}

}  // namespace

SeenInstance to_seen(const aws::rds::Instance& instance) {
  return {.id = instance.id,
          .resource_id = instance.settings.resource_id,
          .arn = instance.arn,
          .status = instance.status,
          .address = instance.endpoint_address,
          .settings = instance.settings,
          .pending = instance.pending,
          .reboot_pending = instance.reboot_pending,
          .created = instance.created,
          .latest_restorable = instance.latest_restorable,
          .replicas = instance.replicas,
          .backup_replicas = instance.backup_replicas};
}

const SeenInstance* RestoreWorld::by_id(const std::string& id) const {
  for (const SeenInstance& one : instances)
    if (one.id == id) return &one;
  return nullptr;
}

const SeenInstance* RestoreWorld::by_resource(const std::string& resource_id) const {
  for (const SeenInstance& one : instances)
    if (one.resource_id == resource_id && !resource_id.empty()) return &one;
  return nullptr;
}

const SeenInstance* RestoreWorld::replaced_by(const std::string& operation) const {
  for (const SeenInstance& one : instances)
    if (has_role(one, operation, RestoreRole::replaced)) return &one;
  return nullptr;
}

const SeenInstance* RestoreWorld::kept_for(const std::string& identifier) const {
  for (const SeenInstance& one : instances) {
    const auto mark = one.mark();
    if (mark && mark->role == RestoreRole::replaced && mark->identifier == identifier &&
        mark->phase == core::RestorePhase::done && one.id != identifier)
      return &one;
  }
  return nullptr;
}

Result<RestoreWorld> see_world(aws::rds::RdsClient& service) {
  RestoreWorld world;
  TRY(service.each_instance([&](aws::rds::Instance instance) -> Status {
    world.instances.push_back(to_seen(instance));
    return Done{};
  }));
  return world;
}

std::string new_operation(const RestoreWorld& world, TimePoint now) {
  std::set<std::string> taken;
  for (const SeenInstance& one : world.instances)
    if (const auto mark = one.mark()) taken.insert(mark->operation);
  while (taken.contains(core::operation_name(now))) now += Seconds(1);
  return core::operation_name(now);
}

bool is_unproven(const RestoreWorld& world, const std::string& resource_id) {
  const SeenInstance* instance = world.by_resource(resource_id);
  const auto mark = instance == nullptr ? std::nullopt : instance->mark();
  if (!mark) return false;
  return mark->role == RestoreRole::discarded ||
         (mark->role == RestoreRole::restored && mark->phase == RestorePhase::open);
}

std::optional<RestoreMark> open_restore(const RestoreWorld& world, const std::string& identifier) {
  std::optional<RestoreMark> newest;
  for (const SeenInstance& one : world.instances) {
    const auto mark = one.mark();
    if (!mark || mark->identifier != identifier || mark->role == RestoreRole::discarded) continue;
    const bool under_way =
        mark->phase == RestorePhase::open || mark->phase == RestorePhase::rolling_back;
    const bool newer =
        !newest || mark->operation > newest->operation ||
        (mark->operation == newest->operation && mark->role == RestoreRole::restored);
    if (under_way && newer) newest = mark;
  }
  return newest;
}

}  // namespace tidemark::ops
