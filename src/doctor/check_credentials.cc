// Whose credentials, until when, and what more they may than they should.
#include <algorithm>

#include <fmt/format.h>

#include "doctor/dangers.h"
#include "doctor/diagnose.h"

namespace tidemark::doctor {
namespace {

constexpr Seconds kExpiresSoon = std::chrono::minutes(15);

const Danger* danger_of(std::string_view action) {
  for (const auto& dangers : {bucket_dangers(), snapshot_dangers()})
    for (const Danger& danger : dangers)
      if (danger.action == action) return &danger;
  return nullptr;
}

// "bucket acme-files", or the resource as it is.
std::string short_name(const std::string& resource) {
  const std::size_t s3 = resource.find(":s3:::");
  if (s3 == std::string::npos) return resource;
  const std::string rest = resource.substr(s3 + 6);
  return "bucket " + rest.substr(0, rest.find('/'));
}

std::string remedy(const Principal& principal) {
  return principal.own
             ? "give these credentials what `tidemark iam` prints for their role, and "
               "nothing else"
             : "replace the policy of the application by `tidemark iam app-user`, and put "
               "`tidemark iam files-bucket` on the bucket";
}

void add_allowed(const Principal& principal, const Verdict& verdict, Findings& findings) {
  const Danger* danger = danger_of(verdict.action);
  const std::string where = short_name(verdict.resource);
  Finding finding{.severity = Severity::warning,
                  .check = "permission-" + verdict.action,
                  .object = principal.arn,
                  .what = fmt::format("may {} on {}", verdict.action, where),
                  .means = "it reaches beyond what it is for",
                  .fix = remedy(principal)};
  if (danger != nullptr) {
    finding.severity = danger->severity;
    finding.means = danger->means;
  } else {
    // What everybody who works may do, asked of a bucket that is none of his.
    finding.check = "permission-elsewhere";
    finding.means =
        "its Resource is too wide: it reaches other buckets, one with backups of the same account "
        "included";
  }
  // These credentials may be an administrator's: what is wrong is to run a daemon with them.
  if (principal.own) finding.severity = std::max(finding.severity, Severity::warning);
  if (verdict.by_address) finding.what += ", when the request comes from a private address";
  findings.push_back(std::move(finding));
}

void add_shortcomings(const Principal& principal, const std::vector<Verdict>& verdicts,
                      Findings& findings) {
  const auto any = [&](auto wanted) {
    return std::any_of(verdicts.begin(), verdicts.end(), wanted);
  };
  if (any([](const Verdict& one) { return one.by_address; }))
    findings.push_back(
        {.severity = Severity::warning,
         .check = "permission-by-private-address",
         .object = principal.arn,
         .what = "counts on aws:SourceIp being a private address",
         .means = "AWS sees public addresses only, and none at all through a VPC endpoint: such a "
                  "condition keeps the right ones out, and whoever loosens it keeps nobody out",
         .fix = "use aws:SourceVpce or aws:SourceVpc instead"});
  const bool by_omission = any([](const Verdict& one) {
    return one.action == "s3:PutBucketVersioning" && one.decision == Decision::not_allowed;
  });
  if (by_omission && !principal.own)
    findings.push_back({.severity = Severity::warning,
                        .check = "permission-by-omission",
                        .object = principal.arn,
                        .what = "is kept from suspending versioning by omission only, by no Deny",
                        .means = "any further policy that is attached to it, or to the bucket, can "
                                 "allow that and the destruction of versions",
                        .fix = remedy(principal)});
}

}  // namespace

void check_credentials(const Credentials& credentials, TimePoint now, Findings& findings) {
  const std::string object = "credentials " + credentials.arn;
  if (!credentials.account_wanted.empty() && credentials.account != credentials.account_wanted)
    findings.push_back({.severity = Severity::critical,
                        .check = "credentials-account",
                        .object = object,
                        .what = fmt::format("are of account {}; the configuration says {}",
                                            credentials.account, credentials.account_wanted),
                        .means = "what is protected is not what you think",
                        .fix = "tidemark whoami"});
  if (!credentials.session) {
    findings.push_back(
        {.severity = Severity::warning,
         .check = "credentials-long-term",
         .object = object,
         .what = fmt::format("are keys that never expire ({})", credentials.provider),
         .means = "whoever copied them once holds them for ever",
         .fix = "use a role of the machine, or a profile that assumes one"});
  } else if (credentials.expires && *credentials.expires - now < kExpiresSoon) {
    findings.push_back(
        {.severity = Severity::note,
         .check = "credentials-expiring",
         .object = object,
         .what = "expire at " + format_time(*credentials.expires),
         .means = fmt::format("they have to be renewed by {} in time", credentials.provider),
         .fix = "tidemark whoami"});
  }
}

void check_principal(const Principal& principal, Findings& findings) {
  if (!principal.verdicts) {
    Finding finding = not_known("permissions", principal.arn, principal.verdicts.error());
    finding.means = "whether it may more than it should is not known";
    findings.push_back(std::move(finding));
    return;
  }
  for (const Verdict& verdict : *principal.verdicts)
    if (verdict.decision == Decision::allowed) add_allowed(principal, verdict, findings);
  add_shortcomings(principal, *principal.verdicts, findings);
}

}  // namespace tidemark::doctor
