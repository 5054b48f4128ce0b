#include "cli/archiver.h"

#include <fmt/format.h>

#include "base/log.h"
#include "cli/archive_policies.h"
#include "cli/database_access.h"
#include "cli/files_access.h"
#include "cli/size_text.h"
#include "ops/archive.h"
#include "ops/file_inventory.h"
#include "repo/upkeep/prune.h"

namespace tidemark::cli {

Result<std::unique_ptr<Archiver>> Archiver::open(const Context& context) {
  std::unique_ptr<Archiver> archiver(new Archiver(context));
  archiver->session_ = TRY(Session::open(context));
  const config::Config& config = archiver->session_->config();
  Archiver* const self = archiver.get();
  ops::ArchiveParts parts{
      .policies = archive_policies(config),
      .repository = [self](bool anew) { return self->repository(anew); },
      .archive = [self](const auto& database,
                        auto& repository) { return self->archive(database, repository); }};
  if (config.thin)
    parts.prune = [self](const auto& forget, auto& repository) {
      return self->prune(forget, repository);
    };
  archiver->rounds_ = std::make_unique<ops::ArchiveRounds>(std::move(parts), context.clock);
  return archiver;
}

Result<repo::Repository*> Archiver::repository(bool anew) {
  if (anew || access_ == nullptr) {
    access_.reset();
    access_ = TRY(RepositoryAccess::open(context_, *session_));
  }
  return &access_->repository();
}

Result<repo::ObjectName> Archiver::archive(const ops::ArchivedDatabase& database,
                                           repo::Repository& repository) {
  const config::Source& configured = session_->source_config(database.source);
  if (configured.files && database.database == ops::kFilesOfSource)
    return take_inventory(database.source, repository, std::nullopt);
  if (configured.files && database.point)
    return take_inventory(database.source, repository, database.point);
  const ops::Source source = TRY(session_->sources(database.source)).front();
  const aws::rds::Instance instance = TRY(source.service->instance(source.instance));
  auto connection = TRY(database_options(context_, session_->source_config(source.name),
                                         instance.endpoint_address, instance.settings));
  connection.database = database.database;
  const ops::ArchiveOptions options{.source = database.name(),
                                    .owner = access_->owner(),
                                    .tool_version = TIDEMARK_VERSION,
                                    .jobs = database.jobs,
                                    .references_sql = references_of(configured, database.database)};
  const ops::ArchiveOutcome outcome =
      TRY(ops::archive_database(connection, repository, options, context_.clock, context_.stop));
  for (const core::Problem& problem : outcome.problems)
    log::warning(problem.message, {{"hint", problem.hint}});
  if (outcome.references_error)
    log::error("which files rows name could not be read; the archive is whole",
               {{"source", database.source}, {"error", outcome.references_error->message}});
  log::info("archived", {{"source", database.source},
                         {"database", database.database},
                         {"archive", short_archive(outcome.name.hex())},
                         {"rows", fmt::format("{}", outcome.total.rows)},
                         {"added", size_text(outcome.tally.stored_bytes)}});
  return outcome.name;
}

// As of the snapshot; else of the moment of the last archive of the database, when there is one
// that has none yet.
Result<repo::ObjectName> Archiver::take_inventory(
    const std::string& source, repo::Repository& repository,
    const std::optional<core::RecoveryPoint>& snapshot) {
  const config::Source& configured = session_->source_config(source);
  const auto bucket = TRY(open_files_bucket(context_, *session_, configured));
  const auto& references = configured.references;
  ops::InventoryOptions options{.source = source,
                                .prefix = configured.files->prefix,
                                .owner = access_->owner(),
                                .tool_version = TIDEMARK_VERSION};
  if (snapshot)
    options.snapshot = ops::snapshot_moment(*snapshot);
  else
    options.point = TRY(
        ops::point_without_inventory(repository, source, references ? references->database : ""));
  const auto report = TRY(open_inventory_report(context_, *session_, configured));
  options.report = report.get();
  const ops::InventoryOutcome outcome =
      TRY(ops::take_inventory(*bucket, repository, options, context_.stop));
  log::info("took an inventory of the files",
            {{"source", source},
             {"archive", short_archive(outcome.name.hex())},
             {"files", fmt::format("{}", outcome.files)},
             {"point", snapshot ? snapshot->id : ""},
             {"missing", fmt::format("{}", outcome.references ? outcome.references->missing : 0)},
             {"added", size_text(outcome.tally.stored_bytes)}});
  return outcome.name;
}

Status Archiver::prune(const std::vector<repo::ObjectName>& forget, repo::Repository& repository) {
  const repo::PruneOptions options{.grace = session_->config().repository->grace,
                                   .owner = access_->owner()};
  const repo::PrunePlan plan = TRY(repo::plan_prune(repository, forget, options));
  const repo::PruneReport report = TRY(repo::apply_prune(repository, plan, options));
  log::info("pruned the repository",
            {{"condemned", fmt::format("{}", plan.forget.size())},
             {"archives_removed", fmt::format("{}", report.archives_removed)},
             {"freed", size_text(report.bytes_removed)}});
  return Done{};
}

void add_archive_plans(const Context& context, Session& session,
                       std::vector<core::SourcePlan>& plans) {
  if (!session.config().archives_by_itself()) return;
  const auto read = [&]() -> Result<ops::ArchivesByName> {
    const auto access = TRY(RepositoryAccess::open(context, session));
    return ops::read_archives(access->repository());
  };
  const ops::ArchivePolicies policies = archive_policies(session.config());
  auto archives = ops::plan_all_archives(read(), policies, {}, context.clock.now());
  for (core::SourcePlan& plan : plans)
    for (std::size_t i = 0; i < policies.databases.size(); ++i)
      if (policies.databases[i].source == plan.source)
        core::add_archives(plan, std::move(archives[i]));
}

}  // namespace tidemark::cli
