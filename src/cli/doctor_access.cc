// What `doctor` asks of buckets, and of IAM about who may do what.
#include <algorithm>
#include <random>

#include <fmt/format.h>

#include "aws/iam/simulate.h"
#include "aws/s3/bucket_settings.h"
#include "cli/doctor_facts.h"
#include "doctor/dangers.h"
#include "storage/open/open_store.h"

namespace tidemark::cli {
namespace {

using Verdicts = Result<std::vector<doctor::Verdict>>;

// A bucket that nobody has: whoever may write there may write anywhere.
constexpr std::string_view kElsewhere = "arn:aws:s3:::tidemark-doctor-asks-of-any-bucket/key";
// What a condition on a private source address would let through: one of a default VPC, and one of
// each other private network.
constexpr std::string_view kPrivateAddresses[] = {"172.31.0.1", "10.0.0.1", "192.168.0.1"};
constexpr std::string_view kS3Scheme = "s3://";

std::string endpoint_for(const Context& context, const config::Config& config,
                         const std::string& service) {
  if (!config.aws.endpoint_url.empty()) return config.aws.endpoint_url;
  for (const std::string& name : {"AWS_ENDPOINT_URL_" + service, std::string("AWS_ENDPOINT_URL")})
    if (const auto found = context.environment.find(name);
        found != context.environment.end() && !found->second.empty())
      return found->second;
  return "";
}

std::string bucket_of(std::string_view text) {
  if (text.starts_with(kS3Scheme)) text.remove_prefix(kS3Scheme.size());
  return std::string(text.substr(0, text.find('/')));
}

core::BucketSettings nothing_known(const std::string& name, const Error& error) {
  return {.name = name,
          .versioning = error,
          .object_lock = error,
          .lifecycle = error,
          .public_access = error,
          .policy = error,
          .grants = error,
          .replicated = error};
}

// Asks, as if from each kind of address; a question that is allowed from one of them is allowed.
class Simulation {
 public:
  Simulation(aws::QueryClient& query, std::string principal)
      : query_(query), principal_(std::move(principal)) {}

  Status ask(const std::vector<std::string>& actions, const std::vector<std::string>& resources) {
    auto answers = TRY(aws::iam::simulate(query_, {principal_, actions, resources, ""}));
    std::vector<doctor::Verdict> verdicts;
    for (const aws::iam::Answer& answer : answers)
      verdicts.push_back({answer.action, answer.resource, decision_of(answer.decision)});
    for (const std::string_view address : kPrivateAddresses) {
      answers =
          TRY(aws::iam::simulate(query_, {principal_, actions, resources, std::string(address)}));
      for (std::size_t i = 0; i < answers.size() && i < verdicts.size(); ++i)
        if (answers[i].decision == aws::iam::Decision::allowed &&
            verdicts[i].decision == doctor::Decision::not_allowed) {
          verdicts[i].decision = doctor::Decision::allowed;
          verdicts[i].by_address = true;
        }
    }
    found_.insert(found_.end(), verdicts.begin(), verdicts.end());
    return Done{};
  }

  std::vector<doctor::Verdict> found() && { return std::move(found_); }

 private:
  static doctor::Decision decision_of(aws::iam::Decision decision) {
    switch (decision) {
      case aws::iam::Decision::allowed: return doctor::Decision::allowed;
      case aws::iam::Decision::explicit_deny: return doctor::Decision::forbidden;
      case aws::iam::Decision::implicit_deny: return doctor::Decision::not_allowed;
    }
    return doctor::Decision::not_allowed;
  }

