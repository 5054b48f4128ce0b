#include "cli/restore_files.h"

#include <algorithm>

#include <fmt/format.h>

#include "cli/archive_policies.h"
#include "cli/size_text.h"
#include "ops/points.h"

namespace tidemark::cli {
namespace {

using core::Severity;

bool is_done(const core::RestorePlan& plan) {
  return std::any_of(plan.steps.begin(), plan.steps.end(), [](const core::PlannedStep& step) {
    return step.act == core::RestoreAct::files && step.done;
  });
}

// What stops a restore that has not begun is only told of one that has: the database may be down.
void add_obstacle(core::RestorePlan& plan, const Error& error) {
  std::string hint = error.hint;
  hint += fmt::format("{}--no-files restores the rows alone", hint.empty() ? "" : "; ");
  plan.problems.push_back({plan.resumed ? Severity::warning : Severity::critical,
                           "the files: " + error.message, std::move(hint), error.kind});
}

}  // namespace

std::optional<Seconds> RestoreFiles::Wanted::skew(TimePoint files) const {
  return snapshot ? snapshot->skew_of(files) : std::optional(Seconds(0));
}

Result<std::string> RestoreFiles::find_inventory(const ops::SnapshotMoment& snapshot,
                                                 core::RestorePlan& plan) const {
  const auto access = TRY(FilesAccess::open(context_, source_.name));
  if (!access->has_repository()) return std::string();
  const auto repository = access->repository();
  auto found = repository
                   ? ops::find_inventory((*repository)->repository(), source_.name, snapshot.id)
                   : Result<repo::Archive>(repository.error());
  // One that a report was made into may be older than the snapshot; the bucket knows better.
  const TimePoint moment = std::chrono::floor<Seconds>(snapshot.moment);
  if (found) return found->moment < moment ? std::string() : found->name.hex();
  if (found.error().kind == ErrorKind::cancelled) return found.error();
  if (found.error().kind != ErrorKind::not_found)
    plan.problems.push_back({Severity::warning,
                             fmt::format("whether {} has an inventory is not known: {}",
                                         snapshot.id, found.error().message),
                             "without one a file whose version was destroyed since looks as if it "
                             "had never been there"});
  return std::string();
}

Result<RestoreFiles::Wanted> RestoreFiles::find_moment(const ops::PreparedRestore& prepared,
                                                       core::RestorePlan& plan) const {
  const std::string& origin = plan.goal.origin;
  if (core::is_time_origin(origin)) {
    if (const auto time = core::time_of_origin(origin)) return Wanted{.moment = *time};
    return Error{ErrorKind::invalid_input,
                 "which moment the latest one is shows only once the rows are restored",
                 "give the moment: --to-time TIME"};
  }
  const auto found = prepared.surveyed.snapshots.find(origin);
  if (found == prepared.surveyed.snapshots.end())
    return Error{ErrorKind::not_found,
                 fmt::format("the snapshot {} is gone, and its moment with it", origin),
                 fmt::format("`tidemark files restore {} --at TIME`", source_.name)};
  const auto point = ops::to_point(found->second, ops::Origin::ours, source_.name);
  if (!point.created)
    return Error{ErrorKind::conflict, fmt::format("snapshot {} is not taken yet", origin),
                 "look again with `tidemark status`"};
  Wanted wanted{.moment = *point.created, .snapshot = ops::snapshot_moment(point)};
  wanted.point = TRY(find_inventory(*wanted.snapshot, plan));
  return wanted;
}

Status RestoreFiles::make_plan(const ops::PreparedRestore& prepared, core::RestorePlan& plan) {
  const Wanted wanted = TRY(find_moment(prepared, plan));
  flags_ = {.source = source_.name};
  if (wanted.point.empty())
    flags_.moment.at = format_time(wanted.moment);
  else
    flags_.moment.point = wanted.point;
  moment_words_ =
      wanted.point.empty() ? "--at " + *flags_.moment.at : "--point " + plan.goal.origin;
  part_ = TRY(FilesPart::plan(context_, flags_));
  const files::PlanTotals& totals = part_->plan().totals;
  undo_at_ = std::min(undo_at_, part_->plan().made);
  plan.files = core::PlannedFiles{.bucket = part_->where(),
                                  .moment = part_->moment(),
                                  .inventory = short_archive(wanted.point),
                                  .skew = wanted.skew(part_->moment()),
                                  .copies = totals.copies,
                                  .copied_bytes = totals.copied_bytes,
                                  .removed = totals.marks,
                                  .unchanged = totals.unchanged,
                                  .lost = totals.lost,
                                  .cold = totals.cold};
  return Done{};
}

std::string RestoreFiles::command() const {
  return fmt::format("tidemark files restore {} {}", source_.name, moment_words_);
}

void RestoreFiles::judge_totals(core::RestorePlan& plan) const {
  const core::PlannedFiles& files = *plan.files;
  if (files.lost > 0)
    add_obstacle(plan,
                 {ErrorKind::conflict,
                  fmt::format("{} cannot be brought back: their versions are gone", files.lost),
                  fmt::format("`{} --dry-run` names them; restore the rows without them, then "
                              "the others with --partial",
                              command())});
  if (files.cold > 0)
    add_obstacle(
        plan,
        {ErrorKind::conflict,
         fmt::format("{} are in an archive class and cannot be read now", files.cold),
         fmt::format("`{} --thaw` asks for them; run this again when they are there", command())});
}

void RestoreFiles::add_to(ops::PreparedRestore& prepared) {
  core::RestorePlan& plan = prepared.plan;
  if (!source_.files || is_done(plan)) return;
  undo_at_ = *core::operation_began(plan.goal.operation);
  if (!plan.goal.bring_files) {
    const bool beside = !plan.goal.in_place;
    const auto time = core::time_of_origin(plan.goal.origin);
    const auto snapshot = prepared.surveyed.snapshots.find(plan.goal.origin);
    std::string words = "--at TIME";
    if (time) words = "--at " + format_time(*time);
    if (snapshot != prepared.surveyed.snapshots.end())
      if (const auto point = ops::to_point(snapshot->second, ops::Origin::ours, source_.name);
          point.created)
        words = "--at " + format_time(*point.created);
    plan.problems.push_back(
        {Severity::note,
         fmt::format("the files in s3://{} stay as they are now, whatever the rows say",
                     source_.files->bucket),
         fmt::format("{}`tidemark files restore {} {}{}` brings them to that moment",
                     beside ? "" : "--files brings them back with the rows; afterwards ",
                     source_.name, words, beside ? " --to FOLDER" : "")});
    return;
  }
  const Status made = make_plan(prepared, plan);
  if (!made) add_obstacle(plan, made.error());
  if (made) judge_totals(plan);
  std::stable_sort(plan.problems.begin(), plan.problems.end(),
                   [](const auto& a, const auto& b) { return a.severity > b.severity; });
}

Status RestoreFiles::bring_back() {
  // Of a restore that went on, it may not have been possible to plan.
  if (!part_ && moment_words_.empty())
    return Error{ErrorKind::not_found, "which moment they are to be brought back to is not known",
                 "--no-files ends the restore without them"};
  if (!part_) part_ = TRY(FilesPart::plan(context_, flags_));
  auto applied = part_->apply(context_);
  if (!applied) {
    Error error = std::move(applied).error();
    error.hint += fmt::format("{}--no-files ends the restore without the files",
                              error.hint.empty() ? "" : "; ");
    return error;
  }
  outcome_ = *std::move(applied);
  return Done{};
}

std::vector<core::Problem> RestoreFiles::problems() const {
  if (!outcome_ || is_all_back(*outcome_)) return {};
  return {{Severity::warning, "not all files in the bucket are as they were at that moment",
           fmt::format("`{} --partial` names them, and tries again", command())}};
}

std::string RestoreFiles::text() const {
  if (!outcome_) return "";
  return fmt::format(
      "  files       copied back {}, {}; removed {}\n"
      "    -> as before the restore:    tidemark files restore {} --at {}\n",
      outcome_->copied, size_text(outcome_->copied_bytes), outcome_->marked, source_.name,
      format_time(undo_at_));
}

}  // namespace tidemark::cli
