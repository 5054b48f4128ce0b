// Gathers what `doctor` judges: every question that it asks of AWS, of the bucket and of this
// machine.
#pragma once

#include <string>
#include <vector>

#include "cli/session.h"
#include "doctor/facts.h"

namespace tidemark::cli {

struct DoctorOptions {
  std::vector<std::string> application_users;  // ARNs whose policies are asked about
  std::vector<std::string> files_buckets;      // "name", of the application's files
};

// Never fails as a whole: what cannot be looked at carries its error in the facts. Stops early,
// with errors in what is left, when the process shall stop.
doctor::Facts gather_facts(const Context& context, Session& session, const DoctorOptions& options);

// -- its parts
// -------------------------------------------------------------------------------------

std::vector<Result<doctor::Instance>> look_at_instances(Session& session);
std::vector<Result<doctor::Snapshots>> look_at_snapshots(const Context& context, Session& session);
std::vector<doctor::Bucket> look_at_buckets(const Context& context, Session& session,
                                            const DoctorOptions& options);
std::vector<doctor::Principal> look_at_principals(const Context& context, Session& session,
                                                  const std::string& own_arn,
                                                  const DoctorOptions& options);
doctor::Host look_at_host(const Context& context, Session& session);

// When `verify` read the repository whole on this machine last. It is a cache: losing it makes
// doctor ask for a verify.
void remember_verified(const Context& context, const config::Config& config);
Result<std::optional<TimePoint>> last_verified(const config::Config& config);

}  // namespace tidemark::cli
