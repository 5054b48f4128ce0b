#include "ops/restore_password.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/instance_status.h"
#include "ops/restore_lease.h"

namespace tidemark::ops {

Status apply_password(aws::rds::RdsClient& service, const std::string& instance,
                      const Secret& password, const StepLimits& limits, Clock& clock,
                      const std::function<Status()>& renew) {
  TRY(service.modify_instance(instance, {{"MasterUserPassword", std::string(password.reveal())},
                                         {"ApplyImmediately", "true"}}));
  const Millis end = clock.steady() + limits.deadline;
  Millis renewed = clock.steady();
  for (Millis pause = limits.pause_first;;) {
    if (clock.steady() - renewed > kLeaseRenewal) {
      TRY(renew());
      renewed = clock.steady();
    }
    const auto seen = service.instance(instance);
    if (!seen && seen.error().kind != ErrorKind::unavailable) return seen.error();
    if (seen && !seen->pending.contains("password") &&
        core::phase_of_instance(seen->status) == core::InstancePhase::ready)
      return Done{};
    if (clock.steady() + pause > end)
      return Error{ErrorKind::timed_out,
                   fmt::format("the new master password of {} is not applied yet", instance)};
    TRY(clock.sleep(pause));
    pause = std::min(pause * 2, limits.pause_max);
  }
}

}  // namespace tidemark::ops
