// `tidemark archive`: a database into the repository.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/log.h"
#include "cli/archive_progress.h"
#include "cli/commands.h"
#include "cli/database_access.h"
#include "cli/files_access.h"
#include "cli/inventory_report.h"
#include "cli/repository_access.h"
#include "cli/size_text.h"
#include "cli/step_progress.h"
#include "ops/archive.h"
#include "postgres/conn/connection_text.h"
#include "report/json.h"
#include "report/restore_json.h"

namespace tidemark::cli {
namespace {

constexpr int kJobsMax = 64;
constexpr int kRateMax = 100'000;
constexpr std::size_t kShownDigits = 12;
constexpr std::uint64_t kMegabyte = 1'000'000;

struct Target {
  std::string name;  // what the archive is of
  postgres::ConnectionOptions connection;
  std::optional<config::Source> source = {};  // nullopt: a database by its URL
};

// A source of the configuration by its name, or any database by its URL.
Result<Target> find_target(const Context& context, Session& session, const std::string& word,
                           const std::optional<std::string>& name,
                           const std::optional<std::string>& database) {
  if (postgres::is_connection_text(word)) {
    Target target{.connection = TRY(connection_of_argument(context, word))};
    target.name = name.value_or(target.connection.database);
    return target;
  }
  const ops::Source source = TRY(session.sources(word)).front();
  const aws::rds::Instance instance = TRY(source.service->instance(source.instance));
  Target target{.connection = TRY(database_options(context, session.source_config(source.name),
                                                   instance.endpoint_address, instance.settings))};
  if (database) target.connection.database = *database;
  target.name = name.value_or(fmt::format("{}/{}", source.name, target.connection.database));
  target.source = session.source_config(source.name);
  return target;
}

// The files as of the moment of the rows.
Result<std::optional<ops::InventoryOutcome>> take_inventory(const Context& context,
                                                            Session& session,
                                                            RepositoryAccess& access,
                                                            const Target& target,
                                                            const repo::ObjectName& archive) {
  std::optional<ops::InventoryOutcome> outcome;
  if (!target.source || !target.source->files) return outcome;
  const auto bucket = TRY(open_files_bucket(context, session, *target.source));
  const auto report = TRY(open_inventory_report(context, session, *target.source));
  const ops::InventoryOptions options{
      .source = target.source->name,
      .prefix = target.source->files->prefix,
      .owner = access.owner(),
      .tool_version = TIDEMARK_VERSION,
      .point = TRY(ops::archive_by_id(access.repository(), archive.hex())),
      .report = report.get()};
  outcome = TRY(ops::take_inventory(*bucket, access.repository(), options, context.stop));
  return outcome;
}

nlohmann::json outcome_json(const Target& target, const ops::ArchiveOutcome& outcome, Millis took) {
  auto document = report::document("archive");
  document["archive"] = outcome.name.hex();
  document["source"] = target.name;
  document["moment"] = format_time(outcome.moment);
  document["tables"] = outcome.total.tables_done;
  document["rows"] = outcome.total.rows;
  document["bytes"] = outcome.total.bytes;
  document["stored_bytes"] = outcome.tally.stored_bytes;
  document["chunks_new"] = outcome.tally.chunks_new;
  document["chunks_known"] = outcome.tally.chunks_known;
  document["differences"] = outcome.tally.differences;
  document["problems"] = report::problems_json(outcome.problems);
  document["took_seconds"] = std::chrono::duration<double>(took).count();
  return document;
}

Result<ExitCode> run_archive(Args& args, Context& context) {
  std::string word;
  std::optional<std::string> name;
  std::optional<std::string> database;
  int jobs = 2;
  int rate = 0;
  args.positional("SOURCE|URL", word, "a source of the configuration, or postgresql://...");
  args.option("--name", "NAME", name,
              "what the archive is of; the last one of that name is built on");
  args.option("--database", "NAME", database, "of a source: another database than the configured");
  args.option("--jobs", "N", jobs, 1, kJobsMax, "connections that copy at a time");
  args.also("-j");
  args.option("--rate", "MB", rate, 1, kRateMax,
              "read at most so many megabytes of rows a second, by all connections together");
  TRY(args.parse());
  TRY(require_writable(context, "archive a database"));

  const auto session = TRY(Session::open(context));
  const Target target = TRY(find_target(context, *session, word, name, database));
  const auto access = TRY(RepositoryAccess::open(context, *session));
  StepProgress progress(context);
  const Millis begin = context.clock.steady();
  const ops::ArchiveOptions options{
      .source = target.name,
      .owner = access->owner(),
      .tool_version = TIDEMARK_VERSION,
      // A database by its URL goes by its own name, as others may.
      .other_server = name || !postgres::is_connection_text(word) ? ops::OtherServer::told
                                                                  : ops::OtherServer::refused,
      .jobs = jobs,
      .references_sql =
          target.source ? references_of(*target.source, target.connection.database) : std::string(),
      .read_bytes_per_second = static_cast<std::uint64_t>(rate) * kMegabyte,
      .on_progress = [&](const ops::ArchiveProgress& at) {
        const Millis elapsed = context.clock.steady() - begin;
        progress.detail(progress_text(at, elapsed), elapsed);
      }};
  const auto outcome = ops::archive_database(target.connection, access->repository(), options,
                                             context.clock, context.stop);
  progress.finish();
  if (!outcome) return outcome.error();
  const auto inventory = take_inventory(context, *session, *access, target, outcome->name);
  if (!inventory)
    return in_context(fmt::format("archive {} of the database is stored, but no inventory of its "
                                  "files",
                                  outcome->name.hex().substr(0, kShownDigits)),
                      inventory.error());
  if (outcome->references_error)
    return in_context(
        fmt::format("archive {} is stored, but which files its rows name is not known",
                    outcome->name.hex().substr(0, kShownDigits)),
        *outcome->references_error);
  const Millis took = context.clock.steady() - begin;
  for (const core::Problem& problem : outcome->problems)
    log::warning(problem.message, {{"hint", problem.hint}});
  if (context.global.json) {
    auto document = outcome_json(target, *outcome, took);
    if (*inventory) document["files"] = inventory_json(**inventory);
    TRY(context.print(report::json_line(document)));
    return ExitCode::ok;
  }
  TRY(context.print(fmt::format(
      "archived {} as of {}\n  archive   {}\n  rows      {} in {} tables, {}\n  added     {} "
      "({} new chunks of which {} differences, {} known)\n  took      {}\n",
      target.name, format_time(outcome->moment), outcome->name.hex().substr(0, kShownDigits),
      outcome->total.rows, outcome->total.tables_done, size_text(outcome->total.bytes),
      size_text(outcome->tally.stored_bytes), outcome->tally.chunks_new, outcome->tally.differences,
      outcome->tally.chunks_known, format_duration(std::chrono::floor<Seconds>(took)))));
  if (*inventory) TRY(context.print(inventory_text(target.source->name, **inventory)));
  return ExitCode::ok;
}

}  // namespace

const Command kArchiveCommand{
    "archive", "store the definitions and rows of a database in the repository",
    "Archives one database as of one moment: definitions by pg_dump, rows by COPY over several "
    "connections. What resembles the last archive of the same name is stored as a difference to "
    "it, "
    "so a day costs about what changed. Everything is encrypted. Nothing is visible before all of "
    "it "
    "is stored; stopping it loses only this archive.\n\n"
    "Of a source with a bucket, what files there are is stored with it, as of the moment of the "
    "rows.\n\n"
    "Any PostgreSQL, not only RDS.",
    "tidemark archive postgresql://backup@db.example/shop", run_archive};

}  // namespace tidemark::cli
