#include "iam/facts.h"

#include <algorithm>

#include <fmt/format.h>

namespace tidemark::iam {
namespace {

constexpr std::size_t kAccountDigits = 12;
constexpr std::string_view kS3Scheme = "s3://";

constexpr std::string_view kAccount = "REPLACE_WITH_ACCOUNT_ID";
constexpr std::string_view kRegion = "REPLACE_WITH_REGION";
constexpr std::string_view kInstance = "REPLACE_WITH_INSTANCE";
constexpr std::string_view kRepositoryBucket = "REPLACE_WITH_REPOSITORY_BUCKET";
constexpr std::string_view kFilesBucket = "REPLACE_WITH_FILES_BUCKET";
constexpr std::string_view kBreakGlass = "REPLACE_WITH_BREAK_GLASS_ROLE";

constexpr Placeholder kPlaceholders[] = {
    {kAccount, "the account", "set account in [aws], or give --account"},
    {kRegion, "the region", "set region in [aws], or give --region"},
    {kInstance, "the DB instance", "add a [source.NAME]"},
    {kRepositoryBucket, "the repository's bucket", "set url in [repository] to s3://BUCKET/PREFIX"},
    {kFilesBucket, "the bucket of the application's files",
     "set bucket in [source.NAME], or give --files-bucket BUCKET[/PREFIX]"},
    {kBreakGlass, "the role that may change the bucket itself", "give --break-glass ARN"},
};

// "bucket/some/prefix", with or without a slash at its end.
Bucket parse_bucket(std::string_view text) {
  const std::size_t slash = text.find('/');
  Bucket bucket{.name = std::string(text.substr(0, slash)), .prefix = ""};
  if (slash != std::string_view::npos) bucket.prefix = text.substr(slash + 1);
  if (!bucket.prefix.empty() && !bucket.prefix.ends_with('/')) bucket.prefix += '/';
  return bucket;
}

std::string or_placeholder(std::string text, std::string_view placeholder) {
  return text.empty() ? std::string(placeholder) : std::move(text);
}

// "a,b" as its parts.
std::vector<std::string> names_in(std::string_view text) {
  std::vector<std::string> names;
  while (!text.empty()) {
    const std::string_view name = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), name.size() + 1));
    if (!name.empty()) names.emplace_back(name);
  }
  return names;
}

Status check_account(const std::string& account) {
  const bool digits =
      std::all_of(account.begin(), account.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (account.empty() || (digits && account.size() == kAccountDigits)) return Done{};
  return Error{ErrorKind::invalid_input, fmt::format("'{}' is no AWS account", account),
               "an account is 12 digits; `tidemark whoami` shows yours"};
}

// What the command line names, or else all that the configuration does.
std::vector<Bucket> files_of(const config::Config& config, const Given& given) {
  if (!given.files_bucket.empty()) return {parse_bucket(given.files_bucket)};
  std::vector<Bucket> files;
  for (const config::Source& source : config.sources)
    if (source.files) files.push_back({source.files->bucket, source.files->prefix});
  for (const std::string& bucket : config.doctor.files_buckets)
    files.push_back(parse_bucket(bucket));
  if (files.empty()) files.push_back(parse_bucket(kFilesBucket));
  return files;
}

}  // namespace

std::string Facts::partition() const {
  const std::string& region = regions.front();
  if (region.starts_with("cn-")) return "aws-cn";
  if (region.starts_with("us-gov-")) return "aws-us-gov";
  return "aws";
}

Result<Facts> facts_of(const config::Config& config, const Given& given) {
  Facts facts;
  facts.account = given.account.empty() ? config.aws.account : given.account;
  TRY(check_account(facts.account));
  facts.account = or_placeholder(facts.account, kAccount);
  facts.owner = config.owner;
  const std::string region = or_placeholder(given.region, kRegion);
  for (const config::Source& source : config.sources) {
    facts.instances.push_back({source.instance, source.region.empty() ? region : source.region});
    facts.legacy = facts.legacy || config.policy_of(source).retention.adopt_legacy;
  }
  if (facts.instances.empty()) facts.instances.push_back({std::string(kInstance), region});
  for (const Instance& instance : facts.instances)
    if (std::find(facts.regions.begin(), facts.regions.end(), instance.region) ==
        facts.regions.end())
      facts.regions.push_back(instance.region);
  facts.beside = names_in(given.beside);
  facts.instance_keys = config.aws.kms_keys;

  facts.repository.name = kRepositoryBucket;
  facts.repository_region = region;
  if (config.repository) {
    const config::Repository& repository = *config.repository;
    if (repository.url.starts_with(kS3Scheme))
      facts.repository = parse_bucket(std::string_view(repository.url).substr(kS3Scheme.size()));
    if (!repository.region.empty()) facts.repository_region = repository.region;
    facts.repository_key = repository.kms_key;
  }
  facts.files = files_of(config, given);
  for (const config::Source& source : config.sources) {
    facts.takes_inventories = facts.takes_inventories || source.files;
    if (source.files && !source.files->report_bucket.empty())
      facts.reports.push_back({source.files->report_bucket, source.files->report_folder});
  }
  facts.break_glass = or_placeholder(
      given.break_glass,
      fmt::format("arn:{}:iam::{}:role/{}", facts.partition(), facts.account, kBreakGlass));
  return facts;
}

std::vector<Placeholder> placeholders_in(std::string_view text) {
  std::vector<Placeholder> found;
  for (const Placeholder& one : kPlaceholders)
    if (text.find(one.text) != std::string_view::npos) found.push_back(one);
  return found;
}

}  // namespace tidemark::iam
