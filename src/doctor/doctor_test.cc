// Each check is silent when all is well, and says exactly what is not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "doctor/dangers.h"
#include "doctor/diagnose.h"

namespace tidemark::doctor {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;

const Error kDenied{ErrorKind::denied, "not authorized"};

TimePoint at(std::string_view text) { return *parse_time(text); }
const TimePoint kNow = at("2026-11-24T12:00:00Z");

std::vector<std::string> named(const Findings& findings) {
  std::vector<std::string> names;
  for (const Finding& one : findings)
    names.push_back(std::string(severity_name(one.severity)) + " " + one.check);
  return names;
}

template <class Check, class... Arguments>
std::vector<std::string> found(Check check, const Arguments&... arguments) {
  Findings findings;
  check(arguments..., findings);
  for (const Finding& one : findings) {
    EXPECT_THAT(one.what, Not(IsEmpty()));
    EXPECT_THAT(one.means, Not(IsEmpty()));
  }
  return named(findings);
}

Instance good_instance() {
  return {.id = "orders",
          .region = "eu-west-1",
          .backup_days = 14,
          .deletion_protection = true,
          .publicly_accessible = false,
          .encrypted = true,
          .engine_version = "17.4",
          .certificate = "rds-ca-rsa2048-g1",
          .certificate_until = at("2030-01-01T00:00:00Z"),
          .force_ssl = std::string("1")};
}

std::vector<std::string> of_instance(const Instance& instance) {
  return found(check_instance, instance, kNow);
}

TEST(DoctorInstance, SaysNothingOfAGoodOne) {
  EXPECT_THAT(of_instance(good_instance()), IsEmpty());
}

TEST(DoctorInstance, NamesEachThingThatIsWrong) {
  Instance bad = good_instance();
  bad.backup_days = 0;
  bad.deletion_protection = false;
  bad.publicly_accessible = true;
  bad.encrypted = false;
  bad.engine_version = "13.9";
  bad.certificate_until = at("2026-12-24T00:00:00Z");
  bad.force_ssl = std::string("0");
  EXPECT_THAT(
      of_instance(bad),
      UnorderedElementsAre("critical instance-backup-retention",
                           "warning instance-deletion-protection", "critical instance-public",
                           "warning instance-encryption", "warning instance-engine-end-of-life",
                           "warning instance-certificate", "warning instance-force-ssl"));
}

TEST(DoctorInstance, ShortBackupsAreAWarningAndNoneAreADanger) {
  Instance one = good_instance();
  one.backup_days = 1;
  EXPECT_THAT(of_instance(one), ElementsAre("warning instance-backup-retention"));
  one.backup_days = std::nullopt;
  EXPECT_THAT(of_instance(one), ElementsAre("critical instance-backup-retention"));
}

TEST(DoctorInstance, TheEndOfTheEngineIsThatOfRdsAndSaysWhatComesThen) {
  const auto told = [](std::string version, std::string_view now) {
    Instance one = good_instance();
    one.engine_version = std::move(version);
    one.certificate_until = at("2199-01-01T00:00:00Z");
    Findings findings;
    check_instance(one, at(now), findings);
    return findings.empty() ? std::string() : findings.front().what + "; " + findings.front().means;
  };
  EXPECT_EQ(told("14.9", "2026-11-24T12:00:00Z"), "") << "its community has stopped, RDS has not";
  EXPECT_THAT(told("14.9", "2026-12-01T12:00:00Z"),
              AllOf(HasSubstr("whose standard support by RDS ends on 2027-02-28"),
                    HasSubstr("until 2030-02-28 RDS charges Extended Support; then RDS")));
  EXPECT_THAT(told("12.22", "2026-11-24T12:00:00Z"), HasSubstr("standard support by RDS ended on"));
  EXPECT_THAT(told("12.22", "2027-12-24T12:00:00Z"),
              HasSubstr("Extended Support by RDS ends on 2028"));
  EXPECT_THAT(
      told("10.23", "2026-11-24T12:00:00Z"),
      AllOf(HasSubstr("whose support by RDS ended on 2023-04-30"), HasSubstr("; RDS upgrades")));
  EXPECT_THAT(told("18.1", "2030-11-01T00:00:00Z"), HasSubstr("support by the community ends on"));
  EXPECT_EQ(told("99.1", "2099-11-01T00:00:00Z"), "");
}

TEST(DoctorInstance, AnEndedCertificateIsADanger) {
  Instance one = good_instance();
  one.certificate_until = at("2026-11-01T00:00:00Z");
  EXPECT_THAT(of_instance(one), ElementsAre("critical instance-certificate"));
}

TEST(DoctorInstance, TlsIsTheDefaultFromFifteenOn) {
  Instance one = good_instance();
  one.force_ssl = std::string();
  EXPECT_THAT(of_instance(one), IsEmpty());
  one.engine_version = "13.4";
  EXPECT_THAT(of_instance(one), Contains("warning instance-force-ssl"));
}

TEST(DoctorInstance, WhatCouldNotBeReadIsUnknown) {
  Instance one = good_instance();
  one.force_ssl = kDenied;
  EXPECT_THAT(of_instance(one), ElementsAre("unknown instance-force-ssl"));
}

Snapshot snapshot(std::string id, std::vector<std::string> shared = {}) {
  return {.id = std::move(id), .ours = true, .encrypted = true, .shared_with = std::move(shared)};
}

TEST(DoctorSnapshots, NamesPublicSharedForeignAndBareOnes) {
  Snapshots region{.region = "eu-west-1", .quota = 100};
  region.all = {snapshot("a", {"all"}), snapshot("b", {"111111111111"}), snapshot("c"),
                snapshot("d"), snapshot("e")};
  region.all[2].encrypted = false;
  region.all[3].ours = false;
  region.all[4].shared_with = kDenied;
  EXPECT_THAT(found(check_snapshots, region, kNow),
              UnorderedElementsAre("critical snapshot-public", "warning snapshot-shared",
                                   "warning snapshot-encryption", "note snapshot-foreign",
                                   "unknown snapshot-shared"));
  region.all = {snapshot("a")};
  EXPECT_THAT(found(check_snapshots, region, kNow), IsEmpty());
  region.not_looked_at = 1;
  EXPECT_THAT(found(check_snapshots, region, kNow), ElementsAre("unknown snapshot-shared"));
}

TEST(DoctorSnapshots, ForetellsTheDayOnWhichTheQuotaIsFull) {
  Snapshots region{.region = "eu-west-1", .quota = 2, .all = {snapshot("a")}};
  EXPECT_THAT(found(check_snapshots, region, kNow), IsEmpty());
  region.full_on = at("2027-03-01T00:00:00Z");
  Findings findings;
  check_snapshots(region, kNow, findings);
  ASSERT_THAT(named(findings), ElementsAre("warning snapshot-quota"));
  EXPECT_THAT(findings[0].what, HasSubstr("on 2027-03-01"));
  region.all.push_back(snapshot("b"));
  EXPECT_THAT(found(check_snapshots, region, kNow), ElementsAre("critical snapshot-quota"));
}

// The policy that `tidemark iam repo-bucket` prints, in short.
constexpr std::string_view kGoodPolicy = R"({"Statement": [
  {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*",
   "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
  {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "*",
   "Condition": {"Null": {"s3:if-none-match": "true"}}},
  {"Effect": "Deny", "Principal": "*", "Resource": "*", "Action": ["s3:DeleteObjectVersion",
   "s3:PutBucketPolicy", "s3:PutLifecycleConfiguration", "s3:PutBucketVersioning"]}]})";

