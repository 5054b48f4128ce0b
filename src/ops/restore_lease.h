// The lease of a restore: a tag that says who is at it now, so that two operators do not both go on
// without knowing. It is renewed while the work goes on and believed for kLeaseLength. On the same
// machine the process itself is looked at: of one that is dead the lease is worth nothing, and of
// one that runs it holds whatever its age.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "aws/rds/rds_client.h"
#include "base/process_identity.h"
#include "core/restore_steps.h"

namespace tidemark::ops {

using core::kRunnerTag;
inline constexpr Seconds kLeaseLength = std::chrono::minutes(3);
inline constexpr Seconds kLeaseRenewal = std::chrono::seconds(30);

struct Lease {
  std::string holder;  // ProcessIdentity::text()
  TimePoint renewed;
};

std::string lease_value(const ProcessIdentity& holder, TimePoint now);
std::optional<Lease> read_lease(const core::Tags& tags);

// Fails with locked, naming the holder, when another process has the lease, or took it from us.
Status require_free_lease(const core::SeenInstance& carrier, const ProcessIdentity& self,
                          TimePoint now);

// Before what cannot be taken back: fails also, with conflict, when nobody has it.
Status require_own_lease(const core::SeenInstance& carrier, const ProcessIdentity& self,
                         TimePoint now);

// Takes or renews the lease on the instance that carries it, if it is free or ours.
Status hold_lease(aws::rds::RdsClient& service, const core::SeenInstance& carrier,
                  const ProcessIdentity& self, TimePoint now);

// Renews the lease in the tags of the instance of that name, as the service shows it now. Fails
// with locked when another process has it.
Status renew_lease(aws::rds::RdsClient& service, const std::string& carrier_id,
                   const ProcessIdentity& self, TimePoint now);

// Does work that may take hours, and meanwhile, each time so long has passed, renews: in a thread
// of its own, which has ended when this returns. Nothing that renew uses may be used by work.
Status while_renewing(const std::function<Status()>& renew, Millis every,
                      const std::function<Status()>& work);

// Gives it up, so that the next run need not wait. A failure only means that it has to.
void give_up_lease(aws::rds::RdsClient& service, const core::SeenInstance& carrier);

}  // namespace tidemark::ops
