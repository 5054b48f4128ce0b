// What an instance's status means to us (RDS user guide, "Viewing DB instance status").
#pragma once

#include <string_view>

namespace tidemark::core {

enum class InstancePhase {
  ready,    // takes connections and changes
  moving,   // between two states, by itself; also every status that we do not know
  stopped,  // by somebody's wish
  full,     // out of storage: takes changes, but no snapshot
  broken,   // will not mend itself
  leaving,  // being deleted
};

constexpr InstancePhase phase_of_instance(std::string_view status) {
  if (status == "available" || status == "storage-optimization") return InstancePhase::ready;
  if (status == "stopped" || status == "stopping") return InstancePhase::stopped;
  if (status == "storage-full") return InstancePhase::full;
  if (status == "deleting") return InstancePhase::leaving;
  const bool broken = status == "failed" || status == "restore-error" ||
                      status.starts_with("incompatible-") || status.starts_with("inaccessible-") ||
                      status.starts_with("insufficient-");
  return broken ? InstancePhase::broken : InstancePhase::moving;
}

}  // namespace tidemark::core