Bucket good_bucket(Purpose purpose = Purpose::repository) {
  return {
      .purpose = purpose,
      .settings = {.name = "b",
                   .versioning = core::BucketVersioning{.enabled = true},
                   .object_lock = true,
                   .lifecycle = std::vector<core::LifecycleRule>(),
                   .public_access = std::optional(core::PublicAccessBlock{true, true, true, true}),
                   .policy = std::string(kGoodPolicy),
                   .grants = std::vector<core::Grant>{{"me", "FULL_CONTROL", true}},
                   .replicated = true}};
}

std::vector<std::string> of_bucket(const Bucket& bucket) { return found(check_bucket, bucket); }

TEST(DoctorBucket, SaysNothingOfAGoodOne) { EXPECT_THAT(of_bucket(good_bucket()), IsEmpty()); }

TEST(DoctorBucket, NamesEachThingThatIsWrong) {
  Bucket bad = good_bucket();
  bad.settings.versioning = core::BucketVersioning{.enabled = false, .suspended = true};
  bad.settings.object_lock = false;
  bad.settings.lifecycle = std::vector<core::LifecycleRule>{
      {.id = "end", .enabled = true, .prefix = "", .expiration_days = 365, .noncurrent_days = 1},
      {.id = "off", .enabled = false, .prefix = "", .expiration_days = 1, .noncurrent_days = 1}};
  bad.settings.public_access = std::optional<core::PublicAccessBlock>();
  bad.settings.grants =
      std::vector<core::Grant>{{"http://acs.amazonaws.com/groups/global/AllUsers", "WRITE", false},
                               {"http://acs.amazonaws.com/groups/global/AllUsers", "READ", false}};
  bad.settings.replicated = false;
  bad.settings.policy = std::string();
  EXPECT_THAT(
      of_bucket(bad),
      UnorderedElementsAre("critical bucket-versioning", "warning bucket-object-lock",
                           "critical bucket-lifecycle-noncurrent",
                           "critical bucket-lifecycle-expiration", "warning bucket-public-access",
                           "critical bucket-acl-WRITE", "warning bucket-acl-READ",
                           "warning bucket-replication", "warning bucket-policy-history",
                           "note bucket-policy-tls", "warning repository-overwrites"));
}

