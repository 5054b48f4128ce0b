#include "doctor/diagnose.h"

namespace tidemark::doctor {

Findings diagnose(const Facts& facts, TimePoint now) {
  Findings findings;
  if (facts.credentials)
    check_credentials(*facts.credentials, now, findings);
  else
    findings.push_back(not_known("credentials", "credentials", facts.credentials.error()));
  for (const Principal& principal : facts.principals) check_principal(principal, findings);
  for (const Result<Instance>& instance : facts.instances) {
    if (instance)
      check_instance(*instance, now, findings);
    else
      findings.push_back(not_known("instance", "instance", instance.error()));
  }
  for (const Result<Snapshots>& snapshots : facts.snapshots) {
    if (snapshots)
      check_snapshots(*snapshots, now, findings);
    else
      findings.push_back(not_known("snapshots", "snapshots", snapshots.error()));
  }
  for (const Bucket& bucket : facts.buckets) check_bucket(bucket, findings);
  if (facts.repository) check_repository(*facts.repository, now, findings);
  check_host(facts.host, findings);
  sort_findings(findings);
  return findings;
}

}  // namespace tidemark::doctor
