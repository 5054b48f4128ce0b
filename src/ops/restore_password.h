// A new master password of an instance: RDS takes it at once and applies it later.
#pragma once

#include <functional>
#include <string>

#include "aws/rds/rds_client.h"
#include "base/secret.h"
#include "ops/step_loop.h"

namespace tidemark::ops {

// Sets it and waits until it holds, as long as the limits allow: what is marked as done is not done
// again. Calls renew about as often as a lease has to be renewed. Fails with timed_out.
Status apply_password(aws::rds::RdsClient& service, const std::string& instance,
                      const Secret& password, const StepLimits& limits, Clock& clock,
                      const std::function<Status()>& renew);

}  // namespace tidemark::ops