TEST(DoctorBucket, OneMonthOfHistoryIsOnlyNoted) {
  Bucket one = good_bucket(Purpose::files);
  one.settings.lifecycle = std::vector<core::LifecycleRule>{
      {.id = "old", .enabled = true, .prefix = "", .noncurrent_days = 30}};
  EXPECT_THAT(of_bucket(one), ElementsAre("note bucket-lifecycle-noncurrent"));
}

TEST(DoctorBucket, NothingKnownIsSevenTimesUnknown) {
  Bucket blind{.purpose = Purpose::files,
               .settings = {.name = "b",
                            .versioning = kDenied,
                            .object_lock = kDenied,
                            .lifecycle = kDenied,
                            .public_access = kDenied,
                            .policy = kDenied,
                            .grants = kDenied,
                            .replicated = kDenied}};
  const auto names = of_bucket(blind);
  EXPECT_EQ(names.size(), 7U);
  EXPECT_THAT(names, testing::Each(testing::StartsWith("unknown ")));
}

std::vector<std::string> of_policy(const std::string& policy) {
  return found(check_bucket_policy, good_bucket(Purpose::files), policy);
}

std::string with_allow(const std::string& allow) {
  std::string policy(kGoodPolicy);
  return policy.insert(policy.find('[') + 1, allow + ",");
}

TEST(DoctorBucketPolicy, NamesEachActionThatItAllows) {
  EXPECT_THAT(of_policy(with_allow(R"({"Effect": "Allow", "Principal": {"AWS": "arn:x"},
                                        "Action": "s3:PutBucketP*", "Resource": "*"})")),
              UnorderedElementsAre("critical bucket-policy-s3:PutBucketPolicy",
                                   "warning bucket-policy-s3:PutBucketPublicAccessBlock"));
  const auto all = of_policy(with_allow(
      R"({"Effect": "Allow", "Principal": "*", "NotAction": "s3:None", "Resource": "*"})"));
  EXPECT_EQ(all.size(), bucket_dangers().size() + 3);
}

