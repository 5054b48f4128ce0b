// The judgement of `doctor`: what it looked at in, findings out. Pure.
#pragma once

#include <vector>

#include "doctor/facts.h"
#include "doctor/finding.h"

namespace tidemark::doctor {

using Findings = std::vector<Finding>;

// All of it, worst first.
Findings diagnose(const Facts& facts, TimePoint now);

// -- its parts
// -------------------------------------------------------------------------------------

void check_credentials(const Credentials& credentials, TimePoint now, Findings& findings);
void check_principal(const Principal& principal, Findings& findings);
void check_instance(const Instance& instance, TimePoint now, Findings& findings);
void check_snapshots(const Snapshots& snapshots, TimePoint now, Findings& findings);
void check_bucket(const Bucket& bucket, Findings& findings);
void check_bucket_policy(const Bucket& bucket, const std::string& policy, Findings& findings);
void check_repository(const Repository& repository, TimePoint now, Findings& findings);
void check_host(const Host& host, Findings& findings);

}  // namespace tidemark::doctor
