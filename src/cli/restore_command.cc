// `tidemark restore`: a source as it was, under its own name or beside it.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/database_access.h"
#include "cli/restore_archive.h"
#include "cli/restore_files.h"
#include "cli/restore_report.h"
#include "cli/restore_workers.h"
#include "report/json.h"
#include "report/restore_text.h"

namespace tidemark::cli {
namespace {

struct Given {
  std::string source;
  std::optional<std::string> at;
  ArchiveFlags archive;
  std::optional<std::string> to_time;
  std::optional<std::string> settings;
  std::optional<std::string> password_file;
  bool latest = false;
  bool no_safety_snapshot = false;
  bool no_checks = false;
  bool trust_name = false;
  bool no_hook = false;
  bool no_files = false;
  RunChoices run;
};

void declare(Args& args, Given& given, ops::RestoreRequest& request) {
  args.positional("SOURCE", given.source, "a source of the configuration; with --to an archive");
  given.archive.declare(args);
  args.option("--point", "ID", request.point, "restore this point, as `tidemark list` shows it");
  args.option("--at", "TIME", given.at, "restore the newest good point that is not after this");
  args.flag("--latest", given.latest,
            "restore the newest good point; so it is without any of these");
  args.option("--to-time", "TIME", given.to_time,
              "restore to this very moment, from the automated backups; or \"latest\"");
  args.option("--as", "NEW-ID", request.as, "beside the instance, under this identifier");
  args.option("--settings", "WHICH", given.settings,
              "current (of the instance there is), point (saved with it) or defaults (RDS's)");
  args.option("--instance-class", "CLASS", request.instance_class, "instead of the saved one");
  args.option("--parameter-group", "NAME", request.parameter_group, "instead of the saved one");
  args.option(
      "--zone", "NAME", request.zone,
      "availability zone of a Single-AZ instance; without it RDS chooses one with capacity");
  args.option("--upgrade-snapshot", "VERSION", request.upgrade_to,
              "first upgrade the snapshot to this PostgreSQL version; there is no way back");
  args.option("--master-password-file", "FILE", given.password_file,
              "set the master password to this file's first line");
  args.flag("--again", request.again,
            "restore once more, while the instance before the last restore is still kept");
  args.flag("--no-safety-snapshot", given.no_safety_snapshot,
            "take no snapshot of the instance that gives way");
  args.flag("--no-checks", given.no_checks, "do not connect and check");
  args.flag("--trust-name", given.trust_name,
            "believe the endpoint's name when the instance before cannot be asked whether it still "
            "leads there");
  args.flag("--no-files", given.no_files,
            "of a restore that was begun with --files: leave the files as they are");
  args.flag("--no-hook", given.no_hook, "do not run the configured hook");
  args.flag("--warm-up", request.warm_up, "read every table once at the end");
  declare_run(args, given.run);
}

Status read_times(const Given& given, ops::RestoreRequest& request) {
  if (given.at) {
    const auto time = parse_time(*given.at);
    if (!time) return in_context("--at", time.error());
    request.at = *time;
  }
  if (given.to_time == "latest") {
    request.to_latest = true;
  } else if (given.to_time) {
    const auto time = parse_time(*given.to_time);
    if (!time) return in_context("--to-time", time.error());
    request.to_time = *time;
  }
  const int origins = (request.point ? 1 : 0) + (given.at ? 1 : 0) + (given.to_time ? 1 : 0) +
                      (given.latest ? 1 : 0);
  if (origins <= 1) return Done{};
  return Error{ErrorKind::invalid_input, "--point, --at, --latest and --to-time exclude each other",
               "give one of them"};
}

// What would be ignored is refused: nobody shall get the newest archive who asked for another time.
Status check_goes_with_archive(const Given& given, const ops::RestoreRequest& request) {
  const bool of_instances = given.at || given.to_time || given.latest || request.point ||
                            given.settings || given.password_file || given.run.dry_run;
  if (!of_instances) return Done{};
  return Error{ErrorKind::invalid_input,
               "--point, --at, --latest, --to-time, --settings, --master-password-file and "
               "--dry-run do not go with --to",
               "name the archive: `tidemark archives` shows each with its moment"};
}

Status check_files(const ops::RestoreRequest& request, const config::Source& source) {
  if (!request.files) return Done{};
  const auto refused = [](std::string what, std::string hint) {
    return Error{ErrorKind::invalid_input, std::move(what), std::move(hint)};
  };
  if (request.no_files)
    return refused("--files and --no-files exclude each other", "give one of them");
  if (!source.files)
    return refused(fmt::format("source {} has no bucket", source.name), "leave --files out");
  if (request.as)
    return refused(
        "--files would change the files that the application works with, and --as leaves "
        "its rows as they are",
        fmt::format("restore the rows without --files, and the files into a folder: "
                    "`tidemark files restore {} --at TIME --to FOLDER`",
                    source.name));
  if (request.to_latest)
    return refused("--files needs to know the moment, which \"latest\" shows only afterwards",
                   "give --to-time TIME");
  return Done{};
}

Status read_request(const Given& given, const config::Source& source,
                    ops::RestoreRequest& request) {
  if (given.settings) {
    request.settings = core::parse_choice(*given.settings);
    if (!request.settings)
      return Error{ErrorKind::invalid_input, fmt::format("--settings is '{}'", *given.settings),
                   "choose current, point or defaults"};
  }
  request.safety_snapshot = !given.no_safety_snapshot;
  request.run_checks = !given.no_checks;
  // What a hook does, such as moving an application over, fits the instance that takes the place.
  request.newest = given.latest;
  request.no_hook = given.no_hook;
  request.run_hook = !given.no_hook && !request.as && !source.restore.hook.empty();
  request.set_password = given.password_file.has_value();
  request.files = given.archive.files;
  request.no_files = given.no_files;
  return check_files(request, source);
}

std::string done_text(const core::RestorePlan& plan, const ops::RestoreOutcome& outcome,
                      Millis took) {
  const core::SeenInstance& instance = *outcome.instance;
  std::string text = fmt::format("{} is restored from {}, in {}\n", instance.id, plan.origin_text,
                                 format_duration(std::chrono::floor<Seconds>(took)));
  text +=
      fmt::format("  endpoint    {}:{}\n", instance.address, instance.settings.port.value_or(0));
  if (!plan.goal.gives_way.empty() && plan.goal.in_place)
    text += fmt::format(
        "  the instance before is kept as {}\n"
        "    -> content with the restore: tidemark restore retire {}\n"
        "    -> not content:              tidemark restore rollback {}\n",
        plan.goal.aside, plan.source, plan.source);
  return text;
}

Status print_finished(const Context& context, const core::SeenInstance& instance) {
  const core::RestoreMark mark = *instance.mark();
  if (!context.global.json)
    return context.print(
        fmt::format("{} is restored already, from {} by the restore of {}\n  endpoint    {}:{}\n",
                    instance.id, mark.origin, format_time(*core::operation_began(mark.operation)),
                    instance.address, instance.settings.port.value_or(0)));
  auto document = report::document("restore");
  document["plan"] = nullptr;
  document["took_seconds"] = 0;
  document["instance"] = instance.id;
  document["endpoint"] = instance.address;
  document["steps"] = document["problems"] = nlohmann::json::array();
  document["error"] = nullptr;
  return context.print(report::json_line(document));
}

Result<ExitCode> run_restore(Args& args, Context& context) {
  Given given;
  ops::RestoreRequest request;
  declare(args, given, request);
  TRY(args.parse());
  TRY(read_times(given, request));
  if (!given.run.dry_run) TRY(require_writable(context, "restore"));
  if (given.archive.to) TRY(check_goes_with_archive(given, request));
  if (given.archive.to) {
    ArchiveTarget target = TRY(given.archive.target(given.source, request.as));
    target.yes = given.run.yes;
    return restore_archive_to(context, target);
  }
  std::optional<Secret> password;
  if (given.password_file) password = TRY(read_password_file(*given.password_file));

  const auto session = TRY(Session::open(context));
  const ops::Source source = TRY(session->sources(given.source)).front();
  const config::Source& configured = session->source_config(source.name);
  TRY(read_request(given, configured, request));

  if (const auto made = TRY(ops::finished_beside(source, request))) {
    TRY(print_finished(context, *made));
    return ExitCode::ok;
  }
  ops::PreparedRestore prepared =
      TRY(ops::prepare_restore(source, request, session->survey_options(), context.clock));
  RestoreFiles files(context, configured);
  files.add_to(prepared);
  const core::RestorePlan plan = prepared.plan;
  const std::string begun = plan.resumed_text.empty() ? "" : ", begun " + plan.resumed_text;
  return carry_out(
      context, *session, given.run, std::move(prepared),
      {fmt::format("the restore of {}{}", plan.goal.identifier, begun), plan.goal.identifier},
      [&](ops::PreparedRestore ready, const ops::StepOptions& options, StepProgress& progress) {
        RestoreWorkers workers(
            context, configured, ready,
            {.patience = options.limits.deadline, .trust_name = given.trust_name}, progress);
        ops::RestoreWorkers hooks = workers.hooks(std::move(password));
        hooks.files = [&files] { return files.bring_back(); };
        auto outcome = ops::run_restore(std::move(ready), hooks, options, context.clock);
        for (const auto& more : {workers.doubts(), files.problems()})
          outcome.problems.insert(outcome.problems.end(), more.begin(), more.end());
        outcome.files = files.outcome();
        return outcome;
      },
      [&](const ops::RestoreOutcome& outcome, Millis took) {
        return done_text(plan, outcome, took) + files.text();
      });
}

}  // namespace

const Command kRestoreCommand{
    "restore", "bring a source back as it was, reversible at each step",
    "Shows the plan, asks, and then: takes a safety snapshot of the instance there is, renames it, "
    "restores the point under the old identifier with all its settings and never public, reboots "
    "it "
    "if a parameter group waits, connects and checks, and runs the configured hook. Nothing is "
    "deleted. The same command goes on after a crash; `restore rollback` puts the instance before "
    "back; `restore retire` deletes it once you are content.\n\n"
    "With --as NEW-ID nothing gives way: the restored instance stands beside. With --to-time it is "
    "restored to a moment within the automated backups, also of an instance that is gone.\n\n"
    "With --files the files in the source's bucket come back to the same moment: one plan and one "
    "question for both, the rows first, then the files, then the hook. No version of a file is "
    "destroyed, and the plan says which command undoes it.\n\n"
    "With --to URL it restores an archive of the repository, by its name or the newest of a "
    "source, "
    "into an empty database of any PostgreSQL, or one that --create makes: definitions, rows, then "
    "indexes and constraints. With --table NAME --as NEW the rows of one table come back beside "
    "those that are there. It begins at once, without a plan or a question. With --files the files "
    "of "
    "the source's bucket come back to the same moment, after a plan and a question.\n\n"
    "The settings are those of the instance there is, else those saved with the point; the plan "
    "shows where the two differ.",
    "tidemark restore orders --at 2026-11-24T14:00:00Z", run_restore};

}  // namespace tidemark::cli