TEST(DoctorBucketPolicy, EverybodysReadingIsAWarningAndWritingADanger) {
  EXPECT_THAT(of_policy(with_allow(R"({"Effect": "Allow", "Principal": {"AWS": ["*"]},
                    "Action": ["s3:getobject", "s3:PutObject"], "Resource": "*"})")),
              UnorderedElementsAre("warning bucket-policy-s3:GetObject",
                                   "critical bucket-policy-s3:PutObject"));
  EXPECT_THAT(
      of_policy(with_allow(R"({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
                    "Resource": "*", "Condition": {"StringEquals": {"aws:SourceVpce": "v"}}})")),
      IsEmpty());
}

TEST(DoctorBucketPolicy, WhatIsNoPolicyIsUnknown) {
  for (const char* text : {"{", "[]", "1", "{}", "null"})
    EXPECT_THAT(of_policy(text), ElementsAre("unknown bucket-policy")) << text;
  EXPECT_THAT(of_policy(std::string(100'000, ' ')), ElementsAre("unknown bucket-policy"));
}

// Whatever JSON a policy is, it is judged without a fault.
TEST(DoctorBucketPolicy, StandsWhateverItIsGiven) {
  rc::check([] {
    std::string text(kGoodPolicy);
    const auto at_byte = *rc::gen::inRange<std::size_t>(0, text.size());
    text[at_byte] = *rc::gen::elementOf(std::string("{}[]\",:*1 an"));
    Findings findings;
    check_bucket_policy(good_bucket(), text, findings);
  });
}

Principal application(std::vector<Verdict> verdicts) {
  return {.arn = "arn:web", .own = false, .verdicts = std::move(verdicts)};
}

TEST(DoctorPrincipal, NamesWhatItMayAndHowItIsKeptFromTheRest) {
  const std::string bucket = "arn:aws:s3:::b";
  EXPECT_THAT(
      found(check_principal,
            application({{"s3:PutBucketPolicy", bucket, Decision::allowed},
                         {"s3:PutObjectTagging", bucket + "/key", Decision::allowed},
                         {"s3:PutBucketVersioning", bucket, Decision::not_allowed},
                         {"s3:GetObject", "arn:aws:s3:::other/key", Decision::allowed, true}})),
      UnorderedElementsAre("critical permission-s3:PutBucketPolicy",
                           "note permission-s3:PutObjectTagging", "warning permission-elsewhere",
                           "warning permission-by-private-address",
                           "warning permission-by-omission"));
  EXPECT_THAT(found(check_principal,
                    application({{"s3:PutBucketVersioning", bucket, Decision::forbidden}})),
              IsEmpty());
}

TEST(DoctorPrincipal, OwnCredentialsAreWarnedOfAndNeverADanger) {
  Principal own = application({{"s3:PutBucketPolicy", "arn:aws:s3:::b", Decision::allowed},
                               {"rds:DeleteDBSnapshot", "arn:x", Decision::allowed}});
  own.own = true;
  EXPECT_THAT(found(check_principal, own),
              UnorderedElementsAre("warning permission-s3:PutBucketPolicy",
                                   "warning permission-rds:DeleteDBSnapshot"));
  own.verdicts = kDenied;
  EXPECT_THAT(found(check_principal, own), ElementsAre("unknown permissions"));
}

TEST(DoctorCredentials, NamesTheWrongAccountAndKeysWithoutEnd) {
  Credentials good{.provider = "environment",
                   .arn = "arn:me",
                   .account = "111111111111",
                   .account_wanted = "111111111111",
                   .session = true,
                   .expires = kNow + std::chrono::hours(1)};
  EXPECT_THAT(found(check_credentials, good, kNow), IsEmpty());
  good.expires = kNow + std::chrono::minutes(1);
  EXPECT_THAT(found(check_credentials, good, kNow), ElementsAre("note credentials-expiring"));
  good.account = "222222222222";
  good.session = false;
  EXPECT_THAT(found(check_credentials, good, kNow),
              ElementsAre("critical credentials-account", "warning credentials-long-term"));
}

TEST(DoctorRepository, AsksForAVerifyAfterAMonth) {
  Repository repository{.url = "s3://b/r", .verified = std::optional(kNow)};
  EXPECT_THAT(found(check_repository, repository, kNow), IsEmpty());
  repository.verified = std::optional(kNow - std::chrono::hours(24 * 31));
  EXPECT_THAT(found(check_repository, repository, kNow), ElementsAre("warning repository-verify"));
  repository.verified = std::optional<TimePoint>();
  EXPECT_THAT(found(check_repository, repository, kNow), ElementsAre("warning repository-verify"));
  repository.verified = kDenied;
  EXPECT_THAT(found(check_repository, repository, kNow), ElementsAre("unknown repository-verify"));
}

TEST(DoctorHost, LooksAtClockFilesAndLibraries) {
  Host host{.clock_skew = Millis(0)};
  host.files = {{"/k", "a key", 0600, true}, {"/c", "the configuration", 0644, false}};
  host.libraries = {{"libpq", "15.18"}, {"OpenSSL", "3.0.21"}, {"libpq", "99.1"}};
  EXPECT_THAT(found(check_host, host), IsEmpty());
  host.files = {{"/k", "a key", 0640, true}, {"/c", "the configuration", 0664, false}};
  host.libraries = {{"libpq", "15.6"}, {"OpenSSL", "3.0.9"}};
  host.clock_skew = -std::chrono::minutes(2);
  EXPECT_THAT(found(check_host, host),
              UnorderedElementsAre("warning host-clock", "note host-library", "note host-library",
                                   "warning host-file-mode", "warning host-file-mode"));
  host = {.clock_skew = std::chrono::minutes(6)};
  EXPECT_THAT(found(check_host, host), ElementsAre("critical host-clock"));
  host.clock_skew = std::nullopt;
  EXPECT_THAT(found(check_host, host), ElementsAre("unknown host-clock"));
}

TEST(DoctorHost, NamesTheHoleOfEachLibraryUpToTheVersionThatMendedIt) {
  const auto told = [](std::string name, std::string version) {
    Host host{.clock_skew = Millis(0)};
    host.libraries = {{std::move(name), std::move(version)}};
    Findings findings;
    check_host(host, findings);
    return findings.empty() ? std::string() : findings.front().what;
  };
  EXPECT_THAT(told("libpq", "15.17"), HasSubstr("CVE-2026-6477"));
  EXPECT_EQ(told("libpq", "15.18"), "");
  EXPECT_THAT(told("libpq", "18.3"), HasSubstr("CVE-2026-6477"));
  EXPECT_THAT(told("libpq", "13.23"), HasSubstr("CVE-2026-6477")) << "nobody mended 13 any more";
  EXPECT_THAT(told("OpenSSL", "3.0.20"), HasSubstr("CVE-2026-45447"));
  EXPECT_EQ(told("OpenSSL", "3.5.7"), "");
  EXPECT_THAT(told("OpenSSL", "3.3.7"), HasSubstr("CVE-2026-45447"));
}

TEST(Doctor, NothingLookedAtIsUnknownAndSortedWorstFirst) {
  const Facts blind{.credentials = kDenied,
                    .instances = {kDenied},
                    .snapshots = {kDenied},
                    .host = {.clock_skew = std::chrono::minutes(6)}};
  const Findings findings = diagnose(blind, kNow);
  EXPECT_THAT(named(findings), ElementsAre("critical host-clock", "unknown credentials",
                                           "unknown instance", "unknown snapshots"));
  EXPECT_TRUE(endangers_recovery(findings));
  EXPECT_EQ(findings[1].fix, "tidemark iam auditor");
}

TEST(Doctor, TellsWhatAppearedAndWhatIsGone) {
  const Finding a{.severity = Severity::note, .check = "a", .object = "x"};
  const Finding b{.severity = Severity::warning, .check = "b", .object = "x"};
  Finding worse = a;
  worse.severity = Severity::critical;
  const Change change = compare({a, b}, {worse, b});
  EXPECT_THAT(change.appeared, ElementsAre(worse));
  EXPECT_THAT(change.gone, ElementsAre(a));
  EXPECT_THAT(compare({a, b}, {b, a}).appeared, IsEmpty());
}

}  // namespace
}  // namespace tidemark::doctor
