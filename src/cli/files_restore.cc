// Restoring files: plan, question, and what is said of it.
#include "cli/files_restore.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/confirm.h"
#include "cli/files_report.h"
#include "cli/size_text.h"
#include "cli/step_progress.h"
#include "files/fetch.h"
#include "files/thaw.h"
#include "report/json.h"

namespace tidemark::cli {
namespace {

std::string act_name(const files::PlannedFile& file, const files::VersionState* state) {
  if (file.act == files::FileAct::mark) return "remove";
  if (file.act == files::FileAct::lose) return "lost";
  if (file.act == files::FileAct::nothing) return "same";
  return state == nullptr || !state->is_cold ? "copy" : state->is_thawing ? "thawing" : "cold";
}

nlohmann::json totals_json(const files::PlanTotals& totals) {
  return {
      {"unchanged", totals.unchanged}, {"copy", totals.copies}, {"copy_bytes", totals.copied_bytes},
      {"remove", totals.marks},        {"lost", totals.lost},   {"cold", totals.cold},
      {"thawing", totals.thawing}};
}

// folder: into which the files come; nullopt: they come back into the bucket.
std::string plan_text(const std::string& bucket, const std::string& prefix,
                      const ChosenMoment& moment, const files::PlanTotals& totals,
                      const std::optional<std::string>& folder) {
  auto text =
      fmt::format("restore the files of {}/{} {}\n", bucket, key_text(prefix), moment.shown);
  if (folder)
    text += fmt::format("  fetch       {} files, {}, into {}\n", totals.copies,
                        size_text(totals.copied_bytes), *folder);
  else
    text += fmt::format(
        "  copy back   {} old versions, {}\n"
        "  remove      {} files that did not exist then, by a delete marker\n"
        "  leave       {} files that are as they were\n",
        totals.copies, size_text(totals.copied_bytes), totals.marks, totals.unchanged);
  if (totals.lost > 0)
    text += fmt::format("  LOST        {} files whose version is no longer there\n", totals.lost);
  if (totals.cold > 0)
    text += fmt::format("  COLD        {} of the copies are in an archive class{}\n", totals.cold,
                        totals.thawing > 0 ? fmt::format(", {} on their way", totals.thawing) : "");
  return folder ? text : text + "  No version is destroyed.\n";
}

// What the operator has to decide before anything starts.
Status check_none_lost(const FilesRestoreFlags& flags, const files::PlanTotals& totals) {
  if (flags.partial || totals.lost == 0) return Done{};
  return Error{ErrorKind::conflict,
               fmt::format("{} files cannot be restored: their versions are gone", totals.lost),
               "the list above names them; --partial restores the others"};
}

Status check_whole(const FilesRestoreFlags& flags, const files::PlanTotals& totals) {
  TRY(check_none_lost(flags, totals));
  if (totals.cold > 0 && !flags.partial)
    return Error{
        ErrorKind::conflict,
        fmt::format("{} files are in an archive class and cannot be read now", totals.cold),
        "--thaw asks for them, and with --wait waits and goes on; --partial restores the others"};
  return Done{};
}

nlohmann::json failed_json(const std::vector<files::FailedFile>& files) {
  auto failed = nlohmann::json::array();
  for (const files::FailedFile& one : files)
    failed.push_back({{"key", one.key}, {"error", report::error_json(one.error)}});
  return failed;
}

std::string failed_text(const std::vector<files::FailedFile>& files) {
  std::string text;
  for (const files::FailedFile& one : files)
    text += fmt::format("  failed  {}: {}\n", key_text(one.key), one.error.message);
  return text;
}

nlohmann::json outcome_json(const files::RestoreOutcome& outcome) {
  return {{"copied", outcome.copied},
          {"copied_bytes", outcome.copied_bytes},
          {"removed", outcome.marked},
          {"lost", outcome.lost},
          {"cold", outcome.cold},
          {"changed_meanwhile", outcome.changed_meanwhile.count},
          {"changed_keys", outcome.changed_meanwhile.keys},
          {"buried", outcome.buried.count},
          {"buried_keys", outcome.buried.keys},
          {"still_different", outcome.still_different.count},
          {"still_different_keys", outcome.still_different.keys},
          {"failed", failed_json(outcome.failed)}};
}

std::string outcome_text(const std::string& source, const files::RestorePlan& plan,
                         const files::RestoreOutcome& outcome) {
  std::string text = fmt::format("copied back {} files, {}; removed {}\n", outcome.copied,
                                 size_text(outcome.copied_bytes), outcome.marked);
  const auto add = [&](std::uint64_t count, std::string_view what) {
    if (count > 0) text += fmt::format("  {} {}\n", count, what);
  };
  add(outcome.lost, "files are lost");
  add(outcome.cold, "files are in an archive class and were left as they are");
  const auto name = [&](const files::NamedFiles& files, std::string_view what) {
    add(files.count, what);
    for (const std::string& key : files.keys) text += fmt::format("    {}\n", key_text(key));
    if (files.count > files.keys.size())
      text += fmt::format("    and {} more\n", files.count - files.keys.size());
  };
  name(outcome.changed_meanwhile, "files changed since the plan and were left alone; run it again");
  name(outcome.buried,
       "files changed while they were restored; see right below them: `tidemark files history`");
  name(outcome.still_different, "files are not as they were; run it again");
  return text + failed_text(outcome.failed) +
         fmt::format("to undo it: tidemark files restore {} --at {}\n", source,
                     format_time(plan.made));
}

bool is_whole(const files::RestoreOutcome& outcome) {
  return outcome.failed.empty() && outcome.lost == 0 && outcome.cold == 0 &&
         outcome.changed_meanwhile.count == 0 && outcome.buried.count == 0 &&
         outcome.still_different.count == 0;
}

int jobs_of(const FilesRestoreFlags& flags, FilesAccess& access) {
  return flags.jobs > 0 ? flags.jobs : access.config().jobs;
}

files::ThawRequest thaw_request(const FilesRestoreFlags& flags) {
  return {.days = flags.thaw_days, .tier = flags.thaw_tier.value_or("Standard")};
}

Status thaw(const Context& context, FilesAccess& access, const files::RestoreTarget& target,
            const FilesRestoreFlags& flags, const files::PlanTotals& totals) {
  files::ThawOutcome outcome{.asked = 0, .asked_before = totals.thawing};
  if (!flags.dry_run) {
    TRY(confirm(context, flags.yes,
                flags.wait ? "thawing, which costs money, and then the restore"
                           : "thawing, which costs money",
                flags.source));
    outcome = TRY(files::thaw_files(access.bucket(), target, thaw_request(flags),
                                    jobs_of(flags, access), context.stop));
  }
  if (context.global.json) {
    auto document = report::document("files_thaw");
    document["plan"] = totals_json(totals);
    document["asked"] = outcome.asked;
    return context.print(report::json_line(document));
  }
  return context.print(
      fmt::format("asked for {} files; {} were asked for before. It takes hours: {}\n",
                  outcome.asked, outcome.asked_before,
                  flags.wait ? "the restore waits for them; stopped, the same command goes on"
                             : "run the restore again without --thaw when they are there"));
}

Status wait_for_thawed(const Context& context, FilesAccess& access,
                       const files::RestoreTarget& target, const FilesRestoreFlags& flags) {
  StepProgress progress(context);
  const Millis begin = context.clock.steady();
  const files::ThawWait wait{
      .request = thaw_request(flags),
      .jobs = jobs_of(flags, access),
      .on_wait = [&](const files::ThawProgress& at) {
        progress.detail(
            fmt::format("waiting for files in an archive class: {} can be read, next look in {}",
                        at.ready, format_duration(std::chrono::floor<Seconds>(at.next_look))),
            context.clock.steady() - begin);
      }};
  const Status waited =
      files::wait_until_thawed(access.bucket(), target, wait, context.clock, context.stop);
  progress.finish();
  return waited;
}

Result<ExitCode> fetch(const Context& context, FilesAccess& access,
                       const files::RestoreTarget& target, const FilesRestoreFlags& flags) {
  const auto folder = TRY(files::Folder::open(*flags.folder));
  StepProgress progress(context);
  const Millis begin = context.clock.steady();
  const files::RestoreOptions options{
      .jobs = jobs_of(flags, access), .on_progress = [&](const files::RestoreProgress& at) {
        progress.detail(fmt::format("{} files, {}", at.files, size_text(at.bytes)),
                        context.clock.steady() - begin);
      }};
  const auto fetched = files::fetch_files(access.bucket(), target, folder, options, context.stop);
  progress.finish();
  if (!fetched) return fetched.error();
  const bool whole = fetched->failed.empty() && fetched->lost == 0 && fetched->cold == 0;
  if (context.global.json) {
    auto document = report::document("files_fetch");
    document["written"] = fetched->written;
    document["written_bytes"] = fetched->written_bytes;
    document["there_before"] = fetched->there_before;
    document["escaped"] = fetched->escaped;
    document["lost"] = fetched->lost;
    document["cold"] = fetched->cold;
    document["failed"] = failed_json(fetched->failed);
    TRY(context.print(report::json_line(document)));
  } else {
    std::string text =
        fmt::format("wrote {} files, {}, into {}; {} were there\n", fetched->written,
                    size_text(fetched->written_bytes), *flags.folder, fetched->there_before);
    if (fetched->escaped > 0)
      text += fmt::format(
          "  {} keys cannot be names on disk and are written otherwise: "
          "docs/manual/files.md\n",
          fetched->escaped);
    if (fetched->lost > 0) text += fmt::format("  {} files are lost\n", fetched->lost);
    if (fetched->cold > 0)
      text += fmt::format("  {} files are in an archive class\n", fetched->cold);
    TRY(context.print(text + failed_text(fetched->failed)));
  }
  return whole ? ExitCode::ok : ExitCode::partial;
}

Result<files::RestoreOutcome> apply(const Context& context, FilesAccess& access,
                                    const files::RestoreTarget& target,
                                    const files::RestorePlan& plan, int jobs) {
  StepProgress progress(context);
  const Millis begin = context.clock.steady();
  const std::uint64_t total = plan.totals.copies + plan.totals.marks;
  const files::RestoreOptions options{
      .jobs = jobs, .on_progress = [&](const files::RestoreProgress& at) {
        progress.detail(fmt::format("{} of {} files, {} of {}", at.files, total,
                                    size_text(at.bytes), size_text(plan.totals.copied_bytes)),
                        context.clock.steady() - begin);
      }};
  auto outcome = files::apply_restore(access.bucket(), target, plan, options, context.stop);
  progress.finish();
  return outcome;
}

// S3 tells times in whole seconds. What the restore stores has to be of a later one than the plan,
// so that the time of the plan is what undoes it.
Status let_the_second_pass(const Context& context, files::Bucket& bucket,
                           const files::RestorePlan& plan) {
  if (TRY(bucket.now()) >= plan.made + Seconds(1)) return Done{};
  return context.clock.sleep(Seconds(1));
}

}  // namespace

struct Planned {
  std::unique_ptr<FilesAccess> access;
  std::string prefix;
  ChosenMoment moment;
  files::RestoreTarget target;
  files::RestorePlan plan;
};

namespace {

Result<Planned> open_target(const Context& context, const FilesRestoreFlags& flags) {
  Planned planned{.access = TRY(FilesAccess::open(context, flags.source)), .plan = {}};
  planned.prefix = TRY(planned.access->prefix(flags.prefix));
  planned.moment = TRY(planned.access->moment(flags.moment, planned.prefix));
  planned.target = {.prefix = planned.prefix,
                    .moment = planned.moment.make,
                    .is_elsewhere = flags.folder.has_value()};
  return planned;
}

// What cannot be restored now is named one by one, before anything starts.
Status make_plan(const Context& context, const FilesRestoreFlags& flags, Planned& planned) {
  if (!flags.folder) TRY(planned.access->bucket().check_versioned());
  FileLines lines(context, "files_restore_file");
  const auto name = [&](const files::PlannedFile& file,
                        const files::VersionState* state) -> Status {
    const bool barred = file.act == files::FileAct::lose || (state != nullptr && state->is_cold);
    if (!barred && !flags.dry_run) return Done{};
    return lines.add(file.version, act_name(file, state));
  };
  planned.plan = TRY(files::plan_restore(planned.access->bucket(), planned.target, name,
                                         jobs_of(flags, *planned.access)));
  if (flags.agreed) {
    planned.plan.made = flags.agreed->made;
    planned.plan.seen = flags.agreed->seen;
  }
  TRY(lines.finish());
  if (context.global.json) return Done{};
  return context.print(plan_text(planned.access->bucket().describe(), planned.prefix,
                                 planned.moment, planned.plan.totals, flags.folder));
}

Result<ExitCode> carry_out(const Context& context, const FilesRestoreFlags& flags,
                           Planned& planned) {
  auto document = report::document("files_restore");
  document["moment"] = report::json_time(planned.moment.time);
  document["plan"] = totals_json(planned.plan.totals);
  if (flags.dry_run || planned.plan.totals.nothing_to_do()) {
    if (context.global.json) TRY(context.print(report::json_line(document)));
    return ExitCode::ok;
  }
  TRY(check_whole(flags, planned.plan.totals));
  TRY(confirm(context, flags.yes, "the restore", flags.source));
  TRY(let_the_second_pass(context, planned.access->bucket(), planned.plan));
  const int jobs = jobs_of(flags, *planned.access);
  const auto applied = apply(context, *planned.access, planned.target, planned.plan, jobs);
  if (!applied) {
    Error error = applied.error();
    error.hint += fmt::format(
        "{}the same again does what is left; tidemark files restore {} --at {} "
        "undoes what was done",
        error.hint.empty() ? "" : "; ", flags.source, format_time(planned.plan.made));
    return error;
  }
  const files::RestoreOutcome& outcome = *applied;
  document["outcome"] = outcome_json(outcome);
  document["undo_at"] = format_time(planned.plan.made);
  TRY(context.print(context.global.json ? report::json_line(document)
                                        : outcome_text(flags.source, planned.plan, outcome)));
  return is_whole(outcome) ? ExitCode::ok : ExitCode::partial;
}

// One question for all of it. The restore goes by the plan that was agreed to, hours before.
Result<ExitCode> thaw_and_restore(const Context& context, const FilesRestoreFlags& flags,
                                  Planned& planned) {
  TRY(make_plan(context, flags, planned));
  const files::PlanTotals& totals = planned.plan.totals;
  if (flags.wait && !flags.folder) TRY(check_none_lost(flags, totals));
  TRY(thaw(context, *planned.access, planned.target, flags, totals));
  if (!flags.wait || flags.dry_run) return ExitCode::ok;
  TRY(wait_for_thawed(context, *planned.access, planned.target, flags));
  FilesRestoreFlags rest = flags;
  rest.yes = true;
  rest.agreed = planned.plan;
  if (rest.folder) return fetch(context, *planned.access, planned.target, rest);
  TRY(make_plan(context, rest, planned));
  return carry_out(context, rest, planned);
}

}  // namespace

Result<files::RestorePlan> agree_to_files_restore(const Context& context,
                                                  const FilesRestoreFlags& flags) {
  Planned planned = TRY(open_target(context, flags));
  TRY(make_plan(context, flags, planned));
  TRY(check_whole(flags, planned.plan.totals));
  TRY(confirm(context, flags.yes, "the restore of rows and files", flags.source));
  return planned.plan;
}

Result<ExitCode> restore_files(const Context& context, const FilesRestoreFlags& flags) {
  if (!flags.moment.at && !flags.moment.point)
    return Error{ErrorKind::invalid_input, "as of when is missing",
                 "give --at TIME, or --point ARCHIVE"};
  if (flags.wait && !flags.thaw)
    return Error{ErrorKind::invalid_input, "--wait is of no use without --thaw", "give both"};
  Planned planned = TRY(open_target(context, flags));
  if (flags.thaw) return thaw_and_restore(context, flags, planned);
  if (flags.folder && !flags.dry_run) return fetch(context, *planned.access, planned.target, flags);
  TRY(make_plan(context, flags, planned));
  return carry_out(context, flags, planned);
}

FilesPart::FilesPart(std::unique_ptr<Planned> planned) : planned_(std::move(planned)) {}

FilesPart::~FilesPart() = default;

Result<std::unique_ptr<FilesPart>> FilesPart::plan(const Context& context,
                                                   const FilesRestoreFlags& flags) {
  auto planned = std::make_unique<Planned>(TRY(open_target(context, flags)));
  files::Bucket& bucket = planned->access->bucket();
  TRY(bucket.check_versioned());
  planned->plan = TRY(files::plan_restore(bucket, planned->target, {}));
  return std::unique_ptr<FilesPart>(new FilesPart(std::move(planned)));
}

std::string FilesPart::where() const {
  return fmt::format("{}/{}", planned_->access->bucket().describe(), key_text(planned_->prefix));
}

TimePoint FilesPart::moment() const { return *planned_->moment.time; }

const files::RestorePlan& FilesPart::plan() const { return planned_->plan; }

Result<files::RestoreOutcome> FilesPart::apply(const Context& context) {
  if (planned_->plan.totals.nothing_to_do()) return files::RestoreOutcome();
  TRY(let_the_second_pass(context, planned_->access->bucket(), planned_->plan));
  return cli::apply(context, *planned_->access, planned_->target, planned_->plan,
                    planned_->access->config().jobs);
}

nlohmann::json files_outcome_json(const files::RestoreOutcome& outcome) {
  return outcome_json(outcome);
}

bool is_all_back(const files::RestoreOutcome& outcome) { return is_whole(outcome); }

}  // namespace tidemark::cli
