#include "cli/restore_archive.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/log.h"
#include "base/remote_text.h"
#include "cli/archive_policies.h"
#include "cli/archive_progress.h"
#include "cli/database_access.h"
#include "cli/files_restore.h"
#include "cli/repository_access.h"
#include "cli/step_progress.h"
#include "ops/file_inventory.h"
#include "ops/restore_archive.h"
#include "report/json.h"
#include "report/restore_json.h"

namespace tidemark::cli {
namespace {

constexpr int kJobsMax = 64;

Error excluded(std::string what) {
  return Error{ErrorKind::invalid_input, std::move(what), "add --help to see what there is"};
}

}  // namespace

void ArchiveFlags::declare(Args& args) {
  args.option("--to", "URL", to, "restore an archive into this database, postgresql://...");
  args.flag("--create", options.create, "with --to: create the database first");
  args.option("--schema", "NAME", options.schema, "with --to: only this schema");
  args.option("--table", "NAME", options.table,
              "with --to: only the rows of this table and its partitions, into the one that is "
              "there; with --as NAME as a new table");
  args.flag("--schema-only", schema_only, "with --to: the definitions, no rows");
  args.flag("--data-only", data_only,
            "with --to: the rows, into tables that are there, in the order of their foreign keys");
  args.flag("--disable-triggers", options.disable_triggers,
            "with --data-only or --table: run no trigger and check no foreign key");
  args.option("--jobs", "N", options.jobs, 1, kJobsMax, "with --to: connections at a time");
  args.also("-j");
  args.flag("--roles", options.roles, "with --to: first make the roles that are missing");
  args.flag("--files", files,
            "then bring the files in the source's bucket back to the same moment");
  args.flag("--no-owner", no_owner, "with --to: everything belongs to whoever restores");
  args.flag("--no-privileges", no_privileges, "with --to: no grants");
}

Result<ArchiveTarget> ArchiveFlags::target(const std::string& archive,
                                           const std::optional<std::string>& as) {
  if (schema_only && data_only) return excluded("--schema-only and --data-only exclude each other");
  if (options.table && (schema_only || data_only || options.schema || options.create))
    return excluded("--table goes with --as alone");
  if (as && !options.table) return excluded("--as goes with --table when --to is given");
  if (options.disable_triggers && !data_only && !(options.table && !as))
    return excluded(
        "--disable-triggers is for rows into tables that are there: with --data-only, "
        "or --table without --as");
  ArchiveTarget target{.archive = archive, .url = to.value_or(""), .options = options};
  target.options.as = as;
  if (schema_only) target.options.part = ops::RestoredPart::definitions;
  if (data_only) target.options.part = ops::RestoredPart::rows;
  target.options.owners = !no_owner;
  target.options.privileges = !no_privileges;
  target.files = files;
  return target;
}

namespace {

// Of the files that belong to the archive; nullopt: its source has none.
std::optional<FilesRestoreFlags> files_of(const config::Config& config,
                                          const repo::Archive& archive) {
  for (const config::Source& source : config.sources) {
    if (!source.files || !archive.source.starts_with(source.name + "/")) continue;
    return FilesRestoreFlags{.source = source.name,
                             .moment = {.at = {}, .point = archive.name.hex()}};
  }
  return std::nullopt;
}

Result<std::optional<FilesRestoreFlags>> wanted_files(const Context& context, Session& session,
                                                      const repo::Archive& archive,
                                                      const ArchiveTarget& target) {
  auto files = files_of(session.config(), archive);
  if (!target.files) return std::optional<FilesRestoreFlags>();
  if (!files)
    return Error{ErrorKind::invalid_input,
                 fmt::format("{} is of no source with a bucket", clean_remote_text(archive.source)),
                 "leave --files out"};
  files->yes = target.yes;
  files->agreed = TRY(agree_to_files_restore(context, *files));
  files->yes = true;
  return files;
}

}  // namespace

Result<ExitCode> restore_archive_to(const Context& context, const ArchiveTarget& target) {
  const postgres::ConnectionOptions connection = TRY(connection_of_argument(context, target.url));
  const auto session = TRY(Session::open(context));
  const auto access = TRY(RepositoryAccess::open(context, *session));
  const repo::Archive archive = TRY(ops::find_archive(access->repository(), target.archive));
  if (archive.facts.contains(std::string(ops::kBucketFact)))
    return Error{ErrorKind::invalid_input,
                 fmt::format("archive {} is an inventory of files, not of a database",
                             short_archive(archive.name.hex())),
                 "`tidemark files restore` brings files back"};
  // One plan and one question for both, before either is touched; then the rows first.
  const auto files = TRY(wanted_files(context, *session, archive, target));
  repo::ReaderLease reading = access->reading();
  StepProgress progress(context);
  const Millis begin = context.clock.steady();
  ops::RestoreArchiveOptions options = target.options;
  options.on_progress = [&](const ops::ArchiveProgress& at) {
    reading.keep();
    const Millis elapsed = context.clock.steady() - begin;
    progress.detail(progress_text(at, elapsed), elapsed);
  };
  const auto restored = ops::restore_archive(connection, access->repository(), archive, options,
                                             context.clock, context.stop);
  reading.release();
  progress.finish();
  if (!restored) return restored.error();
  const Millis took = context.clock.steady() - begin;
  if (context.global.json) {
    auto document = report::document("restore_archive");
    document["archive"] = archive.name.hex();
    document["moment"] = format_time(archive.moment);
    document["tables"] = restored->total.tables_done;
    document["rows"] = restored->total.rows;
    document["roles_made"] = restored->roles_made;
    document["problems"] = report::problems_json(restored->problems);
    document["took_seconds"] = std::chrono::duration<double>(took).count();
    TRY(context.print(report::json_line(document)));
  } else {
    std::string text = fmt::format(
        "restored {} as of {} into database {}: {} rows in {} tables, in {}\n",
        clean_remote_text(archive.source), format_time(archive.moment),
        clean_remote_text(connection.database), restored->total.rows, restored->total.tables_done,
        format_duration(std::chrono::floor<Seconds>(took)));
    if (!restored->roles_made.empty())
      text += fmt::format("  made {} roles, without passwords: {}\n", restored->roles_made.size(),
                          log::safe_text(fmt::format("{}", fmt::join(restored->roles_made, ", "))));
    for (const core::Problem& problem : restored->problems)
      text += fmt::format("  {} {}\n    -> {}\n", core::severity_name(problem.severity),
                          problem.message, problem.hint);
    if (const auto others = files_of(session->config(), archive); others && !files)
      text += fmt::format("  its files: tidemark files restore {} --point {}\n", others->source,
                          short_archive(archive.name.hex()));
    TRY(context.print(text));
  }
  ExitCode code = restored->problems.empty() ? ExitCode::ok : ExitCode::partial;
  if (!files) return code;
  const auto files_back = restore_files(context, *files);
  if (!files_back)
    return in_context("the rows are restored, the files are not", files_back.error());
  return code == ExitCode::ok ? *files_back : code;
}

}  // namespace tidemark::cli
