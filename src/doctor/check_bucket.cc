// A bucket's own settings; its policy is in check_bucket_policy.cc.
#include <algorithm>

#include <fmt/format.h>

#include "doctor/diagnose.h"

namespace tidemark::doctor {
namespace {

constexpr int kHistoryDaysMin = 30;
constexpr std::string_view kEverybody = "http://acs.amazonaws.com/groups/global/AllUsers";
constexpr std::string_view kAnyAccount =
    "http://acs.amazonaws.com/groups/global/AuthenticatedUsers";

// Of one bucket: where findings go, and what it is called.
struct Place {
  const Bucket& bucket;
  std::string object;
  Findings& findings;

  bool repository() const { return bucket.purpose == Purpose::repository; }
  std::string command(std::string_view call, std::string_view more) const {
    return fmt::format("aws s3api {} --bucket {} {}", call, bucket.settings.name, more);
  }
  void add(Severity severity, std::string check, std::string what, std::string means,
           std::string fix) const {
    findings.push_back(
        {severity, std::move(check), object, std::move(what), std::move(means), std::move(fix)});
  }
};

void check_versioning(const Place& place) {
  const auto& versioning = place.bucket.settings.versioning;
  if (!versioning) {
    place.findings.push_back(not_known("bucket-versioning", place.object, versioning.error()));
  } else if (!versioning->enabled) {
    place.add(Severity::critical, "bucket-versioning",
              versioning->suspended ? "has its versioning suspended" : "keeps no versions",
              place.repository() ? "a deletion, by a prune or by a thief, cannot be undone"
                                 : "an overwritten or deleted file is gone, and cannot be brought "
                                   "back beside a restored database",
              place.command("put-bucket-versioning", "--versioning-configuration Status=Enabled"));
  }
}

void check_lock(const Place& place) {
  const auto& lock = place.bucket.settings.object_lock;
  const auto& versioning = place.bucket.settings.versioning;
  const bool mfa_delete = versioning && versioning->mfa_delete;
  if (!lock)
    place.findings.push_back(not_known("bucket-object-lock", place.object, lock.error()));
  else if (!*lock && !mfa_delete)
    place.add(Severity::warning, "bucket-object-lock", "has neither Object Lock nor MFA delete",
              "whoever may delete versions, an administrator for example, ends its history at once",
              place.command("put-object-lock-configuration",
                            "--object-lock-configuration ObjectLockEnabled=Enabled"));
}

void check_rule(const Place& place, const core::LifecycleRule& rule) {
  if (!rule.enabled) return;
  const std::string name = fmt::format("lifecycle rule '{}'", rule.id);
  const std::string fix =
      place.command("get-bucket-lifecycle-configuration", "   # then put it without that rule");
  if (rule.noncurrent_days && *rule.noncurrent_days < kHistoryDaysMin)
    place.add(
        Severity::critical, "bucket-lifecycle-noncurrent",
        fmt::format("{} destroys earlier versions after {} days", name, *rule.noncurrent_days),
        "damage that is noticed later than that cannot be undone", fix);
  else if (rule.noncurrent_days)
    place.add(
        Severity::note, "bucket-lifecycle-noncurrent",
        fmt::format("{} destroys earlier versions after {} days", name, *rule.noncurrent_days),
        "its history goes back that far", fix);
  if (!rule.expiration_days) return;
  if (place.repository())
    place.add(Severity::critical, "bucket-lifecycle-expiration",
              fmt::format("{} deletes objects by their age", name),
              "packs are shared by archives old and new: every archive breaks", fix);
  else
    place.add(Severity::warning, "bucket-lifecycle-expiration",
              fmt::format("{} deletes files by their age", name),
              "rows of a restored database name files that are gone by then", fix);
}

void check_lifecycle(const Place& place) {
  const auto& rules = place.bucket.settings.lifecycle;
  if (!rules) {
    place.findings.push_back(not_known("bucket-lifecycle", place.object, rules.error()));
    return;
  }
  for (const core::LifecycleRule& rule : *rules) check_rule(place, rule);
}

void check_grants(const Place& place) {
  const auto& grants = place.bucket.settings.grants;
  if (!grants) {
    place.findings.push_back(not_known("bucket-acl", place.object, grants.error()));
    return;
  }
  for (const core::Grant& grant : *grants) {
    if (grant.to_owner) continue;
    const bool everybody = grant.grantee == kEverybody || grant.grantee == kAnyAccount;
    const bool reads = grant.permission == "READ" || grant.permission == "READ_ACP";
    place.add(
        everybody && !reads ? Severity::critical : Severity::warning,
        "bucket-acl-" + grant.permission,
        fmt::format("its ACL gives {} to {}", grant.permission,
                    everybody ? "everybody" : grant.grantee),
        reads ? "its listing can be read by others" : "others can write into it, or change who may",
        place.command("put-bucket-acl", "--acl private"));
  }
}

void check_public_access(const Place& place) {
  const auto& block = place.bucket.settings.public_access;
  if (!block) {
    place.findings.push_back(not_known("bucket-public-access", place.object, block.error()));
    return;
  }
  const core::PublicAccessBlock found = block->value_or(core::PublicAccessBlock{});
  if (found.acls && found.ignores_acls && found.policy && found.restricts) return;
  place.add(Severity::warning, "bucket-public-access", "does not block public access in all ways",
            "one wrong ACL or policy opens it to everybody",
            place.command("put-public-access-block",
                          "--public-access-block-configuration BlockPublicAcls=true,"
                          "IgnorePublicAcls=true,BlockPublicPolicy=true,"
                          "RestrictPublicBuckets=true"));
}

void check_replication(const Place& place) {
  const auto& replicated = place.bucket.settings.replicated;
  if (!replicated)
    place.findings.push_back(not_known("bucket-replication", place.object, replicated.error()));
  else if (!*replicated)
    place.add(Severity::warning, "bucket-replication", "has no copy in another region or account",
              "versions in one account are no backup: with the account, all of them are lost",
              "replicate it to a bucket of another account, without its deletions");
}

}  // namespace

void check_bucket(const Bucket& bucket, Findings& findings) {
  const Place place{bucket, "bucket " + bucket.settings.name, findings};
  check_versioning(place);
  check_lock(place);
  check_lifecycle(place);
  check_public_access(place);
  check_grants(place);
  check_replication(place);
  const auto& policy = bucket.settings.policy;
  if (policy)
    check_bucket_policy(bucket, *policy, findings);
  else
    findings.push_back(not_known("bucket-policy", place.object, policy.error()));
}

}  // namespace tidemark::doctor