  aws::QueryClient& query_;
  const std::string principal_;
  std::vector<doctor::Verdict> found_;
};

Status ask_of_bucket(Simulation& simulation, const std::string& bucket) {
  const std::string arn = "arn:aws:s3:::" + bucket;
  std::vector<std::string> of_bucket, of_objects;
  for (const doctor::Danger& danger : doctor::bucket_dangers())
    (danger.of_objects ? of_objects : of_bucket).emplace_back(danger.action);
  TRY(simulation.ask(of_bucket, {arn}));
  return simulation.ask(of_objects, {arn + "/key"});
}

Verdicts of_application(aws::QueryClient& query, const std::string& principal,
                        const std::vector<std::string>& files, const std::string& repository) {
  Simulation simulation(query, principal);
  for (const std::string& bucket : files) TRY(ask_of_bucket(simulation, bucket));
  std::vector<std::string> elsewhere = {std::string(kElsewhere)};
  if (!repository.empty()) elsewhere.push_back("arn:aws:s3:::" + repository + "/key");
  TRY(simulation.ask({"s3:PutObject", "s3:GetObject", "s3:DeleteObject"}, elsewhere));
  return std::move(simulation).found();
}

// Asked of a snapshot and an instance that nobody has: what is allowed there is allowed of any.
Verdicts of_own(aws::QueryClient& query, const std::string& caller, const std::string& account,
                const std::string& region, const std::string& repository) {
  Simulation simulation(query, aws::iam::policy_source_of(caller));
  const std::string base = fmt::format("arn:aws:rds:{}:{}:", region, account);
  const std::string snapshot = base + "snapshot:tidemark-asks-of-any-snapshot";
  const std::string instance = base + "db:tidemark-asks-of-any-instance";
  TRY(simulation.ask({"rds:DeleteDBSnapshot", "rds:ModifyDBSnapshotAttribute"}, {snapshot}));
  TRY(simulation.ask({"rds:DeleteDBInstance", "rds:ModifyDBInstance", "rds:CreateDBSnapshot"},
                     {instance}));
  TRY(simulation.ask({"rds:DeleteDBInstanceAutomatedBackup"}, {base + "auto-backup:ab-any"}));
  if (!repository.empty()) TRY(ask_of_bucket(simulation, repository));
  return std::move(simulation).found();
}

// "arn:aws:iam::111122223333:user/x": the fifth part.
std::string account_of(const std::string& arn) {
  std::size_t begin = 0;
  for (int colons = 0; colons < 4; ++colons) {
    begin = arn.find(':', begin);
    if (begin == std::string::npos) return "";
    ++begin;
  }
  return arn.substr(begin, arn.find(':', begin) - begin);
}

std::string repository_bucket(const config::Config& config) {
  const bool is_bucket = config.repository && config.repository->url.starts_with(kS3Scheme);
  return is_bucket ? bucket_of(config.repository->url) : "";
}

}  // namespace

std::vector<doctor::Bucket> look_at_buckets(const Context& context, Session& session,
                                            const DoctorOptions& options) {
  const config::Config& config = session.config();
  const aws::SenderParts parts{
      .transport = context.transport, .credentials = session.credentials(), .clock = context.clock};
  std::vector<doctor::Bucket> buckets;
  const auto add = [&](doctor::Purpose purpose, aws::BucketLocation location) {
    if (location.endpoint_url.empty()) location.endpoint_url = endpoint_for(context, config, "S3");
    if (location.region.empty()) location.region = session.region();
    const auto settings = aws::read_bucket_settings(location, parts);
    buckets.push_back(
        {purpose, settings ? *settings : nothing_known(location.bucket, settings.error())});
  };
  if (const std::string bucket = repository_bucket(config); !bucket.empty())
    add(doctor::Purpose::repository, {.bucket = bucket,
                                      .region = config.repository->region,
                                      .endpoint_url = config.repository->endpoint_url,
                                      .path_style = config.repository->path_style});
  for (const std::string& bucket : options.files_buckets)
    add(doctor::Purpose::files, {.bucket = bucket_of(bucket)});
  return buckets;
}

std::vector<doctor::Principal> look_at_principals(const Context& context, Session& session,
                                                  const std::string& own_arn,
                                                  const DoctorOptions& options) {
  const config::Config& config = session.config();
  aws::QueryClient query(
      aws::iam::service_for(session.region(), endpoint_for(context, config, "IAM")),
      aws::SenderParts{.transport = context.transport,
                       .credentials = session.credentials(),
                       .clock = context.clock},
      aws::SenderOptions{.retry = {}, .jitter_seed = std::random_device{}()});
  const std::string repository = repository_bucket(config);
  std::vector<std::string> files;
  for (const std::string& bucket : options.files_buckets) files.push_back(bucket_of(bucket));
  std::vector<doctor::Principal> principals;
  principals.push_back(
      {.arn = own_arn,
       .own = true,
       .verdicts = of_own(query, own_arn, account_of(own_arn), session.region(), repository)});
  for (const std::string& user : options.application_users)
    principals.push_back(
        {.arn = user, .own = false, .verdicts = of_application(query, user, files, repository)});
  return principals;
}

}  // namespace tidemark::cli
