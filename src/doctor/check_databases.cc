// Instances and their snapshots.
#include <charconv>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/engine_life.h"
#include "doctor/diagnose.h"

namespace tidemark::doctor {
namespace {

constexpr int kBackupDaysWanted = 7;
constexpr Seconds kSoon = std::chrono::hours(24 * 90);
constexpr int kSslByDefaultFrom = 15;  // the first major whose rds.force_ssl is 1 unless set
constexpr std::size_t kNamesShown = 5;

std::string modify(const Instance& instance, std::string_view what) {
  return fmt::format(
      "aws rds modify-db-instance --region {} --db-instance-identifier {} {} --apply-immediately",
      instance.region, instance.id, what);
}

// "a, b and 3 more".
std::string names_of(const std::vector<std::string>& names) {
  const std::size_t shown = std::min(names.size(), kNamesShown);
  std::string text = fmt::format("{}", fmt::join(names.begin(), names.begin() + shown, ", "));
  if (names.size() > shown) text += fmt::format(" and {} more", names.size() - shown);
  return text;
}

// Ends of life are days: "2027-11-11".
std::optional<TimePoint> day(std::string_view text) {
  const auto time = parse_time(std::string(text) + "T00:00:00Z");
  return time ? std::optional(*time) : std::nullopt;
}

void check_backups(const Instance& instance, const std::string& object, Findings& findings) {
  const int days = instance.backup_days.value_or(0);
  if (days == 0)
    findings.push_back({.severity = Severity::critical,
                        .check = "instance-backup-retention",
                        .object = object,
                        .what = "has no automated backups",
                        .means = "it can be restored to the last snapshot only, and to no moment",
                        .fix = modify(instance, "--backup-retention-period 7")});
  else if (days < kBackupDaysWanted)
    findings.push_back(
        {.severity = Severity::warning,
         .check = "instance-backup-retention",
         .object = object,
         .what = fmt::format("keeps automated backups for {} days", days),
         .means = "damage that is noticed later is restored to a snapshot, and to no moment",
         .fix = modify(instance, "--backup-retention-period 7")});
  if (!instance.deletion_protection)
    findings.push_back(
        {.severity = Severity::warning,
         .check = "instance-deletion-protection",
         .object = object,
         .what = "can be deleted by one call",
         .means = "its automated backups go with it unless the caller says otherwise",
         .fix = modify(instance, "--deletion-protection")});
}

void check_exposure(const Instance& instance, const std::string& object, Findings& findings) {
  if (instance.publicly_accessible)
    findings.push_back({.severity = Severity::critical,
                        .check = "instance-public",
                        .object = object,
                        .what = "has a public address",
                        .means = "whoever guesses a password, or finds a hole in PostgreSQL, can "
                                 "destroy and carry off the data",
                        .fix = modify(instance, "--no-publicly-accessible")});
  if (!instance.encrypted)
    findings.push_back({.severity = Severity::warning,
                        .check = "instance-encryption",
                        .object = object,
                        .what = "is not encrypted",
                        .means = "its snapshots are not either, and can be made public",
                        .fix = "copy a snapshot with --kms-key-id, and restore from the copy"});
  if (!instance.force_ssl) {
    findings.push_back(not_known("instance-force-ssl", object, instance.force_ssl.error()));
    return;
  }
  int major = 0;
  const std::string_view text = core::major_of(instance.engine_version);
  std::from_chars(text.data(), text.data() + text.size(), major);
  const bool by_default = instance.force_ssl->empty() && major >= kSslByDefaultFrom;
  if (*instance.force_ssl != "1" && !by_default)
    findings.push_back({.severity = Severity::warning,
                        .check = "instance-force-ssl",
                        .object = object,
                        .what = "takes connections without TLS (rds.force_ssl)",
                        .means = "passwords and rows can be read on their way",
                        .fix = "aws rds modify-db-parameter-group --db-parameter-group-name GROUP "
                               "--parameters ParameterName=rds.force_ssl,ParameterValue=1,"
                               "ApplyMethod=immediate"});
}

// Which support ends, when, and what comes of it. RDS mends longer than the community does; of a
// major version whose dates in RDS are not known, those of the community stand.
struct SupportEnd {
  std::string_view day;
  std::string_view support;
  std::string means;
};

std::optional<SupportEnd> support_end(const std::string& version, TimePoint now) {
  const std::string by_force =
      "RDS upgrades it by force, and restores no snapshot of it unless that is upgraded first";
  const auto rds = core::rds_support(version);
  if (!rds) {
    const auto community = core::end_of_life(version);
    if (!community) return std::nullopt;
    return SupportEnd{*community, "support by the community",
                      "soon after, RDS charges extra for it"};
  }
  const auto extended = day(rds->extended_end);
  if (!extended) return SupportEnd{rds->standard_end, "support by RDS", by_force};
  if (*extended - now < kSoon)
    return SupportEnd{rds->extended_end, "Extended Support by RDS", by_force};
  return SupportEnd{
      rds->standard_end, "standard support by RDS",
      fmt::format("until {} RDS charges Extended Support; then {}", rds->extended_end, by_force)};
}

void check_engine(const Instance& instance, const std::string& object, TimePoint now,
                  Findings& findings) {
  const auto end = support_end(instance.engine_version, now);
  const auto ends = end ? day(end->day) : std::nullopt;
  if (!ends || *ends - now >= kSoon) return;
  findings.push_back(
      {.severity = Severity::warning,
       .check = "instance-engine-end-of-life",
       .object = object,
       .what = fmt::format("runs PostgreSQL {}, whose {} {} on {}", instance.engine_version,
                           end->support, *ends < now ? "ended" : "ends", end->day),
       .means = end->means,
       .fix = "upgrade the instance to a newer major version"});
}

void check_certificate(const Instance& instance, const std::string& object, TimePoint now,
                       Findings& findings) {
  if (instance.certificate_until && *instance.certificate_until - now < kSoon)
    findings.push_back(
        {.severity = *instance.certificate_until < now ? Severity::critical : Severity::warning,
         .check = "instance-certificate",
         .object = object,
         .what = fmt::format("shows a certificate of {} that ends on {}", instance.certificate,
                             format_time(*instance.certificate_until)),
         .means = "clients that verify it, archives and checks of restores among them, are refused "
                  "from then on",
         .fix = modify(instance, "--ca-certificate-identifier rds-ca-rsa2048-g1")});
}

void check_sharing(const Snapshots& snapshots, const std::string& object, Findings& findings) {
  std::vector<std::string> open, unknown;
  std::optional<Error> why;
  for (const Snapshot& one : snapshots.all) {
    if (!one.shared_with) {
      unknown.push_back(one.id);
      why = one.shared_with.error();
      continue;
    }
    for (const std::string& account : *one.shared_with) {
      if (account == "all")
        open.push_back(one.id);
      else
        findings.push_back(
            {.severity = Severity::warning,
             .check = "snapshot-shared",
             .object = "snapshot " + one.id,
             .what = "is shared with account " + account,
             .means = "that account can copy all its data, now and after you stop it",
             .fix = fmt::format("aws rds modify-db-snapshot-attribute --region {} "
                                "--db-snapshot-identifier {} --attribute-name restore "
                                "--values-to-remove {}",
                                snapshots.region, one.id, account)});
    }
  }
  if (!open.empty())
    findings.push_back({.severity = Severity::critical,
                        .check = "snapshot-public",
                        .object = object,
                        .what = "are public: " + names_of(open),
                        .means = "everybody with an AWS account can restore them and read all data",
                        .fix = fmt::format("aws rds modify-db-snapshot-attribute --region {} "
                                           "--db-snapshot-identifier {} --attribute-name restore "
                                           "--values-to-remove all",
                                           snapshots.region, open.front())});
  if (why) {
    Finding finding = not_known("snapshot-shared", object, *why);
    finding.what += fmt::format(" ({})", names_of(unknown));
    findings.push_back(std::move(finding));
  }
  if (snapshots.not_looked_at > 0)
    findings.push_back({.severity = Severity::unknown,
                        .check = "snapshot-shared",
                        .object = object,
                        .what = fmt::format("{} more were not asked with whom they are shared",
                                            snapshots.not_looked_at),
                        .means = "one of them may be public",
                        .fix = "aws rds describe-db-snapshots --include-public"});
}

void check_quota(const Snapshots& snapshots, const std::string& object, TimePoint now,
                 Findings& findings) {
  const int present = static_cast<int>(snapshots.all.size());
  const bool full = present >= snapshots.quota;
  if (!full && !snapshots.full_on) return;
  const std::string when =
      full || *snapshots.full_on <= now ? "now" : "on " + format_time(*snapshots.full_on);
  findings.push_back(
      {.severity = full ? Severity::critical : Severity::warning,
       .check = "snapshot-quota",
       .object = object,
       .what =
           fmt::format("{} of {} are there, and the policies want up to {}: the quota is full {}",
                       present, snapshots.quota, snapshots.most_wanted, when),
       .means = "no point can be taken from then on",
       .fix = "keep less (`tidemark retention simulate`), or ask AWS for a larger quota"});
}

}  // namespace

void check_instance(const Instance& instance, TimePoint now, Findings& findings) {
  const std::string object = "instance " + instance.id;
  check_backups(instance, object, findings);
  check_exposure(instance, object, findings);
  check_engine(instance, object, now, findings);
  check_certificate(instance, object, now, findings);
}

void check_snapshots(const Snapshots& snapshots, TimePoint now, Findings& findings) {
  const std::string object = "snapshots in " + snapshots.region;
  check_sharing(snapshots, object, findings);
  check_quota(snapshots, object, now, findings);
  std::vector<std::string> bare, foreign;
  for (const Snapshot& one : snapshots.all) {
    if (one.ours && !one.encrypted) bare.push_back(one.id);
    if (!one.ours) foreign.push_back(one.id);
  }
  if (!bare.empty())
    findings.push_back(
        {.severity = Severity::warning,
         .check = "snapshot-encryption",
         .object = object,
         .what = fmt::format("{} of ours are not encrypted: {}", bare.size(), names_of(bare)),
         .means = "one wrong call makes such a one public",
         .fix = "encrypt the instance: its later snapshots are encrypted then"});
  if (!foreign.empty())
    findings.push_back({.severity = Severity::note,
                        .check = "snapshot-foreign",
                        .object = object,
                        .what = fmt::format("{} are not of this installation: {}", foreign.size(),
                                            names_of(foreign)),
                        .means = "they use up the same quota, and no policy here thins them",
                        .fix = "aws rds describe-db-snapshots --snapshot-type manual --region " +
                               snapshots.region});
}

}  // namespace tidemark::doctor
