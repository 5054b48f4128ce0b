#include "cli/files_access.h"

#include <random>

#include <fmt/format.h>

#include "aws/auth/profile_file.h"
#include "base/remote_text.h"
#include "cli/archive_policies.h"
#include "files/s3_report_store.h"
#include "ops/file_inventory.h"

namespace tidemark::cli {

void MomentFlags::declare(Args& args) {
  args.option("--at", "TIME", at, "the files as they were at this time, 2026-11-24T02:00:00Z");
  args.option("--point", "POINT", point,
              "as an inventory has them: by its own name, or by that of the archive or snapshot it "
              "belongs to");
}

Result<std::unique_ptr<FilesAccess>> FilesAccess::open(const Context& context,
                                                       const std::string& source) {
  auto session = TRY(Session::open(context));
  TRY(session->sources(source));
  const config::Source config = session->source_config(source);
  if (!config.files)
    return Error{ErrorKind::invalid_input,
                 fmt::format("source {} has no bucket in {}", source, session->config().origin),
                 fmt::format("add to [source.{}]: bucket = \"NAME\"", source)};
  std::unique_ptr<FilesAccess> access(new FilesAccess(context, std::move(session), config));
  access->bucket_ = TRY(open_files_bucket(context, *access->session_, config));
  return access;
}

std::string references_of(const config::Source& source, const std::string& database) {
  if (!source.references) return "";
  const std::string& wanted = source.references->database;
  return wanted.empty() || wanted == database ? source.references->sql : "";
}

namespace {

Result<std::unique_ptr<aws::S3Client>> open_client(const Context& context, Session& session,
                                                   const config::Files& files, std::string bucket,
                                                   std::string region) {
  aws::BucketLocation location{
      .bucket = std::move(bucket),
      .region = std::move(region),
      .endpoint_url = s3_endpoint(files.endpoint_url, session.config(), context.environment),
      .path_style = files.path_style};
  return aws::S3Client::open(std::move(location), {.transport = context.transport,
                                                   .credentials = session.credentials(),
                                                   .clock = context.clock});
}

std::string region_of(const Session& session, const config::Source& source) {
  if (!source.files->region.empty()) return source.files->region;
  return source.region.empty() ? session.region() : source.region;
}

// For what has to be sorted, which may be large.
std::string scratch_folder(const config::Environment& environment) {
  const auto found = environment.find("TMPDIR");
  return found == environment.end() || found->second.empty() ? "/var/tmp" : found->second;
}

}  // namespace

Result<std::unique_ptr<files::Bucket>> open_files_bucket(const Context& context, Session& session,
                                                         const config::Source& source) {
  const config::Files& files = *source.files;
  auto client = TRY(open_client(context, session, files, files.bucket, region_of(session, source)));
  return std::unique_ptr<files::Bucket>(
      std::make_unique<files::S3Bucket>(std::move(client), context.clock, std::random_device{}()));
}

Result<std::unique_ptr<files::InventoryReport>> open_inventory_report(
    const Context& context, Session& session, const config::Source& source) {
  const config::Files& files = *source.files;
  if (files.report_bucket.empty()) return std::unique_ptr<files::InventoryReport>();
  auto client =
      TRY(open_client(context, session, files, files.report_bucket, region_of(session, source)));
  auto store = std::make_unique<files::S3ReportStore>(std::move(client), context.clock,
                                                      std::random_device{}());
  return files::InventoryReport::open_newest(std::move(store), files.report_folder, files.bucket,
                                             scratch_folder(context.environment));
}

Result<RepositoryAccess*> FilesAccess::repository() {
  if (!repository_) repository_ = TRY(RepositoryAccess::open(context_, *session_));
  return repository_.get();
}

Result<std::string> FilesAccess::prefix(const std::optional<std::string>& given) const {
  const std::string& configured = source_.files->prefix;
  if (!given) return configured;
  if (given->starts_with(configured)) return *given;
  return Error{ErrorKind::invalid_input,
               fmt::format("--prefix {} is outside of the source's prefix {}",
                           clean_remote_text(*given), clean_remote_text(configured)),
               "a prefix is given from the beginning of the keys on"};
}

namespace {

// What an inventory does not cover would seem not to have existed.
Status check_covers(const repo::Archive& inventory, const std::string& bucket,
                    const std::string& prefix) {
  const auto fact = [&](std::string_view name) {
    const auto found = inventory.facts.find(std::string(name));
    return found == inventory.facts.end() ? std::string() : found->second;
  };
  const std::string name = short_archive(inventory.name.hex());
  if (fact(ops::kBucketFact) != bucket)
    return Error{ErrorKind::unsafe,
                 fmt::format("inventory {} is of {}, and the source's bucket is {} now", name,
                             clean_remote_text(fact(ops::kBucketFact)), bucket),
                 "name that bucket in the configuration again, or use --at"};
  if (prefix.starts_with(fact(ops::kPrefixFact))) return Done{};
  return Error{ErrorKind::unsafe,
               fmt::format("inventory {} covers no more than the prefix {}", name,
                           clean_remote_text(fact(ops::kPrefixFact))),
               "give it, or a longer one, as --prefix"};
}

}  // namespace

Result<ChosenMoment> FilesAccess::moment(const MomentFlags& flags, const std::string& prefix) {
  if (flags.at && flags.point)
    return Error{ErrorKind::invalid_input, "--at and --point exclude each other",
                 "give one of them"};
  if (flags.point) {
    repo::Repository& repository = TRY(this->repository())->repository();
    const repo::Archive archive = TRY(ops::find_inventory(repository, source_.name, *flags.point));
    TRY(check_covers(archive, bucket_->describe(), prefix));
    return ChosenMoment{
        .shown = fmt::format("as of {}, inventory {}", format_time(archive.moment),
                             short_archive(archive.name.hex())),
        .time = archive.moment,
        .make = [&repository, archive, prefix]() -> Result<files::Moment> {
          return files::Moment::of(TRY(ops::inventory_rows(repository, archive, prefix)));
        }};
  }
  if (!flags.at)
    return ChosenMoment{.shown = "now", .time = {}, .make = []() -> Result<files::Moment> {
                          return files::Moment::at(TimePoint::max());
                        }};
  const TimePoint time = TRY(parse_time(*flags.at));
  return ChosenMoment{
      .shown = "as of " + format_time(time),
      .time = time,
      .make = [time]() -> Result<files::Moment> { return files::Moment::at(time); }};
}

}  // namespace tidemark::cli
